//===- status.h - making and passing statuses ----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_BASE_STATUS_H
#define TENON_RUNTIME_BASE_STATUS_H

#include "tenon/runtime/tenon.h"

static inline tenon_status tenon_ok(void) {
  tenon_status status;
  status.code = TENON_OK;
  status.msg[0] = 0;
  return status;
}

// A failure with a sentence, cut at the size of `msg`.
__attribute__((format(printf, 2, 3))) tenon_status tenon_error(int32_t code, const char *format, ...);

// The status of a failed allocation.
tenon_status tenon_out_of_memory(const char *what, int64_t bytes);

#define TENON_TRY(expression)                                                                                                              \
  do {                                                                                                                                     \
    tenon_status tenon_try_status = (expression);                                                                                          \
    if (tenon_try_status.code != TENON_OK)                                                                                                 \
      return tenon_try_status;                                                                                                             \
  } while (0)

#endif /* TENON_RUNTIME_BASE_STATUS_H */
