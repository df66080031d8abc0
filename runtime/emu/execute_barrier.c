//===- execute_barrier.c - where threads wait for each other -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A thread that waits stands behind the instruction at which it does. Whoever comes last lets all go on. Threads that have ended are not
// waited for.
#include "tenon/runtime/emu/check_impl.h"
#include "tenon/runtime/emu/read_impl.h"

void emu_hold(emu_warp *w, uint32_t lanes, emu_wait wait) {
  emu_interrupt(w);
  w->ready &= ~lanes;
  for (uint32_t left = lanes; left; left &= left - 1)
    w->wait[__builtin_ctz(left)] = (uint8_t)wait;
}

void emu_release(emu_warp *w, uint32_t lanes) {
  emu_interrupt(w);
  w->ready |= lanes;
  ++w->block->progress;
  for (uint32_t left = lanes; left; left &= left - 1)
    w->wait[__builtin_ctz(left)] = EMU_RUNS;
}

//===----------------------------------------------------------------------===//
// Lanes of a warp
//===----------------------------------------------------------------------===//

// The lanes of `members` that wait behind instruction `pc` - 1 for exactly these members.
static uint32_t waiting_for(const emu_warp *w, uint32_t members, uint32_t pc) {
  uint32_t there = 0;
  for (uint32_t left = members & ~w->ready; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    there |= (uint32_t)(w->wait[i] == EMU_AT_COLLECTIVE && w->meeting[i] == members && w->pc[i] == pc) << i;
  }
  return there;
}

bool emu_meet(emu_warp *w, const emu_instruction *in, uint32_t *lanes, const emu_operand *mask) {
  uint32_t came = *lanes, members = (uint32_t)emu_unsigned(w, mask, __builtin_ctz(came));
  uint32_t pc = (uint32_t)(in - w->block->module->instructions) + 1;
  if (mask->kind == EMU_CONSTANT && (members & w->alive) == came)
    return true;
  for (uint32_t left = came; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    uint32_t own = (uint32_t)emu_unsigned(w, mask, i);
    if (!(own >> i & 1)) {
      emu_stop_as(w, in, EMU_DIVERGENCE, NULL, "lane %d is not in its own member mask 0x%08x", i, own);
      return false;
    }
    if (own != members) { // several parties at once: each lane for itself, the others wait for their turn
      uint32_t same = 0;
      for (uint32_t other = came; other; other &= other - 1)
        same |= (uint32_t)((uint32_t)emu_unsigned(w, mask, __builtin_ctz(other)) == members) << __builtin_ctz(other);
      emu_interrupt(w);
      emu_jump(w, came & ~same, pc - 1);
      *lanes = came = same;
      break;
    }
  }
  uint32_t there = came | waiting_for(w, members, pc);
  if ((members & w->alive & ~there) == 0) {
    if (there != came)
      emu_release(w, there & ~came);
    *lanes = there;
    return true;
  }
  for (uint32_t left = came; left; left &= left - 1)
    w->meeting[__builtin_ctz(left)] = members;
  emu_hold(w, came, EMU_AT_COLLECTIVE);
  return false;
}

// Those whose last missing member has ended go back to their instruction, where all are there now.
void emu_leave_collectives(emu_warp *w) {
  uint32_t waiting = 0;
  for (int i = 0; i < EMU_LANES; ++i)
    waiting |= (uint32_t)((w->alive >> i & 1) && w->wait[i] == EMU_AT_COLLECTIVE) << i;
  while (waiting) {
    int first = __builtin_ctz(waiting);
    uint32_t there = waiting_for(w, w->meeting[first], w->pc[first]);
    waiting &= ~(there | UINT32_C(1) << first);
    if (w->meeting[first] & w->alive & ~there)
      continue;
    const emu_instruction *in = &w->block->module->instructions[w->pc[first] - 1];
    if (w->block->check)
      emu_find(w, in, first, EMU_DIVERGENCE, "waits at %.*s for lanes 0x%08x, of which 0x%08x ended without coming to it", in->text.length,
               in->text.at, w->meeting[first], w->meeting[first] & ~w->alive);
    emu_release(w, there);
    for (uint32_t left = there; left; left &= left - 1)
      --w->pc[__builtin_ctz(left)];
  }
}

// bar.warp.sync mask
static void warp_barrier(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (emu_meet(w, in, &lanes, &in->operands[0]) && w->block->check)
    emu_check_warp_barrier(w, in, lanes);
}

//===----------------------------------------------------------------------===//
// Threads of a block
//===----------------------------------------------------------------------===//

typedef enum barrier_kind { SYNC, ARRIVE, REDUCE_COUNT, REDUCE_AND, REDUCE_OR, CLUSTER_ARRIVE, CLUSTER_WAIT } barrier_kind;

// Gives the lanes that wait for a reduction its result.
static void deliver(emu_warp *w, uint32_t lanes, const emu_barrier *barrier, uint32_t threads) {
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    const emu_instruction *in = &w->block->module->instructions[w->pc[i] - 1];
    if (in->mode == REDUCE_COUNT)
      emu_set_unsigned(w, &in->operands[0], i, barrier->votes);
    else if (in->mode == REDUCE_AND || in->mode == REDUCE_OR)
      emu_set_predicate(w, &in->operands[0], UINT32_C(1) << i,
                        (in->mode == REDUCE_AND ? barrier->votes == threads : barrier->votes != 0) ? UINT32_MAX : 0);
  }
}

static void open_when_full(emu_block *block, int id) {
  emu_barrier *barrier = &block->barriers[id];
  uint32_t expected = barrier->expected ? barrier->expected : block->live_threads;
  if (barrier->arrived == 0 || barrier->arrived < expected)
    return;
  if (block->check)
    emu_check_barrier_opens(block, id);
  for (uint32_t i = 0; i < block->warp_count; ++i) {
    if (barrier->waiting[i] == 0)
      continue;
    emu_interrupt(&block->warps[i]);
    deliver(&block->warps[i], barrier->waiting[i], barrier, barrier->arrived);
    emu_release(&block->warps[i], barrier->waiting[i]);
  }
  *barrier = (emu_barrier){.phase = barrier->phase + 1};
}

void emu_leave_barriers(emu_block *block) {
  for (int id = 0; id <= EMU_BARRIERS; ++id)
    if (block->barriers[id].arrived && !block->barriers[id].expected)
      open_when_full(block, id);
}

// Lanes that name the same barrier come to it.
static void come(emu_warp *w, const emu_instruction *in, uint32_t lanes, uint32_t id, uint32_t expected, uint32_t votes) {
  emu_block *block = w->block;
  emu_barrier *barrier = &block->barriers[id];
  bool waits = in->mode != ARRIVE && in->mode != CLUSTER_ARRIVE;
  uint32_t count = (uint32_t)__builtin_popcount(lanes);
  if (barrier->arrived && barrier->expected != expected) {
    emu_stop_as(w, in, EMU_DIVERGENCE, NULL, "barrier %u is for %u threads here, but for %u where others came to it (0: all)",
                id, expected, barrier->expected);
    return;
  }
  if (expected && barrier->arrived + count > expected) {
    emu_stop_as(w, in, EMU_DIVERGENCE, NULL, "more threads come to barrier %u than the %u that it is for", id, expected);
    return;
  }
  barrier->expected = expected;
  barrier->arrived += count;
  barrier->votes += (uint32_t)__builtin_popcount(votes & lanes);
  if (block->check)
    emu_check_barrier(w, in, lanes, (int)id, waits);
  ++block->progress;
  if (waits) {
    barrier->waiting[w->index] |= lanes;
    for (uint32_t left = lanes; left; left &= left - 1)
      w->barrier[__builtin_ctz(left)] = (uint8_t)id;
    emu_hold(w, lanes, EMU_AT_BARRIER);
  }
  open_when_full(block, (int)id);
}

static void block_barrier(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  int at = in->mode >= REDUCE_COUNT; // behind the result
  int votes_at = in->operand_count - 1;
  bool has_count = in->operand_count > 1 + 2 * at;
  uint32_t votes = at ? emu_predicate(w, &in->operands[votes_at]) : 0;
  while (lanes) {
    int first = __builtin_ctz(lanes);
    uint64_t id = emu_unsigned(w, &in->operands[at], first), expected = has_count ? emu_unsigned(w, &in->operands[at + 1], first) : 0;
    uint32_t same = 0;
    for (uint32_t left = lanes; left; left &= left - 1) {
      int i = __builtin_ctz(left);
      same |=
          (uint32_t)(emu_unsigned(w, &in->operands[at], i) == id && (!has_count || emu_unsigned(w, &in->operands[at + 1], i) == expected))
          << i;
    }
    if (id >= EMU_BARRIERS || expected % EMU_LANES || expected > EMU_MAX_WARPS * EMU_LANES || (has_count && expected == 0)) {
      emu_stop(w, in, "expects a barrier of 0 to 15 and a multiple of 32 threads, but got barrier %llu and %llu", (unsigned long long)id,
               (unsigned long long)expected);
      return;
    }
    come(w, in, same, (uint32_t)id, (uint32_t)expected, votes);
    if (w->block->stopped)
      return;
    lanes &= ~same;
  }
}

// A cluster is one block: arriving and waiting are two instructions.
static void cluster_arrive(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t phase = w->block->barriers[EMU_CLUSTER_BARRIER].phase;
  for (uint32_t left = lanes; left; left &= left - 1)
    w->phase[__builtin_ctz(left)] = phase + 1;
  come(w, in, lanes, EMU_CLUSTER_BARRIER, 0, 0);
}

static void cluster_wait(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  (void)in;
  emu_barrier *barrier = &w->block->barriers[EMU_CLUSTER_BARRIER];
  uint32_t early = 0;
  for (uint32_t left = lanes; left; left &= left - 1)
    early |= (uint32_t)(w->phase[__builtin_ctz(left)] == barrier->phase + 1) << __builtin_ctz(left);
  if (!early)
    return;
  barrier->waiting[w->index] |= early;
  for (uint32_t left = early; left; left &= left - 1)
    w->barrier[__builtin_ctz(left)] = EMU_CLUSTER_BARRIER;
  emu_hold(w, early, EMU_AT_BARRIER);
}

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

static bool decode_cluster(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  emu_take(o, "aligned");
  (void)(emu_take(o, "release") || emu_take(o, "relaxed") || emu_take(o, "acquire"));
  in->mode = emu_take(o, "arrive") ? CLUSTER_ARRIVE : CLUSTER_WAIT;
  in->execute = in->mode == CLUSTER_ARRIVE ? cluster_arrive : cluster_wait;
  return in->mode == CLUSTER_ARRIVE || emu_take(o, "wait");
}

static bool decode_reducing(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  in->mode = emu_take(o, "popc") ? REDUCE_COUNT : emu_take(o, "and") ? REDUCE_AND : emu_take(o, "or") ? REDUCE_OR : SYNC;
  in->type = EMU_B32;
  o->types[0] = emu_take_type(o);
  o->writes = 1;
  o->least = 3, o->most = 4;
  // The last operand is a predicate: the third, or behind a count the fourth.
  int operands = emu_count_elements(o->reader->at, o->reader->end);
  o->types[operands == 4 ? 3 : 2] = EMU_PRED;
  return in->mode != SYNC && o->types[0] == (in->mode == REDUCE_COUNT ? EMU_U32 : EMU_PRED);
}

// bar, bar.cta, barrier, barrier.cta: .sync, .arrive, .red; bar.warp.sync; barrier.cluster
static bool decode_barrier(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  in->ends_run = true;
  in->type = EMU_B32;
  in->execute = block_barrier;
  o->writes = 0;
  o->least = 1, o->most = 2;
  if (emu_take(o, "cluster")) {
    o->least = o->most = 0;
    return decode_cluster(o);
  }
  if (emu_take(o, "warp")) {
    in->execute = warp_barrier;
    o->most = 1;
    return emu_take(o, "sync");
  }
  emu_take(o, "cta");
  in->mode2 = emu_take(o, "aligned") || emu_text_is(o->parts[0], "bar"); // all lanes of a warp come to it together
  if (emu_take(o, "red"))
    return decode_reducing(o);
  in->mode = emu_take(o, "arrive") ? ARRIVE : SYNC;
  o->least = in->mode == ARRIVE ? 2 : 1;
  return in->mode == ARRIVE || emu_take(o, "sync");
}

const emu_decoder emu_barrier_decoders[] = {{"bar", decode_barrier}, {"barrier", decode_barrier}, {NULL, NULL}};
