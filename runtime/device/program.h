//===- program.h - a module's entries on a device ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entries are lists of launches (abi.h). What all calls share lies on the device from the start: weights, constants, kernels. What a call
// needs besides is planned and there before anything is launched, so that launches can be recorded once for each entry and number of
// tokens; what has changed since, the addresses of a session's state for example, is set in the recording before it is replayed.
#ifndef TENON_RUNTIME_DEVICE_PROGRAM_H
#define TENON_RUNTIME_DEVICE_PROGRAM_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/device/device.h"

typedef struct tenon_program tenon_program;

// The memory of an input or output.
typedef struct tenon_span {
  void *data;
  int64_t bytes;
  bool on_device; /* used where it is; else copied */
} tenon_span;

typedef struct tenon_program_call {
  int64_t entry;
  const tenon_span *inputs, *outputs; /* as many as the entry has */
  void *const *states;
  const int64_t *symbols;
  int64_t position;
} tenon_program_call;

// `weights` and `code` are the host's and must live as long as the program, which owns the device from here on, even if it fails.
tenon_status tenon_program_create(tenon_device *device, const tenon_abi_module *abi, const void *weights, const tenon_device_code *code,
                                  tenon_program **out);
void tenon_program_destroy(tenon_program *program);
tenon_device *tenon_program_device(tenon_program *program);
int64_t tenon_program_arena_bytes(const tenon_program *program);

// Runs an entry whose arguments are valid, and returns when its outputs are there.
tenon_status tenon_program_run(tenon_program *program, const tenon_program_call *call);

#endif /* TENON_RUNTIME_DEVICE_PROGRAM_H */
