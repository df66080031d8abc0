//===- finite.c - looks for numbers that are none ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/finite.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

// The index of the first number that is not finite; -1: none.
static int64_t first_bad(const float *values, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if (!isfinite(values[i]))
      return i;
  return -1;
}

static tenon_status bad(const char *kind, const char *name, const float *values, int64_t element, const char *when) {
  return tenon_error(TENON_MISMATCH, "%s '%.80s' expects finite numbers, but got %s at element %lld %s", kind, name,
                     isnan(values[element]) ? "nan" : values[element] > 0 ? "inf" : "-inf", (long long)element, when);
}

static int64_t count_elements(const tenon_abi_tensor *tensor, const int64_t *symbols) {
  int64_t count = 1;
  for (int32_t i = 0; i < tensor->rank; ++i)
    count *= tensor->dims[i] >= 0 ? tensor->dims[i] : symbols[-1 - tensor->dims[i]];
  return count;
}

tenon_status tenon_check_finite(const tenon_abi_module *abi, const tenon_abi_entry_point *entry, const tenon_abi_call *call) {
  bool stateful = (entry->flags & TENON_ABI_ENTRY_STATEFUL) != 0;
  int64_t tokens = stateful ? call->symbols[0] : 0;
  char when[80] = "";
  if (tokens == 1)
    snprintf(when, sizeof(when), "after position %lld", (long long)call->position);
  else if (tokens > 1)
    snprintf(when, sizeof(when), "after positions %lld to %lld", (long long)call->position, (long long)(call->position + tokens - 1));
  for (int64_t i = 0; stateful && i < abi->state_count; ++i) {
    if (abi->states[i].kind != TENON_ABI_STATE_FIXED)
      continue;
    int64_t element = first_bad(call->states[i], abi->states[i].bytes / (int64_t)sizeof(float));
    if (element >= 0)
      return bad("state slot", abi->states[i].name, call->states[i], element, when);
  }
  for (int64_t i = 0; i < entry->output_count; ++i) {
    if (entry->outputs[i].dtype != TENON_ABI_F32)
      continue;
    int64_t element = first_bad(call->outputs[i], count_elements(&entry->outputs[i], call->symbols));
    if (element >= 0)
      return bad("output", entry->outputs[i].name, call->outputs[i], element, when);
  }
  return tenon_ok();
}
