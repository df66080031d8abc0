//===- slots.c - the memory of a module's state slots --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/slots.h"

#include "tenon/runtime/base/size.h"

#include <stdlib.h>
#include <string.h>

enum { SLOT_ALIGNMENT = 4096 };

static bool align(int64_t bytes, int64_t *out) {
  if (!tenon_size_add(bytes, SLOT_ALIGNMENT - 1, &bytes))
    return false;
  *out = bytes / SLOT_ALIGNMENT * SLOT_ALIGNMENT;
  return true;
}

tenon_status tenon_slots_create(const tenon_abi_module *abi, int64_t positions, tenon_slots *out) {
  *out = (tenon_slots){.abi = abi, .positions = positions};
  int64_t total = 0;
  for (int64_t i = 0; i < abi->state_count; ++i) {
    int64_t bytes;
    TENON_TRY(tenon_state_bytes(&abi->states[i], positions, &bytes));
    if (!align(bytes, &bytes) || !tenon_size_add(total, bytes, &total))
      return tenon_out_of_memory("the state", INT64_MAX);
  }
  out->slots = malloc((size_t)(abi->state_count + 1) * sizeof(void *));
  if (!out->slots)
    return tenon_out_of_memory("state slots", abi->state_count * 8);
  tenon_status status = tenon_pages_reserve(total, "the state of a sequence", &out->pages);
  if (status.code != TENON_OK) {
    tenon_slots_destroy(out);
    return status;
  }
  char *next = out->pages.data;
  for (int64_t i = 0; i < abi->state_count; ++i) {
    int64_t bytes = 0;
    (void)tenon_state_bytes(&abi->states[i], positions, &bytes);
    (void)align(bytes, &bytes);
    out->slots[i] = next;
    next += bytes;
  }
  return status;
}

void tenon_slots_destroy(tenon_slots *slots) {
  tenon_pages_release(&slots->pages);
  free(slots->slots);
  slots->slots = NULL;
}

int64_t tenon_slot_used(const tenon_slots *slots, int64_t slot, int64_t positions) {
  int64_t bytes = 0;
  (void)tenon_state_bytes(&slots->abi->states[slot], positions, &bytes);
  return bytes;
}

void tenon_slots_copy(const tenon_slots *from, int64_t positions, tenon_slots *to) {
  for (int64_t i = 0; i < from->abi->state_count; ++i)
    memcpy(to->slots[i], from->slots[i], (size_t)tenon_slot_used(from, i, positions));
}

int64_t tenon_slots_used(const tenon_slots *slots, int64_t positions) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < slots->abi->state_count; ++i)
    bytes += tenon_slot_used(slots, i, positions);
  return bytes;
}

tenon_status tenon_slots_save_fixed(const tenon_slots *slots, void **out) {
  int64_t bytes = 0;
  const tenon_abi_module *abi = slots->abi;
  *out = NULL;
  for (int64_t i = 0; i < abi->state_count; ++i)
    if (abi->states[i].kind == TENON_ABI_STATE_FIXED)
      bytes += abi->states[i].bytes;
  if (bytes == 0)
    return tenon_ok();
  char *saved = malloc((size_t)bytes);
  if (!saved)
    return tenon_out_of_memory("a copy of the state", bytes);
  *out = saved;
  for (int64_t i = 0; i < abi->state_count; ++i) {
    if (abi->states[i].kind != TENON_ABI_STATE_FIXED)
      continue;
    memcpy(saved, slots->slots[i], (size_t)abi->states[i].bytes);
    saved += abi->states[i].bytes;
  }
  return tenon_ok();
}

void tenon_slots_restore_fixed(const void *saved, tenon_slots *slots) {
  const char *from = saved;
  const tenon_abi_module *abi = slots->abi;
  for (int64_t i = 0; from && i < abi->state_count; ++i) {
    if (abi->states[i].kind != TENON_ABI_STATE_FIXED)
      continue;
    memcpy(slots->slots[i], from, (size_t)abi->states[i].bytes);
    from += abi->states[i].bytes;
  }
}
