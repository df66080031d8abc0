//===- size.c - arithmetic on sizes that notices overflow ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/base/size.h"

static tenon_status too_large(const char *what) {
  return tenon_error(TENON_RESOURCE, "the size of %s does not fit 63 bits", what);
}

tenon_status tenon_size_evaluate(const tenon_abi_size *size, const int64_t *symbols, int64_t *out) {
  int64_t bytes = size->constant;
  for (int64_t i = 0; i < size->symbol_count; ++i) {
    int64_t term;
    if (!tenon_size_multiply(size->per_symbol[i], symbols[i], &term) || !tenon_size_add(bytes, term, &bytes))
      return too_large("an arena");
  }
  *out = bytes;
  return tenon_ok();
}

tenon_status tenon_state_bytes(const tenon_abi_state *state, int64_t positions, int64_t *out) {
  if (state->kind == TENON_ABI_STATE_FIXED) {
    *out = state->bytes;
    return tenon_ok();
  }
  int64_t blocks = positions / state->block_positions + (positions % state->block_positions != 0);
  if (!tenon_size_multiply(blocks, state->bytes, out))
    return too_large("a state slot");
  return tenon_ok();
}

int64_t tenon_dtype_bytes(int32_t dtype) {
  switch (dtype) {
  case TENON_ABI_F32:
  case TENON_ABI_I32:
    return 4;
  case TENON_ABI_F16:
  case TENON_ABI_BF16:
    return 2;
  case TENON_ABI_I64:
    return 8;
  case TENON_ABI_I8:
  case TENON_ABI_U8:
  case TENON_ABI_BOOL:
    return 1;
  default:
    return 0;
  }
}
