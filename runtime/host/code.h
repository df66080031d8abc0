//===- code.h - loads the best code object of an artifact ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_CODE_H
#define TENON_RUNTIME_HOST_CODE_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/device/device.h"
#include "tenon/runtime/io/archive.h"

typedef struct tenon_code {
  const tenon_abi_module *module;
  char name[64]; /* "native" for code/native.so */
  int64_t bytes;
  void *library;
  int fd;
} tenon_code;

// Tries code/native.so, code/x86-64-v4.so, code/x86-64-v3.so and then any other member code/*.so, and keeps the first one this processor
// can run; `only`, if not null, restricts the choice to one name. If none is left the status says why for each.
tenon_status tenon_code_load(const tenon_archive *archive, const char *only, tenon_code *out);
// Loads the code for the GPU that a device runs best, and finds its text.
tenon_status tenon_code_load_device(const tenon_archive *archive, const tenon_device *device, tenon_code *out, tenon_device_code *text);
void tenon_code_unload(tenon_code *code);

#endif /* TENON_RUNTIME_HOST_CODE_H */
