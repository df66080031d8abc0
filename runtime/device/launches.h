//===- launches.h - an entry's list of launches for one call -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_DEVICE_LAUNCHES_H
#define TENON_RUNTIME_DEVICE_LAUNCHES_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/device/device.h"

enum { TENON_MAX_TENSORS = 64 /* inputs, or outputs, of an entry */ };

// Where everything lies that launches name.
typedef struct tenon_launch_places {
  void *call, *weights, *data, *arena, *workspace;
  void *inputs[TENON_MAX_TENSORS], *outputs[TENON_MAX_TENSORS];
  void *const *states;
} tenon_launch_places;

// One launch a stage, in order, with its parameters.
typedef struct tenon_launches {
  tenon_device_launch *launches;
  int64_t count;
  uint64_t *parameters; /* of all of them */
  int64_t *values;      /* that lie on the device behind the call, where parameters point to them */
  int64_t value_count;
} tenon_launches;

// How many numbers lie behind the call's on the device, for an entry.
int64_t tenon_launches_values(const tenon_abi_module *abi, int64_t entry);

// `kernels` holds what was found for each stage of the module's kernels, in their order.
tenon_status tenon_launches_make(const tenon_abi_module *abi, int64_t entry, int64_t tokens, int64_t position,
                                 const tenon_launch_places *places, void *const *kernels, tenon_launches *out);
void tenon_launches_free(tenon_launches *launches);

#endif /* TENON_RUNTIME_DEVICE_LAUNCHES_H */
