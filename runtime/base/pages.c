//===- pages.c - memory by whole pages, zeroed and lazily backed ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/base/pages.h"

#include <sys/mman.h>
#include <time.h>

enum { PAGE = 4096 };

tenon_status tenon_pages_reserve(int64_t bytes, const char *what, tenon_pages *out) {
  out->data = NULL;
  out->bytes = 0;
  if (bytes < 0 || bytes > INT64_MAX - PAGE)
    return tenon_out_of_memory(what, bytes);
  bytes = (bytes + PAGE - 1) & ~(int64_t)(PAGE - 1);
  if (bytes == 0)
    bytes = PAGE;
  void *data = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    return tenon_out_of_memory(what, bytes);
  out->data = data;
  out->bytes = bytes;
  return tenon_ok();
}

void tenon_pages_release(tenon_pages *pages) {
  if (pages->data)
    munmap(pages->data, (size_t)pages->bytes);
  pages->data = NULL;
  pages->bytes = 0;
}

tenon_status tenon_pages_require(tenon_pages *pages, int64_t bytes, const char *what) {
  if (pages->data && pages->bytes >= bytes)
    return tenon_ok();
  tenon_pages grown;
  TENON_TRY(tenon_pages_reserve(bytes, what, &grown));
  tenon_pages_release(pages);
  *pages = grown;
  return tenon_ok();
}

int64_t tenon_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
