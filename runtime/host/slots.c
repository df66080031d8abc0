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
  tenon_memory memory;
};

static tenon_status create_fixed(tenon_device *device, int64_t bytes, const tenon_device_parts *parts, tenon_fixed **out) {
  tenon_fixed *fixed = malloc(sizeof(*fixed));
  if (!fixed)
    return tenon_out_of_memory("fixed slots", sizeof(*fixed));
  atomic_init(&fixed->references, 1);
  tenon_status status = tenon_memory_reserve(device, bytes, /*large=*/true, "the fixed state of a sequence", parts, &fixed->memory);
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
  tenon_memory_release(&fixed->memory);
  free(fixed);
}

//===----------------------------------------------------------------------===//
// The slots of a sequence
//===----------------------------------------------------------------------===//

// Adds the bytes of the slots of one kind, each at its alignment, and places them from `base`, if that is not null; `parts`, if not null,
// has room for all of them.
static tenon_status lay_out(const tenon_slots *slots, bool fixed, char *base, tenon_device_part *parts, int64_t *total) {
  int64_t alignment = fixed ? FIXED_ALIGNMENT : APPEND_ALIGNMENT;
  *total = 0;
  for (int64_t i = 0; i < slots->abi->state_count; ++i) {
    if (is_fixed(slots->abi, i) != fixed)
      continue;
    if (base)
      slots->slots[i] = base + *total;
    int64_t bytes;
    TENON_TRY(tenon_state_bytes(&slots->abi->states[i], slots->positions, &bytes));
    if (parts)
      *parts++ = (tenon_device_part){slots->abi->states[i].name, *total, bytes};
    if (!tenon_size_add(*total, bytes, total) || !tenon_size_add(*total, alignment - 1, total))
      return tenon_out_of_memory("the state", INT64_MAX);
    *total -= *total % alignment;
  }
  return tenon_ok();
}

static void place_fixed(tenon_slots *slots) {
  int64_t total;
  if (slots->fixed)
    (void)lay_out(slots, true, slots->fixed->memory.pages.data, NULL, &total);
}

static int64_t count_slots(const tenon_abi_module *abi, bool fixed) {
  int64_t count = 0;
  for (int64_t i = 0; i < abi->state_count; ++i)
    count += is_fixed(abi, i) == fixed;
  return count;
}

// Memory for the slots of one kind.
static tenon_status reserve(tenon_slots *slots, tenon_device *device, bool fixed, tenon_device_part *parts) {
  int64_t bytes;
  TENON_TRY(lay_out(slots, fixed, NULL, parts, &bytes));
  tenon_device_parts all = {parts, count_slots(slots->abi, fixed)};
  if (bytes == 0)
    return tenon_ok();
  return fixed ? create_fixed(device, bytes, &all, &slots->fixed)
               : tenon_memory_reserve(device, bytes, /*large=*/false, "the state of a sequence", &all, &slots->append);
}

static tenon_status open_slots(tenon_slots *slots, tenon_device *device) {
  slots->slots = calloc((size_t)slots->abi->state_count + 1, sizeof(void *));
  tenon_device_part *parts = calloc((size_t)slots->abi->state_count + 1, sizeof(*parts));
  tenon_status status = slots->slots && parts ? tenon_ok() : tenon_out_of_memory("state slots", slots->abi->state_count * 8);
  if (status.code == TENON_OK)
    status = reserve(slots, device, false, parts);
  if (status.code == TENON_OK)
    status = reserve(slots, device, true, parts);
  free(parts);
  int64_t bytes;
  if (status.code == TENON_OK)
    (void)lay_out(slots, false, slots->append.pages.data, NULL, &bytes);
  place_fixed(slots);
  return status;
}

tenon_status tenon_slots_create(const tenon_abi_module *abi, tenon_device *device, int64_t positions, tenon_slots *out) {
  *out = (tenon_slots){.abi = abi, .positions = positions, .append = {.device = device}};
  tenon_status status = open_slots(out, device);
  if (status.code != TENON_OK)
    tenon_slots_destroy(out);
  return status;
}

void tenon_slots_destroy(tenon_slots *slots) {
  tenon_memory_release(&slots->append);
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

tenon_status tenon_slots_fork(const tenon_slots *from, int64_t positions, tenon_slots *to) {
  for (int64_t i = 0; i < from->abi->state_count; ++i)
    if (!is_fixed(from->abi, i))
      TENON_TRY(tenon_memory_copy(from->append.device, to->slots[i], from->slots[i], tenon_slot_used(from, i, positions)));
  tenon_slots_share(to, from->fixed);
  return tenon_ok();
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

// Memory like that of `fixed`, holding the same.
static tenon_status copy_fixed(const tenon_slots *slots, tenon_team *team, tenon_fixed **out) {
  const tenon_memory *memory = &slots->fixed->memory;
  int64_t bytes;
  tenon_device_part *parts = calloc((size_t)slots->abi->state_count + 1, sizeof(*parts));
  if (!parts)
    return tenon_out_of_memory("state slots", slots->abi->state_count * (int64_t)sizeof(*parts));
  (void)lay_out(slots, true, NULL, parts, &bytes);
  tenon_device_parts all = {parts, count_slots(slots->abi, true)};
  tenon_status status = create_fixed(memory->device, bytes, &all, out);
  free(parts);
  if (status.code != TENON_OK)
    return status;
  if (memory->device) {
    status = tenon_memory_copy(memory->device, (*out)->memory.pages.data, memory->pages.data, bytes);
  } else {
    copy whole = {(*out)->memory.pages.data, memory->pages.data, memory->pages.bytes};
    tenon_team_run(team, copy_part, &whole);
  }
  if (status.code != TENON_OK)
    tenon_fixed_release(*out);
  return status;
}

tenon_status tenon_slots_own(tenon_slots *slots, tenon_team *team) {
  if (!slots->fixed || atomic_load(&slots->fixed->references) == 1)
    return tenon_ok();
  tenon_fixed *own;
  TENON_TRY(copy_fixed(slots, team, &own));
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
