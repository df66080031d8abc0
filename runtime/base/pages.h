//===- pages.h - memory by whole pages, zeroed and lazily backed ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_BASE_PAGES_H
#define TENON_RUNTIME_BASE_PAGES_H

#include "tenon/runtime/base/status.h"

// A range of anonymous memory. The operating system backs a page with zeros when it is first touched, so a range may be reserved at
// its largest size and costs what is used of it.
typedef struct tenon_pages {
  void *data;
  int64_t bytes;
} tenon_pages;

tenon_status tenon_pages_reserve(int64_t bytes, const char *what, tenon_pages *out);

// As tenon_pages_reserve, for a range that is used whole: of large pages where the system has them, so that first touching them costs
// little.
tenon_status tenon_pages_reserve_large(int64_t bytes, const char *what, tenon_pages *out);
void tenon_pages_release(tenon_pages *pages);

// Makes the range at least `bytes` long; its contents are lost when it grows.
tenon_status tenon_pages_require(tenon_pages *pages, int64_t bytes, const char *what);

// A monotonic clock.
int64_t tenon_now_ns(void);

#endif /* TENON_RUNTIME_BASE_PAGES_H */
