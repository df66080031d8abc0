//===- slots.c - the memory of a module's state slots --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/slots.h"

#include "tenon/runtime/base/size.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Append slots begin at pages, since they grow by touching them.
enum { APPEND_ALIGNMENT = 4096, FIXED_ALIGNMENT = 64 };

static bool is_fixed(const tenon_abi_module *abi, int64_t slot) {
  return abi->states[slot].kind == TENON_ABI_STATE_FIXED;
}

//===----------------------------------------------------------------------===//
// Fixed slots, shared
//===----------------------------------------------------------------------===//

struct tenon_fixed {
  atomic_int references;
  tenon_pages pages;
};

static tenon_status create_fixed(int64_t bytes, tenon_fixed **out) {
  tenon_fixed *fixed = malloc(sizeof(*fixed));
  if (!fixed)
    return tenon_out_of_memory("fixed slots", sizeof(*fixed));
  atomic_init(&fixed->references, 1);
  tenon_status status = tenon_pages_reserve_large(bytes, "the fixed state of a sequence", &fixed->pages);
  if (status.code != TENON_OK)
    free(fixed);
  else
    *out = fixed;
  return status;
}

tenon_fixed *tenon_fixed_retain(tenon_fixed *fixed) {
  if (fixed)
    atomic_fetch_add(&fixed->references, 1);
  return fixed;
}

void tenon_fixed_release(tenon_fixed *fixed) {
  if (!fixed || atomic_fetch_sub(&fixed->references, 1) != 1)
    return;
  tenon_pages_release(&fixed->pages);
  free(fixed);
}

//===----------------------------------------------------------------------===//
// The slots of a sequence
//===----------------------------------------------------------------------===//

// Adds the bytes of the slots of one kind, each at its alignment, and places them from `base`, if that is not null.
static tenon_status lay_out(const tenon_slots *slots, bool fixed, char *base, int64_t *total) {
  int64_t alignment = fixed ? FIXED_ALIGNMENT : APPEND_ALIGNMENT;
  *total = 0;
  for (int64_t i = 0; i < slots->abi->state_count; ++i) {
    if (is_fixed(slots->abi, i) != fixed)
      continue;
    if (base)
      slots->slots[i] = base + *total;
    int64_t bytes;
    TENON_TRY(tenon_state_bytes(&slots->abi->states[i], slots->positions, &bytes));
    if (!tenon_size_add(*total, bytes, total) || !tenon_size_add(*total, alignment - 1, total))
      return tenon_out_of_memory("the state", INT64_MAX);
    *total -= *total % alignment;
  }
  return tenon_ok();
}

static void place_fixed(tenon_slots *slots) {
  int64_t total;
  if (slots->fixed)
    (void)lay_out(slots, true, slots->fixed->pages.data, &total);
}

static tenon_status open_slots(tenon_slots *slots) {
  int64_t append, fixed;
  TENON_TRY(lay_out(slots, false, NULL, &append));
  TENON_TRY(lay_out(slots, true, NULL, &fixed));
  slots->slots = calloc((size_t)slots->abi->state_count + 1, sizeof(void *));
  if (!slots->slots)
    return tenon_out_of_memory("state slots", slots->abi->state_count * 8);
  if (append > 0)
    TENON_TRY(tenon_pages_reserve(append, "the state of a sequence", &slots->pages));
  if (fixed > 0)
    TENON_TRY(create_fixed(fixed, &slots->fixed));
  (void)lay_out(slots, false, slots->pages.data, &append);
  place_fixed(slots);
  return tenon_ok();
}

tenon_status tenon_slots_create(const tenon_abi_module *abi, int64_t positions, tenon_slots *out) {
  *out = (tenon_slots){.abi = abi, .positions = positions};
  tenon_status status = open_slots(out);
  if (status.code != TENON_OK)
    tenon_slots_destroy(out);
  return status;
}

void tenon_slots_destroy(tenon_slots *slots) {
  tenon_pages_release(&slots->pages);
  tenon_fixed_release(slots->fixed);
  slots->fixed = NULL;
  free(slots->slots);
  slots->slots = NULL;
}

void tenon_slots_share(tenon_slots *slots, tenon_fixed *fixed) {
  tenon_fixed_retain(fixed);
  tenon_fixed_release(slots->fixed);
  slots->fixed = fixed;
  place_fixed(slots);
}

void tenon_slots_fork(const tenon_slots *from, int64_t positions, tenon_slots *to) {
  for (int64_t i = 0; i < from->abi->state_count; ++i)
    if (!is_fixed(from->abi, i))
      memcpy(to->slots[i], from->slots[i], (size_t)tenon_slot_used(from, i, positions));
  tenon_slots_share(to, from->fixed);
}

typedef struct copy {
  char *to;
  const char *from;
  int64_t bytes; /* whole pages */
} copy;

static void copy_part(void *argument, int64_t thread, int64_t threads) {
  const copy *all = argument;
  int64_t pages = all->bytes / APPEND_ALIGNMENT;
  int64_t begin = pages * thread / threads * APPEND_ALIGNMENT, end = pages * (thread + 1) / threads * APPEND_ALIGNMENT;
  memcpy(all->to + begin, all->from + begin, (size_t)(end - begin));
}

tenon_status tenon_slots_own(tenon_slots *slots, tenon_team *team) {
  if (!slots->fixed || atomic_load(&slots->fixed->references) == 1)
    return tenon_ok();
  tenon_fixed *own;
  TENON_TRY(create_fixed(slots->fixed->pages.bytes, &own));
  copy all = {own->pages.data, slots->fixed->pages.data, own->pages.bytes};
  tenon_team_run(team, copy_part, &all);
  tenon_fixed_release(slots->fixed);
  slots->fixed = own;
  place_fixed(slots);
  return tenon_ok();
}

int64_t tenon_slot_used(const tenon_slots *slots, int64_t slot, int64_t positions) {
  int64_t bytes = 0;
  (void)tenon_state_bytes(&slots->abi->states[slot], positions, &bytes);
  return bytes;
}

int64_t tenon_slots_used(const tenon_slots *slots, int64_t positions) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < slots->abi->state_count; ++i)
    bytes += tenon_slot_used(slots, i, positions);
  return bytes;
}
