//===- signatures.c - our declarations against NVIDIA's ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled where there is a CUDA toolkit; nothing runs.
#include <cuda.h>

#include "tenon/runtime/cuda/driver.h"

// cuda.h gives some names a newer version; ours are the exported ones.
#undef cuStreamBeginCapture
#undef cuEventDestroy

#define CHECK(name, parameters)                                                                                                            \
  _Static_assert(__builtin_types_compatible_p(__typeof__(&name), __typeof__(((tenon_cuda_driver *)0)->name)),                              \
                 #name " has another signature");
TENON_CUDA_FUNCTIONS(CHECK)

_Static_assert((int)CUDA_ERROR_OUT_OF_MEMORY == CU_OUT_OF_MEMORY && (int)CUDA_ERROR_NO_DEVICE == CU_NO_DEVICE, "results");
_Static_assert((int)CUDA_ERROR_INVALID_PTX == CU_INVALID_PTX && (int)CUDA_ERROR_UNSUPPORTED_PTX_VERSION == CU_UNSUPPORTED_PTX, "results");
_Static_assert((int)CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR == CU_ATTRIBUTE_MAJOR, "attributes");
_Static_assert((int)CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR == CU_ATTRIBUTE_MINOR, "attributes");
_Static_assert((int)CU_JIT_ERROR_LOG_BUFFER == CU_JIT_ERROR_LOG && (int)CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES == CU_JIT_ERROR_LOG_BYTES,
               "JIT");
_Static_assert((int)CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES == CU_FUNCTION_MAX_DYNAMIC_SHARED, "attributes");
