//===- check_order.c - order by flags, tickets and fences ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A release, or a strong write after a fence, leaves at its place what its thread knows; an atomic change adds to what is there, so that a
// ticket holds what all who drew one gave. An acquire gets it, a strong read before a fence gets it with the fence. What is given is never
// copied: it refers to what was known before, and is searched only when an access of another block is met.
#include "tenon/runtime/emu/check_state_impl.h"

#include <stdlib.h>

typedef struct entry {
  const uint8_t *place; // null: free
  uint32_t block;       // of shared memory: its number + 1
  emu_known *known;
} entry;

struct emu_order {
  pthread_mutex_t lock;
  emu_known *all;
  uint64_t visit;
  entry *entries; // by hash
  uint32_t count, room;
};

tenon_status emu_order_begin(emu_launch *launch) {
  launch->order = calloc(1, sizeof(*launch->order));
  if (!launch->order)
    return tenon_out_of_memory("checks", (int64_t)sizeof(*launch->order));
  pthread_mutex_init(&launch->order->lock, NULL);
  return tenon_ok();
}

void emu_order_end(emu_launch *launch) {
  struct emu_order *order = launch->order;
  if (!order)
    return;
  for (emu_known *known = order->all, *older; known; known = older) {
    older = known->older;
    free(known);
  }
  pthread_mutex_destroy(&order->lock);
  free(order->entries);
  free(order);
  launch->order = NULL;
}

//===----------------------------------------------------------------------===//
// What is known
//===----------------------------------------------------------------------===//

static emu_known *new_known(struct emu_order *order, uint32_t slots) {
  emu_known *known = calloc(1, sizeof(*known) + slots * sizeof(*known->at));
  if (!known)
    abort();
  known->slots = slots;
  known->older = order->all;
  return order->all = known;
}

static emu_known *join(struct emu_order *order, emu_known *a, emu_known *b) {
  if (!a || !b || a == b)
    return a ? a : b;
  if (a->parents[0] == b || a->parents[1] == b)
    return a;
  emu_known *both = new_known(order, 0);
  both->parents[0] = a, both->parents[1] = b;
  return both;
}

emu_known *emu_known_join(emu_launch *launch, emu_known *a, emu_known *b) {
  if (!a || !b || a == b)
    return a ? a : b;
  pthread_mutex_lock(&launch->order->lock);
  emu_known *both = join(launch->order, a, b);
  pthread_mutex_unlock(&launch->order->lock);
  return both;
}

bool emu_knows(emu_check *check, const emu_known *known, uint32_t block, uint32_t thread, uint32_t epoch) {
  emu_recall *recall = &check->recalls[block % EMU_RECALLS];
  if (recall->outer == known && recall->block == block && recall->found->at[thread] >= epoch)
    return true;
  struct emu_order *order = check->block->launch->order;
  pthread_mutex_lock(&order->lock);
  uint64_t visit = ++order->visit;
  emu_known *work = (emu_known *)(uintptr_t)known, *found = NULL;
  work->visit = visit;
  work->later = NULL;
  while (work && !found) {
    emu_known *at = work;
    work = work->later;
    if (at->in_block && at->block != check->number)
      continue;
    if (at->slots && at->block == block && at->at[thread] >= epoch)
      found = at;
    for (int i = 0; i < 2; ++i)
      if (at->parents[i] && at->parents[i]->visit != visit) {
        at->parents[i]->visit = visit;
        at->parents[i]->later = work;
        work = at->parents[i];
      }
  }
  pthread_mutex_unlock(&order->lock);
  if (found)
    *recall = (emu_recall){known, found, block};
  return found != NULL;
}

// All that a thread knew and did, by its clock and row of then. Holds the lock.
static emu_known *snapshot(emu_check *check, uint32_t thread, const emu_clock *clock, const uint32_t *row, bool in_block) {
  emu_known *known = new_known(check->block->launch->order, check->slots);
  known->block = check->number;
  known->in_block = in_block;
  known->parents[0] = clock->outer;
  memcpy(known->at, clock->at, check->slots * sizeof(*known->at));
  memcpy(known->at + thread / EMU_LANES * EMU_LANES, row, EMU_LANES * sizeof(*row));
  return known;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static entry *slot_of(struct emu_order *order, const uint8_t *place, uint32_t block) {
  uint64_t hash = ((uint64_t)(uintptr_t)place + block) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
  uint32_t i = (uint32_t)hash & (order->room - 1);
  while (order->entries[i].place && (order->entries[i].place != place || order->entries[i].block != block))
    i = (i + 1) & (order->room - 1);
  return &order->entries[i];
}

static bool grow(struct emu_order *order) {
  struct emu_order larger = *order;
  larger.room = order->room ? 2 * order->room : 64;
  larger.entries = calloc(larger.room, sizeof(*larger.entries));
  if (!larger.entries)
    return false;
  for (uint32_t i = 0; i < order->room; ++i)
    if (order->entries[i].place)
      *slot_of(&larger, order->entries[i].place, order->entries[i].block) = order->entries[i];
  free(order->entries);
  order->entries = larger.entries;
  order->room = larger.room;
  return true;
}

static uint32_t block_of(const emu_check *check, const uint8_t *place) {
  bool is_shared = place >= check->shared.data && place < check->shared.data + check->shared.bytes;
  return is_shared ? check->number + 1 : 0;
}

// What the thread gives by a strong write: a release gives what it knows now, another one what it knew at its last fence.
static emu_known *given(emu_check *check, const emu_instruction *in, uint32_t thread) {
  if (in->flags & EMU_RELEASE)
    return snapshot(check, thread, check->known[thread], check->rows + (size_t)thread * EMU_LANES, in->flags & EMU_IN_BLOCK);
  emu_fence *fence = check->fences ? &check->fences[thread] : NULL;
  if (!fence || !fence->known)
    return NULL;
  if (!fence->made)
    fence->made = snapshot(check, thread, fence->known, fence->row, fence->in_block);
  return fence->made;
}

void emu_check_gives(emu_warp *w, const emu_instruction *in, uint8_t *const *places, uint32_t lanes, bool replaces) {
  emu_check *check = w->block->check;
  struct emu_order *order = w->block->launch->order;
  if (!check->fences && !(in->flags & EMU_RELEASE) && !order->room)
    return;
  pthread_mutex_lock(&order->lock);
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    uint32_t thread = w->index * EMU_LANES + (uint32_t)i, block = block_of(check, places[i]);
    emu_known *known = given(check, in, thread);
    if (known && 2 * order->count >= order->room && !grow(order))
      continue;
    if (!order->room)
      continue;
    entry *at = slot_of(order, places[i], block);
    if (!known && (!at->place || !replaces))
      continue;
    order->count += !at->place;
    at->place = places[i];
    at->block = block;
    at->known = replaces ? known : join(order, at->known, known);
    if (in->flags & EMU_RELEASE)
      emu_thread_next_epoch(check, thread);
  }
  pthread_mutex_unlock(&order->lock);
}

static void learn_outer(emu_check *check, uint32_t thread, emu_known *outer) {
  emu_clock *news = emu_clock_new(check);
  news->outer = outer;
  emu_thread_learns(check, thread, news);
  emu_clock_drop(check, news);
}

void emu_check_gets(emu_warp *w, const emu_instruction *in, uint8_t *const *places, uint32_t lanes) {
  emu_check *check = w->block->check;
  emu_launch *launch = w->block->launch;
  if (!launch->order->room)
    return;
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    uint32_t thread = w->index * EMU_LANES + (uint32_t)i;
    pthread_mutex_lock(&launch->order->lock);
    emu_known *known = slot_of(launch->order, places[i], block_of(check, places[i]))->known;
    pthread_mutex_unlock(&launch->order->lock);
    if (!known)
      continue;
    if (in->flags & EMU_ACQUIRE)
      learn_outer(check, thread, known);
    else
      check->pending[thread] = emu_known_join(launch, check->pending[thread], known);
  }
}

void emu_check_fence(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  emu_check *check = w->block->check;
  if (!check->fences)
    check->fences = calloc(check->threads, sizeof(*check->fences));
  for (uint32_t left = check->fences ? lanes : 0; left; left &= left - 1) {
    uint32_t thread = w->index * EMU_LANES + (uint32_t)__builtin_ctz(left);
    emu_fence *fence = &check->fences[thread];
    if (check->pending[thread])
      learn_outer(check, thread, check->pending[thread]);
    check->pending[thread] = NULL;
    emu_clock_drop(check, fence->known);
    *fence = (emu_fence){.known = check->known[thread], .in_block = in->flags & EMU_IN_BLOCK};
    ++fence->known->references;
    memcpy(fence->row, check->rows + (size_t)thread * EMU_LANES, sizeof(fence->row));
    emu_thread_next_epoch(check, thread);
  }
}
