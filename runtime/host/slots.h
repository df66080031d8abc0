//===- slots.h - the memory of a module's state slots --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The append slots of one sequence lie in one range of pages, reserved for the longest sequence and backed by memory as it grows: each is
// contiguous, starts zeroed, and going back in it is only a smaller length. The fixed slots lie in another range, which a session, its
// marks and its forks share until one of them is about to change it. On a device both lie in its memory, all of it from the start.
#ifndef TENON_RUNTIME_HOST_SLOTS_H
#define TENON_RUNTIME_HOST_SLOTS_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/device/memory.h"
#include "tenon/runtime/host/team.h"

// The fixed slots of a sequence, one after another, counted. Only who holds the sole reference may change them.
typedef struct tenon_fixed tenon_fixed;

typedef struct tenon_slots {
  const tenon_abi_module *abi;
  int64_t positions;   /* room for so many */
  tenon_memory append; /* the append slots */
  tenon_fixed *fixed;  /* null: there are no fixed slots */
  void **slots;        /* one pointer a slot */
} tenon_slots;

// A null device is the host.
tenon_status tenon_slots_create(const tenon_abi_module *abi, tenon_device *device, int64_t positions, tenon_slots *out);
void tenon_slots_destroy(tenon_slots *slots);

// Makes `to`, slots of the same module and device, hold what `from` holds at this length: append slots are copied, fixed ones shared.
tenon_status tenon_slots_fork(const tenon_slots *from, int64_t positions, tenon_slots *to);

// To be called before a call that may write: fixed slots that are shared are copied, on the host by all threads of the team.
tenon_status tenon_slots_own(tenon_slots *slots, tenon_team *team);

// Fixed slots as they are now, and going back to them. Null is none.
tenon_fixed *tenon_fixed_retain(tenon_fixed *fixed);
void tenon_fixed_release(tenon_fixed *fixed);
void tenon_slots_share(tenon_slots *slots, tenon_fixed *fixed);

// Bytes in use at a length that fits: of one slot, and of all.
int64_t tenon_slot_used(const tenon_slots *slots, int64_t slot, int64_t positions);
int64_t tenon_slots_used(const tenon_slots *slots, int64_t positions);

#endif /* TENON_RUNTIME_HOST_SLOTS_H */
