//===- tensor.c - makes DLPack tensors -----------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/base/size.h"

#include <stdlib.h>

enum { ALIGNMENT = 64, MAX_RANK = 8 };

// One allocation holds all of a tensor but its data.
typedef struct owned_tensor {
  DLManagedTensorVersioned managed;
  int64_t shape[MAX_RANK];
  int64_t strides[MAX_RANK];
} owned_tensor;

static void delete_tensor(DLManagedTensorVersioned *self) {
  free(self->dl_tensor.data);
  free(self);
}

static tenon_status count_bytes(DLDataType dtype, int32_t ndim, const int64_t *shape, int64_t *out) {
  if (dtype.lanes != 1 || dtype.bits == 0 || dtype.bits % 8 != 0)
    return tenon_error(TENON_USAGE, "expects elements of whole bytes");
  if (ndim < 0 || ndim > MAX_RANK || (ndim > 0 && !shape))
    return tenon_error(TENON_USAGE, "expects a rank from 0 to %d and a shape, but got rank %d", MAX_RANK, ndim);
  int64_t bytes = dtype.bits / 8;
  for (int32_t i = 0; i < ndim; ++i)
    if (shape[i] < 0 || !tenon_size_multiply(bytes, shape[i], &bytes))
      return tenon_error(TENON_USAGE, "dimension %d of a new tensor is %lld", i, (long long)shape[i]);
  *out = bytes;
  return tenon_ok();
}

tenon_status tenon_tensor_create(DLDataType dtype, int32_t ndim, const int64_t *shape, DLManagedTensorVersioned **out) {
  if (!out)
    return tenon_error(TENON_USAGE, "expects a place for the tensor");
  int64_t bytes = 0;
  TENON_TRY(count_bytes(dtype, ndim, shape, &bytes));
  int64_t padded = 0;
  if (!tenon_size_add(bytes, ALIGNMENT, &padded))
    return tenon_out_of_memory("a tensor", bytes);
  owned_tensor *tensor = calloc(1, sizeof(*tensor));
  void *data = aligned_alloc(ALIGNMENT, (size_t)(padded / ALIGNMENT * ALIGNMENT));
  if (!tensor || !data) {
    free(tensor);
    free(data);
    return tenon_out_of_memory("a tensor", bytes);
  }
  uint64_t stride = 1; /* may wrap in a tensor without elements, where it means nothing */
  for (int32_t i = ndim - 1; i >= 0; --i) {
    tensor->shape[i] = shape[i];
    tensor->strides[i] = (int64_t)stride;
    stride *= (uint64_t)shape[i];
  }
  tensor->managed = (DLManagedTensorVersioned){
      .version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION},
      .deleter = delete_tensor,
      .dl_tensor = {.data = data, .device = {kDLCPU, 0}, .ndim = ndim, .dtype = dtype, .shape = tensor->shape, .strides = tensor->strides},
  };
  *out = &tensor->managed;
  return tenon_ok();
}
