//===- pages.c - memory by whole pages, zeroed and lazily backed ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/base/pages.h"

#include <sys/mman.h>
#include <time.h>

enum { PAGE = 4096, LARGE_PAGE = 1 << 21 };

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

tenon_status tenon_pages_reserve_large(int64_t bytes, const char *what, tenon_pages *out) {
#ifdef MADV_HUGEPAGE
  if (bytes >= LARGE_PAGE && bytes <= INT64_MAX - LARGE_PAGE) {
    // A range that is larger by a page holds one that begins at such a page; what is before and behind goes back.
    TENON_TRY(tenon_pages_reserve(bytes + LARGE_PAGE, what, out));
    size_t before = (size_t)(-(uintptr_t)out->data % LARGE_PAGE), behind = LARGE_PAGE - before;
    if (before > 0)
      munmap(out->data, before);
    out->data = (char *)out->data + before;
    out->bytes -= LARGE_PAGE;
    if (behind > 0)
      munmap((char *)out->data + out->bytes, behind);
    (void)madvise(out->data, (size_t)out->bytes, MADV_HUGEPAGE);
    return tenon_ok();
  }
#endif
  return tenon_pages_reserve(bytes, what, out);
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
