//===- literal.h - tensors on the command line ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_LITERAL_H
#define TENON_RUN_LITERAL_H

#include "options.h"

// Reads "1x4xf32=1,2,3,4", or one value for all elements, or "@FILE.npy".
tenon_status literal_parse(const char *text, DLDataType expected, DLManagedTensorVersioned **out);

// Prints "NAME=1x4xf32=1,2,3,4" and a newline.
void literal_print(const char *name, const DLTensor *tensor);

int64_t tensor_elements(const DLTensor *tensor);
double tensor_get(const DLTensor *tensor, int64_t index);

#endif /* TENON_RUN_LITERAL_H */
