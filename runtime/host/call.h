//===- call.h - checks tensors against an entry and calls it -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_CALL_H
#define TENON_RUNTIME_HOST_CALL_H

#include "tenon/runtime/host/context.h"
#include "tenon/runtime/host/slots.h"

// The state that a call continues. `position` is advanced by a stateful entry.
typedef struct tenon_sequence {
  tenon_slots *slots;
  int64_t position;
} tenon_sequence;

// As tenon_call; `sequence` may be null, then a stateful entry runs on a state of its own. The context has been entered.
tenon_status tenon_call_checked(tenon_context *context, int index, tenon_sequence *sequence, DLManagedTensorVersioned *const *in, int n_in,
                                DLManagedTensorVersioned **out, int n_out);

// Every token must be one of the vocabulary.
tenon_status tenon_check_tokens(const tenon_abi_module *abi, const int32_t *tokens, int64_t count);

#endif /* TENON_RUNTIME_HOST_CALL_H */
