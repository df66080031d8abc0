//===- slots.h - the memory of a module's state slots --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All slots of one sequence lie in one range of pages, reserved for the longest sequence and backed by memory as it grows: an append
// slot is contiguous, starts zeroed, and going back in it is only a smaller length.
#ifndef TENON_RUNTIME_HOST_SLOTS_H
#define TENON_RUNTIME_HOST_SLOTS_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/base/pages.h"

typedef struct tenon_slots {
  const tenon_abi_module *abi;
  int64_t positions; /* room for so many */
  tenon_pages pages;
  void **slots; /* one pointer a slot */
} tenon_slots;

tenon_status tenon_slots_create(const tenon_abi_module *abi, int64_t positions, tenon_slots *out);
void tenon_slots_destroy(tenon_slots *slots);

// Copies what the first `positions` positions use, and the fixed slots, to slots of the same module.
void tenon_slots_copy(const tenon_slots *from, int64_t positions, tenon_slots *to);

// Bytes in use at a length that fits: of one slot, and of all.
int64_t tenon_slot_used(const tenon_slots *slots, int64_t slot, int64_t positions);
int64_t tenon_slots_used(const tenon_slots *slots, int64_t positions);

// Fixed slots, saved and restored; null from _save, with success, when there are none.
tenon_status tenon_slots_save_fixed(const tenon_slots *slots, void **out);
void tenon_slots_restore_fixed(const void *saved, tenon_slots *slots);

#endif /* TENON_RUNTIME_HOST_SLOTS_H */
