//===- execute_impl.h - warps, blocks, and what executors share ----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A warp executes an instruction for all lanes that stand at it. Each lane has a next instruction of its own, so lanes part at branches and
// meet again where their next instruction is the same; the lanes that are furthest behind go first. A lane waits at barriers and at what
// lanes do together.
#ifndef TENON_RUNTIME_EMU_EXECUTE_IMPL_H
#define TENON_RUNTIME_EMU_EXECUTE_IMPL_H

#include "tenon/runtime/emu/machine.h"
#include "tenon/runtime/emu/ptx.h"

#include <math.h>
#include <string.h>

enum { EMU_BARRIERS = 16, EMU_CLUSTER_BARRIER = EMU_BARRIERS, EMU_MAX_WARPS = 32 };

// Predicate 0 of every warp is the carry of sums in parts.
enum { EMU_CARRY = 0 };

typedef struct emu_barrier {
  uint32_t expected;               // threads; 0: all that live
  uint32_t arrived;                // threads, with those that do not wait
  uint32_t waiting[EMU_MAX_WARPS]; // lanes
  uint32_t votes;                  // of bar.red: how many said yes
  uint32_t phase;                  // how often it was passed
} emu_barrier;

typedef struct emu_launch emu_launch; // machine_impl.h

typedef struct emu_block {
  emu_launch *launch;
  const emu_module *module;
  uint32_t index[3]; // %ctaid
  uint32_t threads, warp_count;
  struct emu_warp *warps;
  uint8_t *shared;
  int64_t shared_bytes;
  emu_barrier barriers[EMU_BARRIERS + 1];
  uint32_t live_threads;
  struct emu_check *check; // what the checks know of the block; null: they are off
  uint64_t random;         // of the schedule
  bool stopped;            // an error has ended the launch
  uint64_t progress;       // grows with whatever could let a waiting lane go on
  uint64_t left;           // thread instructions until the limit
  uint64_t *hits;          // thread instructions of each instruction; null: not counted
} emu_block;

typedef enum emu_wait { EMU_RUNS, EMU_AT_BARRIER, EMU_AT_COLLECTIVE, EMU_EXITED } emu_wait;

typedef struct emu_warp {
  uint8_t *bases[2];    // of registers and of constants
  uint32_t *predicates; // bits by lane
  emu_block *block;
  uint32_t index;
  // The lanes that run stand at one instruction; `next` is where they go on. Once `interrupted`, every lane's own `pc` holds instead.
  uint32_t running, next;
  bool interrupted;
  bool yields;           // others should run now
  uint32_t after;        // lanes from this instruction on have the next turn
  uint32_t alive, ready; // lanes
  uint32_t pc[EMU_LANES];
  uint32_t meeting[EMU_LANES]; // the lanes that a lane waits for at a collective
  uint32_t phase[EMU_LANES];   // of the cluster's barrier when a lane came to it
  uint8_t wait[EMU_LANES];     // a lane that waits stands behind the instruction at which it does
  uint8_t barrier[EMU_LANES];
  uint8_t *local[EMU_LANES];
  uint64_t low, high;      // the buffer of the last access to global memory
  struct emu_async *async; // copies on the way
  uint64_t executed;       // thread instructions
} emu_warp;

// Stops the launch with an error of the instruction; the first one counts.
__attribute__((format(printf, 5, 6))) void emu_stop_as(emu_warp *warp, const emu_instruction *in, emu_kind kind, const emu_site *other,
                                                       const char *format, ...);
#define emu_stop(warp, in, ...) emu_stop_as(warp, in, EMU_FAULT, NULL, __VA_ARGS__)

//===----------------------------------------------------------------------===//
// Lanes and operands
//===----------------------------------------------------------------------===//

#if defined(__clang__)
#define EMU_VECTORISE _Pragma("clang loop vectorize(assume_safety)")
#else
#define EMU_VECTORISE _Pragma("GCC ivdep")
#endif

// The body for each of the lanes; the loop over all of them is one that compilers vectorise: places overlap wholly or not at all.
#define EMU_FOR_LANES(lanes, i, ...)                                                                                                       \
  do {                                                                                                                                     \
    if ((lanes) == UINT32_MAX) {                                                                                                           \
      EMU_VECTORISE                                                                                                                        \
      for (int i = 0; i < EMU_LANES; ++i) {                                                                                                \
        __VA_ARGS__                                                                                                                        \
      }                                                                                                                                    \
    } else {                                                                                                                               \
      for (uint32_t emu_left = (lanes); emu_left; emu_left &= emu_left - 1) {                                                              \
        int i = __builtin_ctz(emu_left);                                                                                                   \
        __VA_ARGS__                                                                                                                        \
      }                                                                                                                                    \
    }                                                                                                                                      \
  } while (0)

static inline void *emu_place(const emu_warp *w, uint8_t kind, uint32_t at) {
  return w->bases[kind == EMU_CONSTANT] + at;
}

// The lanes of an operand, `width` bytes each.
static inline void *emu_lanes(const emu_warp *w, const emu_operand *operand) {
  return emu_place(w, operand->kind, operand->at);
}

static inline const emu_part *emu_part_of(const emu_warp *w, const emu_operand *operand, int element) {
  return &w->block->module->parts[operand->parts + (uint32_t)element];
}

static inline void *emu_element(const emu_warp *w, const emu_operand *operand, int element) {
  const emu_part *part = emu_part_of(w, operand, element);
  return emu_place(w, part->kind, part->at);
}

// The lanes in which a predicate operand is true.
static inline uint32_t emu_predicate(const emu_warp *w, const emu_operand *operand) {
  uint32_t bits = w->predicates[operand->at];
  return operand->negated ? ~bits : bits;
}

// Sets a predicate for the lanes; an operand that is not there is left alone.
static inline void emu_set_predicate(emu_warp *w, const emu_operand *operand, uint32_t lanes, uint32_t bits) {
  if (operand->kind == EMU_PREDICATE)
    w->predicates[operand->at] = (w->predicates[operand->at] & ~lanes) | (bits & lanes);
}

// A lane's value of an integer operand of 4 or 8 bytes.
static inline uint64_t emu_unsigned(const emu_warp *w, const emu_operand *operand, int lane) {
  const void *at = emu_lanes(w, operand);
  return operand->width == 8 ? ((const uint64_t *)at)[lane] : ((const uint32_t *)at)[lane];
}

static inline void emu_set_unsigned(const emu_warp *w, const emu_operand *operand, int lane, uint64_t value) {
  void *at = emu_lanes(w, operand);
  if (operand->width == 8)
    ((uint64_t *)at)[lane] = value;
  else
    ((uint32_t *)at)[lane] = (uint32_t)value;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static inline float emu_from_half(uint16_t bits) {
  _Float16 value;
  memcpy(&value, &bits, 2);
  return (float)value;
}

static inline uint16_t emu_to_half(float value) {
  _Float16 half = (_Float16)value;
  uint16_t bits;
  memcpy(&bits, &half, 2);
  return bits;
}

static inline float emu_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline uint32_t emu_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static inline float emu_from_bfloat(uint16_t bits) {
  return emu_from_bits((uint32_t)bits << 16);
}

// Rounded to nearest even; a number that is none stays so.
static inline uint16_t emu_to_bfloat(float value) {
  uint32_t bits = emu_bits(value);
  if (isnan(value))
    return 0x7fff;
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float emu_flush(float value) {
  return fabsf(value) < 0x1p-126f ? copysignf(0, value) : value;
}

//===----------------------------------------------------------------------===//
// Executors that the reader and the machine name
//===----------------------------------------------------------------------===//

void emu_execute_call(emu_warp *warp, const emu_instruction *in, uint32_t lanes);
void emu_execute_call_end(emu_warp *warp, const emu_instruction *in, uint32_t lanes);
void emu_execute_return(emu_warp *warp, const emu_instruction *in, uint32_t lanes);

//===----------------------------------------------------------------------===//
// Where lanes go on
//===----------------------------------------------------------------------===//

// From here on every lane's own `pc` holds, and the lanes that run next are chosen anew.
static inline void emu_interrupt(emu_warp *w) {
  if (!w->interrupted)
    for (uint32_t left = w->running; left; left &= left - 1)
      w->pc[__builtin_ctz(left)] = w->next;
  w->interrupted = true;
}

// Moves running lanes to an instruction.
static inline void emu_jump(emu_warp *w, uint32_t lanes, uint32_t to) {
  if (lanes == w->running && !w->interrupted) {
    w->next = to;
    return;
  }
  emu_interrupt(w);
  for (uint32_t left = lanes; left; left &= left - 1)
    w->pc[__builtin_ctz(left)] = to;
}

// Running lanes wait from now on, behind their instruction.
void emu_hold(emu_warp *w, uint32_t lanes, emu_wait wait);
// Lanes that waited, in any warp of the block, go on.
void emu_release(emu_warp *w, uint32_t lanes);
// Whether all lanes of the member mask (operand `mask`) have come to this instruction: `*lanes` are then all of them. Else the lanes that
// came wait, and nothing is to be done until the last comes.
bool emu_meet(emu_warp *w, const emu_instruction *in, uint32_t *lanes, const emu_operand *mask);
// Lanes that end no longer hold up others.
void emu_leave_collectives(emu_warp *w);
void emu_leave_barriers(emu_block *block);

// Stops the run of this warp after the instruction, so that others get on: a wait in a loop failed.
static inline void emu_yield(emu_warp *w) {
  w->yields = true;
  emu_interrupt(w);
}

#endif /* TENON_RUNTIME_EMU_EXECUTE_IMPL_H */
