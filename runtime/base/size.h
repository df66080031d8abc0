//===- size.h - arithmetic on sizes that notices overflow ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_BASE_SIZE_H
#define TENON_RUNTIME_BASE_SIZE_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/base/status.h"

#include <stdbool.h>

// Both return false, and leave *out alone, when the result doesn't fit.
static inline bool tenon_size_add(int64_t a, int64_t b, int64_t *out) {
  int64_t result;
  if (__builtin_add_overflow(a, b, &result))
    return false;
  *out = result;
  return true;
}
static inline bool tenon_size_multiply(int64_t a, int64_t b, int64_t *out) {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result))
    return false;
  *out = result;
  return true;
}

// The value of an affine size; `symbols` has at least as many values as the size has terms.
tenon_status tenon_size_evaluate(const tenon_abi_size *size, const int64_t *symbols, int64_t *out);

// Bytes of one append slot or fixed slot that holds `positions` positions.
tenon_status tenon_state_bytes(const tenon_abi_state *state, int64_t positions, int64_t *out);

int64_t tenon_dtype_bytes(int32_t dtype); /* 0: unknown */

#endif /* TENON_RUNTIME_BASE_SIZE_H */
