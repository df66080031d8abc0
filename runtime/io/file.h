//===- file.h - a file, mapped for reading -------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_IO_FILE_H
#define TENON_RUNTIME_IO_FILE_H

#include "tenon/runtime/base/status.h"

typedef struct tenon_file {
  void *data;
  size_t size;
} tenon_file;

tenon_status tenon_file_map(const char *path, tenon_file *out);
void tenon_file_unmap(tenon_file *file);

// Prepares a page-aligned range of a mapped file that is about to be read whole. What is in memory already is mapped at once, which costs
// a fifth of the page faults it saves; what is not is asked for in the background.
void tenon_file_prefetch(const void *data, size_t size);

#endif /* TENON_RUNTIME_IO_FILE_H */
