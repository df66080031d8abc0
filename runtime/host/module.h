//===- module.h - an opened artifact -------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_MODULE_H
#define TENON_RUNTIME_HOST_MODULE_H

#include "tenon/runtime/host/code.h"
#include "tenon/runtime/io/file.h"

#include <stdatomic.h>

struct tenon_module {
  atomic_int references; /* the caller's and one a context */
  tenon_file file;
  tenon_archive archive;
  tenon_code code;
  const tenon_abi_module *abi; /* code.module */
  const void *weights;         /* null: there are none */
  int64_t load_ns;
};

void tenon_module_retain(tenon_module *module);

// The entry, if the index is good.
tenon_status tenon_module_entry(const tenon_module *module, int index, const tenon_abi_entry_point **out);

// The DLPack type of a type code.
DLDataType tenon_dtype_dlpack(int32_t dtype);

#endif /* TENON_RUNTIME_HOST_MODULE_H */
