//===- context.h - a team of threads and its scratch memory --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_CONTEXT_H
#define TENON_RUNTIME_HOST_CONTEXT_H

#include "tenon/runtime/base/pages.h"
#include "tenon/runtime/device/program.h"
#include "tenon/runtime/host/module.h"
#include "tenon/runtime/host/team.h"

struct tenon_context {
  atomic_int references; /* the caller's and one a session */
  atomic_int busy;       /* 1 while a call is inside */
  tenon_module *module;
  const tenon_abi_module *abi; /* the module's, or that of the code for the device */
  tenon_code code;             /* for the device */
  tenon_program *program;      /* on the device; null: the processor runs the entries */
  int32_t kind;                /* of the device: TENON_DEVICE_* */
  tenon_team *team;
  tenon_pages arena;
  int32_t check_finite;
  int64_t *symbols;       /* of the call that is inside */
  tenon_profile *profile; /* the caller's, or null */
};

void tenon_context_retain(tenon_context *context);

// Marks the context as in use; refused if it is. What enters must leave.
tenon_status tenon_context_enter(tenon_context *context);
void tenon_context_leave(tenon_context *context);

// Runs an entry whose arguments are valid. `context->symbols` has been set.
tenon_status tenon_context_run(tenon_context *context, int entry, const tenon_span *inputs, const tenon_span *outputs, void *const *states,
                               int64_t position);

// Where sessions keep their state: a device, or null, the host.
tenon_device *tenon_context_memory(const tenon_context *context);
int64_t tenon_context_arena_bytes(const tenon_context *context);

#endif /* TENON_RUNTIME_HOST_CONTEXT_H */
