//===- check_state_impl.h - clocks of threads, shadows of memory ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Races are found by vector clocks. Every thread counts epochs: one ends whenever the thread gives what it did to others. An access is
// known by block, thread and epoch; it is in order before what a thread does now if the thread knows of that epoch, which it does
//   - of its warp's lanes by a row of its own (bar.warp.sync changes nothing else),
//   - of its block's other threads by a clock that it shares with those who passed the same barrier,
//   - of other blocks, and by way of flags and tickets, by what was found at places in memory (emu_known), which clocks point to.
// Copies that go on by themselves land as the block's agent, a thread more.
#ifndef TENON_RUNTIME_EMU_CHECK_STATE_IMPL_H
#define TENON_RUNTIME_EMU_CHECK_STATE_IMPL_H

#include "tenon/runtime/emu/check_impl.h"

//===----------------------------------------------------------------------===//
// Clocks
//===----------------------------------------------------------------------===//

// What somebody has given: what a thread knew at a time, or two such things together. Lives as long as the launch.
typedef struct emu_known {
  struct emu_known *parents[2];
  struct emu_known *older; // in the list of all
  struct emu_known *later; // of those that a search has yet to look at
  uint64_t visit;          // of the last search
  uint32_t block, slots;   // slots: of `at`; 0: it only joins its parents
  bool in_block;           // was given to the block alone
  uint32_t at[];           // the epochs of its block's threads
} emu_known;

typedef struct emu_clock {
  struct emu_clock *next; // of the unused
  uint32_t references;
  emu_known *outer;
  uint32_t at[];
} emu_clock;

// A thread's last fence.
typedef struct emu_fence {
  emu_clock *known; // null: there was none
  uint32_t row[EMU_LANES];
  emu_known *made;  // what was given of it
  bool in_block;
} emu_fence;

typedef struct emu_meeting { // an mbarrier
  const uint8_t *place;
  emu_clock *arriving, *complete;
} emu_meeting;

typedef struct emu_recall { // where the epochs of a block were found lately
  const emu_known *outer, *found;
  uint32_t block;
} emu_recall;

//===----------------------------------------------------------------------===//
// Shadows
//===----------------------------------------------------------------------===//

enum { EMU_PAGE_BYTES = 256, EMU_RECALLS = 1024 };
enum { EMU_HOW_WRITES = 1, EMU_HOW_STRONG = 2, EMU_HOW_ON_THE_WAY = 4, EMU_HOW_BITS = 3 };
enum { EMU_THREAD_BITS = 11 };

typedef struct emu_touch {
  uint32_t block; // its number + 1; 0: none
  uint32_t when;  // epoch, thread
  uint32_t how;   // instruction, EMU_HOW_
} emu_touch;

// Of the readings since the last writing, the first that is in no order before a later one, and the last.
typedef struct emu_cell {
  emu_touch write, reads[2];
} emu_cell;

// Cells are of 4 bytes, until one of them is touched in part: then the page's are of one byte each.
typedef struct emu_page {
  emu_cell *cells;
  uint32_t generation; // cells of an earlier one say nothing
  bool by_byte, locked;
} emu_page;

typedef struct emu_shadow {
  uint8_t *data;
  int64_t bytes;
  emu_page *pages;
  uint8_t *written; // a bit a byte; null: all is
} emu_shadow;

bool emu_shadow_make(emu_shadow *shadow, uint8_t *data, int64_t bytes, bool pages, bool written);
void emu_shadow_free(emu_shadow *shadow);
void emu_shadow_write(emu_shadow *shadow, int64_t at, int64_t bytes, bool written);
// The first byte of `bytes` at `at` that was never written, or -1.
int64_t emu_shadow_unwritten(const emu_shadow *shadow, int64_t at, int64_t bytes);

typedef struct emu_check {
  emu_block *block;
  uint32_t number; // the block's in the grid
  uint32_t threads, slots, agent;
  uint32_t generation;
  emu_clock **known;  // by thread
  uint32_t *own;      // by thread and agent: the epoch that it is in
  uint32_t *rows;     // by thread: of its warp's lanes
  emu_clock *unused;
  emu_clock *joined[3]; // the last two that were joined, and what came of it
  emu_clock *arrived[EMU_BARRIERS + 1];
  emu_meeting *meetings;
  uint32_t meeting_count, meeting_room;
  emu_fence *fences;   // by thread; null: no fence yet
  emu_known **pending; // by thread: becomes known with its next fence
  emu_recall recalls[EMU_RECALLS];
  emu_shadow shared, local;
  int64_t *on_the_way; // by thread: bytes that it must wait for
  int64_t all_on_the_way;
} emu_check;

static inline uint32_t emu_thread_of(uint32_t when) {
  return when & ((UINT32_C(1) << EMU_THREAD_BITS) - 1);
}

emu_clock *emu_clock_new(emu_check *check);
void emu_clock_drop(emu_check *check, emu_clock *clock);
// Makes `*clock` know what the other clock does; it may become the other one.
void emu_clock_join(emu_check *check, emu_clock **clock, emu_clock *other);
// Adds all that a thread knows and did to a clock. What `already` says is in it.
void emu_clock_gather(emu_check *check, emu_clock **clock, uint32_t thread, const emu_clock *already);
// From now on the thread knows what the clock says.
void emu_thread_learns(emu_check *check, uint32_t thread, emu_clock *clock);
void emu_thread_next_epoch(emu_check *check, uint32_t thread);
// The epoch at which a copy lands with the phase of an mbarrier that is under way.
uint32_t emu_agent_lands(emu_check *check, const uint8_t *barrier);
bool emu_is_ordered(emu_check *check, uint32_t thread, const emu_touch *touch);

// Writes an access down; the first byte at which it is at odds with another, `*odds`, or -1. Something on the way has landed.
int64_t emu_shadow_touch(emu_check *check, emu_shadow *shadow, int64_t at, int64_t bytes, uint32_t thread, const emu_touch *touch,
                         emu_touch *odds);
void emu_shadow_land(emu_check *check, emu_shadow *shadow, int64_t at, int64_t bytes, bool writes, uint32_t thread, uint32_t when);

//===----------------------------------------------------------------------===//
// Order by memory
//===----------------------------------------------------------------------===//

tenon_status emu_order_begin(emu_launch *launch);
void emu_order_end(emu_launch *launch);
// Whether an epoch of a block's thread is known. Makes one of two things known.
bool emu_knows(emu_check *check, const emu_known *known, uint32_t block, uint32_t thread, uint32_t epoch);
emu_known *emu_known_join(emu_launch *launch, emu_known *a, emu_known *b);

// The shadow of a place, and the place in it; null: that memory is not watched.
emu_shadow *emu_shadow_of(emu_check *check, emu_space space, const uint8_t *place, int64_t *at);

#endif /* TENON_RUNTIME_EMU_CHECK_STATE_IMPL_H */
