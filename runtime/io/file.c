//===- file.c - a file, mapped for reading -------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static tenon_status failed(const char *verb, const char *path) {
  return tenon_error(TENON_USAGE, "cannot %s '%s': %s", verb, path, strerror(errno));
}

tenon_status tenon_file_map(const char *path, tenon_file *out) {
  out->data = NULL;
  out->size = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return failed("open", path);
  struct stat info;
  tenon_status status = tenon_ok();
  if (fstat(fd, &info) != 0) {
    status = failed("examine", path);
  } else if (!S_ISREG(info.st_mode)) {
    status = tenon_error(TENON_USAGE, "'%s' is not a regular file", path);
  } else if (info.st_size == 0) {
    status = tenon_error(TENON_UNSUPPORTED, "'%s' is empty", path);
  } else {
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
      status = failed("map", path);
    } else {
      out->data = data;
      out->size = (size_t)info.st_size;
    }
  }
  close(fd);
  return status;
}

void tenon_file_unmap(tenon_file *file) {
  if (file->data)
    munmap(file->data, file->size);
  file->data = NULL;
  file->size = 0;
}

// Judged by pages at even distances.
static bool is_in_memory(char *data, size_t size) {
  enum { PAGE = 4096, SAMPLES = 32 };
  size_t pages = size / PAGE;
  if (pages == 0)
    return false;
  for (size_t i = 0; i < SAMPLES; ++i) {
    unsigned char resident = 0;
    if (mincore(data + pages * i / SAMPLES * PAGE, PAGE, &resident) != 0 || !(resident & 1))
      return false;
  }
  return true;
}

void tenon_file_prefetch(const void *data, size_t size) {
  const int populate_read = 22; /* Linux 5.14; refused by older ones, which is harmless */
  char *range = (char *)(uintptr_t)data;
  if (range && size > 0)
    madvise(range, size, is_in_memory(range, size) ? populate_read : MADV_WILLNEED);
}
