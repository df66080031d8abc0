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

#endif /* TENON_RUNTIME_IO_FILE_H */
