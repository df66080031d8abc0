//===- status.c - making and passing statuses ----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/base/status.h"

#include <stdarg.h>
#include <stdio.h>

tenon_status tenon_error(int32_t code, const char *format, ...) {
  tenon_status status;
  status.code = code;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(status.msg, sizeof(status.msg), format, arguments);
  va_end(arguments);
  return status;
}

tenon_status tenon_out_of_memory(const char *what, int64_t bytes) {
  return tenon_error(TENON_RESOURCE, "cannot allocate %lld bytes for %s", (long long)bytes, what);
}
