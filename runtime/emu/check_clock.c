//===- check_clock.c - what threads know of each other -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_state_impl.h"

#include <stdlib.h>

emu_clock *emu_clock_new(emu_check *check) {
  emu_clock *clock = check->unused;
  if (clock)
    check->unused = clock->next;
  else
    clock = malloc(sizeof(*clock) + check->slots * sizeof(uint32_t));
  if (!clock)
    abort(); // a few KB: the process is lost
  memset(clock, 0, sizeof(*clock) + check->slots * sizeof(uint32_t));
  clock->references = 1;
  return clock;
}

void emu_clock_drop(emu_check *check, emu_clock *clock) {
  if (!clock || --clock->references)
    return;
  clock->next = check->unused;
  check->unused = clock;
}

// A clock that nobody else holds.
static emu_clock *own_clock(emu_check *check, emu_clock *clock) {
  if (clock->references == 1)
    return clock;
  emu_clock *copy = emu_clock_new(check);
  copy->outer = clock->outer;
  memcpy(copy->at, clock->at, check->slots * sizeof(*copy->at));
  --clock->references;
  return copy;
}

static bool covers(const emu_check *check, const emu_clock *a, const emu_clock *b) {
  uint32_t less = 0;
  for (uint32_t i = 0; i < check->slots; ++i)
    less |= (uint32_t)(a->at[i] < b->at[i]);
  return !less && (!b->outer || a->outer == b->outer);
}

// Threads that share a clock go on sharing one: what two clocks became together is kept until two others are joined.
void emu_clock_join(emu_check *check, emu_clock **clock, emu_clock *other) {
  emu_clock *before = *clock, *after, **memo = check->joined;
  if (!other || before == other)
    return;
  if (before && memo[0] == before && memo[1] == other) {
    after = memo[2];
  } else if (!before || covers(check, other, before)) {
    after = other;
  } else if (covers(check, before, other)) {
    after = before;
  } else {
    ++before->references;
    after = own_clock(check, before);
    for (uint32_t i = 0; i < check->slots; ++i)
      after->at[i] = after->at[i] > other->at[i] ? after->at[i] : other->at[i];
    after->outer = emu_known_join(check->block->launch, after->outer, other->outer);
    --after->references;
  }
  ++after->references;
  if (before && memo[2] != after) {
    emu_clock *kept[3] = {before, other, after};
    for (int i = 0; i < 3; ++i) {
      ++kept[i]->references;
      emu_clock_drop(check, memo[i]);
      memo[i] = kept[i];
    }
  }
  emu_clock_drop(check, before);
  *clock = after;
}

void emu_clock_gather(emu_check *check, emu_clock **clock, uint32_t thread, const emu_clock *already) {
  if (check->known[thread] != already)
    emu_clock_join(check, clock, check->known[thread]);
  emu_clock *to = *clock = own_clock(check, *clock);
  uint32_t *at = to->at + thread / EMU_LANES * EMU_LANES;
  const uint32_t *row = check->rows + (size_t)thread * EMU_LANES;
  for (int j = 0; j < EMU_LANES; ++j)
    at[j] = at[j] > row[j] ? at[j] : row[j];
}

void emu_thread_learns(emu_check *check, uint32_t thread, emu_clock *clock) {
  if (!clock)
    return;
  uint32_t *row = check->rows + (size_t)thread * EMU_LANES;
  const uint32_t *at = clock->at + thread / EMU_LANES * EMU_LANES;
  for (int j = 0; j < EMU_LANES; ++j)
    row[j] = row[j] > at[j] ? row[j] : at[j];
  emu_clock_join(check, &check->known[thread], clock);
}

// An epoch that can't be counted any more goes on for ever: some races are missed then, none is made up.
void emu_thread_next_epoch(emu_check *check, uint32_t thread) {
  if (check->own[thread] < UINT32_MAX >> EMU_THREAD_BITS)
    ++check->own[thread];
  if (thread != check->agent)
    check->rows[(size_t)thread * EMU_LANES + thread % EMU_LANES] = check->own[thread];
}

bool emu_is_ordered(emu_check *check, uint32_t thread, const emu_touch *touch) {
  uint32_t who = emu_thread_of(touch->when), epoch = touch->when >> EMU_THREAD_BITS, block = touch->block - 1;
  const emu_clock *known = check->known[thread];
  if (block == check->number) {
    if (who == thread)
      return true;
    const uint32_t *row = check->rows + (size_t)thread * EMU_LANES;
    if (who / EMU_LANES == thread / EMU_LANES ? row[who % EMU_LANES] >= epoch : known->at[who] >= epoch)
      return true;
  }
  return known->outer && emu_knows(check, known->outer, block, who, epoch);
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

void emu_check_warp_barrier(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  (void)in;
  emu_check *check = w->block->check;
  uint32_t base = w->index * EMU_LANES, row[EMU_LANES] = {0};
  emu_clock *known = NULL;
  for (uint32_t left = lanes; left; left &= left - 1) {
    uint32_t thread = base + (uint32_t)__builtin_ctz(left);
    const uint32_t *own = check->rows + (size_t)thread * EMU_LANES;
    for (int j = 0; j < EMU_LANES; ++j)
      row[j] = row[j] > own[j] ? row[j] : own[j];
    emu_clock_join(check, &known, check->known[thread]);
  }
  for (uint32_t left = lanes; left; left &= left - 1) {
    uint32_t thread = base + (uint32_t)__builtin_ctz(left);
    memcpy(check->rows + (size_t)thread * EMU_LANES, row, sizeof(row));
    emu_clock_join(check, &check->known[thread], known);
    emu_thread_next_epoch(check, thread);
  }
  emu_clock_drop(check, known);
}

void emu_check_barrier(emu_warp *w, const emu_instruction *in, uint32_t lanes, int id, bool waits) {
  (void)in, (void)waits;
  emu_check *check = w->block->check;
  const emu_clock *already = NULL;
  for (uint32_t left = lanes; left; left &= left - 1) {
    uint32_t thread = w->index * EMU_LANES + (uint32_t)__builtin_ctz(left);
    emu_clock_gather(check, &check->arrived[id], thread, already);
    already = check->known[thread];
    emu_thread_next_epoch(check, thread);
  }
}

// Lanes of a warp must have come to one and the same barrier, and where it is for all threads, none may have ended before.
static void check_together(emu_warp *w, uint32_t lanes, int id) {
  const emu_block *block = w->block;
  const emu_instruction *code = block->module->instructions;
  int first = __builtin_ctz(lanes);
  const emu_instruction *at = &code[w->pc[first] - 1];
  if (id == EMU_CLUSTER_BARRIER || !at->mode2)
    return;
  for (uint32_t left = w->alive & ~(UINT32_C(1) << first); left; left &= left - 1) {
    int i = __builtin_ctz(left);
    if (w->pc[i] == w->pc[first] && (lanes >> i & 1))
      continue;
    const emu_instruction *there = &code[w->wait[i] == EMU_RUNS ? w->pc[i] : w->pc[i] - 1];
    emu_site other = {there->line, {block->index[0], block->index[1], block->index[2]}, w->index * EMU_LANES + (uint32_t)i};
    emu_find_pair(w, at, first, EMU_DIVERGENCE, &other,
                  "lanes 0x%08x pass barrier %d here while lane %d of their warp is at %.*s in line %u", lanes, id, i,
                  there->text.length, there->text.at, there->line);
    return;
  }
}

void emu_check_barrier_opens(emu_block *block, int id) {
  emu_check *check = block->check;
  emu_barrier *barrier = &block->barriers[id];
  bool told = barrier->expected || block->live_threads == block->threads || id == EMU_CLUSTER_BARRIER;
  for (uint32_t i = 0; i < block->warp_count; ++i) {
    emu_warp *w = &block->warps[i];
    uint32_t lanes = barrier->waiting[i];
    if (!lanes)
      continue;
    check_together(w, lanes, id);
    int first = __builtin_ctz(lanes);
    if (!told)
      emu_find(w, &block->module->instructions[w->pc[first] - 1], first, EMU_DIVERGENCE,
               "barrier %d is for all %u threads of the block, but %u ended before they came to it", id, block->threads,
               block->threads - block->live_threads);
    told = true;
    for (uint32_t left = lanes; left; left &= left - 1)
      emu_thread_learns(check, i * EMU_LANES + (uint32_t)__builtin_ctz(left), check->arrived[id]);
  }
  emu_clock_drop(check, check->arrived[id]);
  check->arrived[id] = NULL;
}

//===----------------------------------------------------------------------===//
// mbarriers
//===----------------------------------------------------------------------===//

static emu_meeting *meeting_at(emu_check *check, const uint8_t *place, bool make) {
  for (uint32_t i = 0; i < check->meeting_count; ++i)
    if (check->meetings[i].place == place)
      return &check->meetings[i];
  if (!make)
    return NULL;
  if (check->meeting_count == check->meeting_room) {
    uint32_t room = check->meeting_room ? 2 * check->meeting_room : 16;
    emu_meeting *grown = realloc(check->meetings, room * sizeof(*grown));
    if (!grown)
      abort();
    check->meetings = grown;
    check->meeting_room = room;
  }
  emu_meeting *meeting = &check->meetings[check->meeting_count++];
  *meeting = (emu_meeting){.place = place};
  return meeting;
}

void emu_check_mbarrier_arrives(emu_warp *w, int lane, const uint8_t *place) {
  emu_check *check = w->block->check;
  uint32_t thread = w->index * EMU_LANES + (uint32_t)lane;
  emu_clock_gather(check, &meeting_at(check, place, true)->arriving, thread, NULL);
  emu_thread_next_epoch(check, thread);
}

void emu_check_mbarrier_completes(emu_block *block, const uint8_t *place) {
  emu_check *check = block->check;
  emu_meeting *meeting = meeting_at(check, place, true);
  emu_clock_drop(check, meeting->complete);
  meeting->complete = meeting->arriving;
  meeting->arriving = NULL;
}

void emu_check_mbarrier_waited(emu_warp *w, int lane, const uint8_t *place) {
  const emu_meeting *meeting = meeting_at(w->block->check, place, false);
  if (meeting)
    emu_thread_learns(w->block->check, w->index * EMU_LANES + (uint32_t)lane, meeting->complete);
}

// A copy that lands with a phase of an mbarrier is done by the agent, whom those who wait for the phase then know.
uint32_t emu_agent_lands(emu_check *check, const uint8_t *barrier) {
  uint32_t epoch = check->own[check->agent];
  emu_meeting *meeting = meeting_at(check, barrier, true);
  if (!meeting->arriving)
    meeting->arriving = emu_clock_new(check);
  meeting->arriving = own_clock(check, meeting->arriving);
  meeting->arriving->at[check->agent] = epoch;
  emu_thread_next_epoch(check, check->agent);
  return epoch;
}
