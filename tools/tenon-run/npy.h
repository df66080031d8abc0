//===- npy.h - numpy's files ---------------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_NPY_H
#define TENON_RUN_NPY_H

#include "options.h"

#include <stdio.h>

// Reads a file in row-major order as a tensor of the type; float64 and int64, numpy's own, are narrowed to the float32 and int32 that
// an entry expects, if every value allows it.
tenon_status npy_read(const char *path, DLDataType type, DLManagedTensorVersioned **out);

// Starts a file whose data follows by fwrite.
tenon_status npy_begin(const char *path, DLDataType type, int ndim, const int64_t *shape, FILE **out);
tenon_status npy_end(const char *path, FILE *file);
tenon_status npy_write(const char *path, const DLTensor *tensor);

#endif /* TENON_RUN_NPY_H */
