//===- driver.h - what is used of NVIDIA's driver ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Declarations of our own for the functions of libcuda.so.1, which is opened when a card is asked for. Where NVIDIA's cuda.h is at hand, a
// test compares every signature. Enumerations are unsigned ints, as C compilers represent them.
#ifndef TENON_RUNTIME_CUDA_DRIVER_H
#define TENON_RUNTIME_CUDA_DRIVER_H

#include "tenon/runtime/base/status.h"

#include <stddef.h>

typedef unsigned int cu_result;
typedef struct CUctx_st *cu_context;
typedef struct CUmod_st *cu_module;
typedef struct CUfunc_st *cu_function;
typedef struct CUstream_st *cu_stream;
typedef struct CUevent_st *cu_event;
typedef struct CUgraph_st *cu_graph;
typedef struct CUgraphExec_st *cu_graph_exec;
typedef unsigned long long cu_pointer;

enum {
  CU_SUCCESS = 0,
  CU_OUT_OF_MEMORY = 2,
  CU_NO_DEVICE = 100,
  CU_NO_BINARY = 209,
  CU_INVALID_PTX = 218,
  CU_UNSUPPORTED_PTX = 222,

  CU_ATTRIBUTE_MAJOR = 75,
  CU_ATTRIBUTE_MINOR = 76,

  CU_JIT_INFO_LOG = 3,
  CU_JIT_INFO_LOG_BYTES = 4,
  CU_JIT_ERROR_LOG = 5,
  CU_JIT_ERROR_LOG_BYTES = 6,

  CU_FUNCTION_MAX_DYNAMIC_SHARED = 8,
  CU_NON_BLOCKING_STREAM = 1,
  CU_EVENT_NO_TIMING = 2,
  CU_CAPTURE_THREAD_LOCAL = 1,
};

// X(name as exported, parameters). All return cu_result.
#define TENON_CUDA_FUNCTIONS(X)                                                                                                            \
  X(cuInit, (unsigned int flags))                                                                                                          \
  X(cuDriverGetVersion, (int *version))                                                                                                    \
  X(cuGetErrorString, (cu_result error, const char **text))                                                                                \
  X(cuDeviceGetCount, (int *count))                                                                                                        \
  X(cuDeviceGet, (int *device, int number))                                                                                                \
  X(cuDeviceGetName, (char *name, int size, int device))                                                                                   \
  X(cuDeviceGetAttribute, (int *value, unsigned int attribute, int device))                                                                \
  X(cuDevicePrimaryCtxRetain, (cu_context *context, int device))                                                                           \
  X(cuDevicePrimaryCtxRelease_v2, (int device))                                                                                            \
  X(cuCtxSetCurrent, (cu_context context))                                                                                                 \
  X(cuModuleLoadDataEx, (cu_module *module, const void *image, unsigned int count, unsigned int *options, void **values))                  \
  X(cuModuleUnload, (cu_module module))                                                                                                    \
  X(cuModuleGetFunction, (cu_function *function, cu_module module, const char *name))                                                      \
  X(cuFuncSetAttribute, (cu_function function, unsigned int attribute, int value))                                                         \
  X(cuMemGetInfo_v2, (size_t *free, size_t *total))                                                                                        \
  X(cuMemAlloc_v2, (cu_pointer *pointer, size_t bytes))                                                                                    \
  X(cuMemFree_v2, (cu_pointer pointer))                                                                                                    \
  X(cuMemHostAlloc, (void **pointer, size_t bytes, unsigned int flags))                                                                    \
  X(cuMemFreeHost, (void *pointer))                                                                                                        \
  X(cuMemcpyHtoDAsync_v2, (cu_pointer to, const void *from, size_t bytes, cu_stream stream))                                               \
  X(cuMemcpyDtoHAsync_v2, (void *to, cu_pointer from, size_t bytes, cu_stream stream))                                                     \
  X(cuMemcpyDtoDAsync_v2, (cu_pointer to, cu_pointer from, size_t bytes, cu_stream stream))                                                \
  X(cuMemsetD8Async, (cu_pointer to, unsigned char value, size_t bytes, cu_stream stream))                                                 \
  X(cuStreamCreate, (cu_stream *stream, unsigned int flags))                                                                               \
  X(cuStreamDestroy_v2, (cu_stream stream))                                                                                                \
  X(cuStreamSynchronize, (cu_stream stream))                                                                                               \
  X(cuStreamBeginCapture_v2, (cu_stream stream, unsigned int mode))                                                                        \
  X(cuStreamEndCapture, (cu_stream stream, cu_graph *graph))                                                                               \
  X(cuEventCreate, (cu_event *event, unsigned int flags))                                                                                  \
  X(cuEventDestroy_v2, (cu_event event))                                                                                                   \
  X(cuEventRecord, (cu_event event, cu_stream stream))                                                                                     \
  X(cuEventSynchronize, (cu_event event))                                                                                                  \
  X(cuLaunchKernel, (cu_function function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z, unsigned int block_x,            \
                     unsigned int block_y, unsigned int block_z, unsigned int shared_bytes, cu_stream stream, void **parameters,           \
                     void **extra))                                                                                                        \
  X(cuGraphInstantiateWithFlags, (cu_graph_exec *exec, cu_graph graph, unsigned long long flags))                                          \
  X(cuGraphLaunch, (cu_graph_exec exec, cu_stream stream))                                                                                 \
  X(cuGraphExecDestroy, (cu_graph_exec exec))                                                                                              \
  X(cuGraphDestroy, (cu_graph graph))

typedef struct tenon_cuda_driver {
  void *library;
  int version; /* 12040 is CUDA 12.4: the newest that the driver supports */
#define TENON_CUDA_FIELD(name, parameters) cu_result(*name) parameters;
  TENON_CUDA_FUNCTIONS(TENON_CUDA_FIELD)
#undef TENON_CUDA_FIELD
} tenon_cuda_driver;

// Opens libcuda.so.1, or what the environment variable TENON_LIBCUDA names, and starts it.
tenon_status tenon_cuda_driver_open(tenon_cuda_driver *out);
void tenon_cuda_driver_close(tenon_cuda_driver *driver);

// The status of a result; `what` says what was tried, as in "cannot ...".
tenon_status tenon_cuda_status(const tenon_cuda_driver *driver, cu_result result, const char *what);

#endif /* TENON_RUNTIME_CUDA_DRIVER_H */
