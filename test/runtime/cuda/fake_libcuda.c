//===- fake_libcuda.c - a driver without a card --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A shared object with the functions of libcuda.so.1 that the runtime uses, for TENON_LIBCUDA. Memory is the host's, kernels are
// interpreted by the emulator, a graph keeps the launches that were captured. Environment variables:
//
//   FAKE_CUDA_LOG=FILE         a line for each call
//   FAKE_CUDA_FAIL=NAME:CODE   the function gives this result instead of doing anything
//   FAKE_CUDA_CAPABILITY=NN    of the card, default 80
#include "tenon/runtime/cuda/driver.h"
#include "tenon/runtime/emu/machine.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARAMETERS = 256 };

struct CUmod_st {
  emu_module *module;
};
struct CUfunc_st {
  const emu_module *module;
  const emu_function *function;
};
typedef struct launched {
  cu_function function;
  emu_grid grid;
  int32_t count;
  uint64_t parameters[MAX_PARAMETERS];
} launched;
struct CUgraph_st {
  launched *launches;
  int64_t count, room;
};
struct CUgraphExec_st {
  struct CUgraph_st graph;
};
struct CUstream_st {
  cu_graph captured; // null: launches are run
};
struct CUevent_st {
  int unused;
};

static emu_machine *machine;
static char fault[256]; // of the kernel that failed last

static void note(const char *format, ...) {
  const char *path = getenv("FAKE_CUDA_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file)
    return;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(file, format, arguments);
  va_end(arguments);
  fputc('\n', file);
  fclose(file);
}

static cu_result asked_to_fail(const char *name) {
  const char *wanted = getenv("FAKE_CUDA_FAIL");
  size_t length = strlen(name);
  return wanted && strncmp(wanted, name, length) == 0 && wanted[length] == ':' ? (cu_result)atoi(wanted + length + 1) : CU_SUCCESS;
}

// Notes the call, and returns if it is to fail.
#define ENTER(format, ...)                                                                                                                 \
  do {                                                                                                                                     \
    note("%s" format, __func__, __VA_ARGS__);                                                                                              \
    cu_result asked = asked_to_fail(__func__);                                                                                             \
    if (asked != CU_SUCCESS)                                                                                                               \
      return asked;                                                                                                                        \
  } while (0)

#define API __attribute__((visibility("default"))) cu_result

API cuInit(unsigned int flags) {
  ENTER(" %u", flags);
  if (!machine && emu_machine_create(&machine).code != TENON_OK)
    return CU_OUT_OF_MEMORY;
  return CU_SUCCESS;
}
API cuDriverGetVersion(int *version) {
  ENTER("%s", "");
  *version = 12040;
  return CU_SUCCESS;
}
API cuGetErrorString(cu_result error, const char **text) {
  *text = fault[0] ? fault : error == CU_OUT_OF_MEMORY ? "out of memory" : "a fault that was asked for";
  return CU_SUCCESS;
}
API cuDeviceGetCount(int *count) {
  ENTER("%s", "");
  *count = 1;
  return CU_SUCCESS;
}
API cuDeviceGet(int *device, int number) {
  ENTER(" %d", number);
  *device = number;
  return CU_SUCCESS;
}
API cuDeviceGetName(char *name, int size, int device) {
  ENTER(" %d", device);
  snprintf(name, (size_t)size, "Paper Card");
  return CU_SUCCESS;
}
API cuDeviceGetAttribute(int *value, unsigned int attribute, int device) {
  ENTER(" %u %d", attribute, device);
  const char *text = getenv("FAKE_CUDA_CAPABILITY");
  int capability = text ? atoi(text) : 80;
  *value = attribute == CU_ATTRIBUTE_MAJOR ? capability / 10 : capability % 10;
  return CU_SUCCESS;
}
API cuDevicePrimaryCtxRetain(cu_context *context, int device) {
  ENTER(" %d", device);
  *context = (cu_context)&machine;
  return CU_SUCCESS;
}
API cuDevicePrimaryCtxRelease_v2(int device) {
  ENTER(" %d", device);
  return CU_SUCCESS;
}
API cuCtxSetCurrent(cu_context context) {
  (void)context; // too often to be noted
  return asked_to_fail(__func__);
}

API cuModuleLoadDataEx(cu_module *module, const void *image, unsigned int count, unsigned int *options, void **values) {
  ENTER(" %zu bytes, %u options", strlen(image), count);
  struct CUmod_st *made = calloc(1, sizeof(*made));
  if (!made)
    return CU_OUT_OF_MEMORY;
  tenon_status status = emu_module_read(image, strlen(image), &made->module);
  if (status.code == TENON_OK) {
    *module = made;
    return CU_SUCCESS;
  }
  for (unsigned int i = 0; i < count; ++i)
    if (options[i] == CU_JIT_ERROR_LOG)
      snprintf(values[i], 256, "%s", status.msg);
  free(made);
  return CU_INVALID_PTX;
}
API cuModuleUnload(cu_module module) {
  ENTER("%s", "");
  emu_module_destroy(module->module);
  free(module);
  return CU_SUCCESS;
}
API cuModuleGetFunction(cu_function *function, cu_module module, const char *name) {
  ENTER(" %s", name);
  struct CUfunc_st *made = calloc(1, sizeof(*made)); // lives as long as the process, as names of kernels do
  if (!made)
    return CU_OUT_OF_MEMORY;
  made->module = module->module;
  made->function = emu_module_find(module->module, name);
  *function = made;
  return made->function ? CU_SUCCESS : 500;
}
API cuFuncSetAttribute(cu_function function, unsigned int attribute, int value) {
  ENTER(" %u %d", attribute, value);
  (void)function;
  return CU_SUCCESS;
}

API cuMemGetInfo_v2(size_t *left, size_t *total) {
  ENTER("%s", "");
  *left = 1 << 20;
  *total = 2 << 20;
  return CU_SUCCESS;
}
API cuMemAlloc_v2(cu_pointer *pointer, size_t bytes) {
  ENTER(" %zu", bytes);
  size_t size = (bytes + 255) / 256 * 256;
  void *data = aligned_alloc(256, size);
  if (!data || emu_machine_add_buffer(machine, "memory", data, (int64_t)size).code != TENON_OK)
    return CU_OUT_OF_MEMORY;
  *pointer = (cu_pointer)(uintptr_t)data;
  return CU_SUCCESS;
}
API cuMemFree_v2(cu_pointer pointer) {
  ENTER("%s", "");
  void *data = (void *)(uintptr_t)pointer;
  emu_machine_remove_buffer(machine, data);
  free(data);
  return CU_SUCCESS;
}
API cuMemHostAlloc(void **pointer, size_t bytes, unsigned int flags) {
  ENTER(" %zu %u", bytes, flags);
  *pointer = malloc(bytes);
  return *pointer ? CU_SUCCESS : CU_OUT_OF_MEMORY;
}
API cuMemFreeHost(void *pointer) {
  ENTER("%s", "");
  free(pointer);
  return CU_SUCCESS;
}
API cuMemcpyHtoDAsync_v2(cu_pointer to, const void *from, size_t bytes, cu_stream stream) {
  ENTER(" %zu", bytes);
  (void)stream;
  memcpy((void *)(uintptr_t)to, from, bytes);
  return CU_SUCCESS;
}
API cuMemcpyDtoHAsync_v2(void *to, cu_pointer from, size_t bytes, cu_stream stream) {
  ENTER(" %zu", bytes);
  (void)stream;
  memcpy(to, (const void *)(uintptr_t)from, bytes);
  return CU_SUCCESS;
}
API cuMemcpyDtoDAsync_v2(cu_pointer to, cu_pointer from, size_t bytes, cu_stream stream) {
  ENTER(" %zu", bytes);
  (void)stream;
  memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, bytes);
  return CU_SUCCESS;
}
API cuMemsetD8Async(cu_pointer to, unsigned char value, size_t bytes, cu_stream stream) {
  ENTER(" %d %zu", value, bytes);
  (void)stream;
  memset((void *)(uintptr_t)to, value, bytes);
  return CU_SUCCESS;
}

API cuStreamCreate(cu_stream *stream, unsigned int flags) {
  ENTER(" %u", flags);
  *stream = calloc(1, sizeof(**stream));
  return *stream ? CU_SUCCESS : CU_OUT_OF_MEMORY;
}
API cuStreamDestroy_v2(cu_stream stream) {
  ENTER("%s", "");
  free(stream);
  return CU_SUCCESS;
}
API cuStreamSynchronize(cu_stream stream) {
  ENTER("%s", "");
  // What a capture holds cannot be waited for.
  return stream->captured ? 900 : CU_SUCCESS;
}
API cuEventCreate(cu_event *event, unsigned int flags) {
  ENTER(" %u", flags);
  *event = calloc(1, sizeof(**event));
  return *event ? CU_SUCCESS : CU_OUT_OF_MEMORY;
}
API cuEventDestroy_v2(cu_event event) {
  ENTER("%s", "");
  free(event);
  return CU_SUCCESS;
}
API cuEventRecord(cu_event event, cu_stream stream) {
  (void)event;
  return stream->captured ? 900 : asked_to_fail(__func__);
}
API cuEventSynchronize(cu_event event) {
  (void)event;
  return asked_to_fail(__func__);
}

static void ignore(void *user, const char *line) {
  (void)user;
  (void)line;
}

static cu_result run(const launched *l) {
  emu_options options = {0};
  emu_counts counts = {0};
  tenon_status status = emu_machine_launch(machine, l->function->module, l->function->function, &l->grid, l->parameters,
                                           l->count * (int64_t)sizeof(uint64_t), &options, &counts, ignore, NULL);
  snprintf(fault, sizeof(fault), "%.255s", status.code == TENON_OK ? "" : status.msg);
  return status.code == TENON_OK ? CU_SUCCESS : 700;
}

API cuLaunchKernel(cu_function function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z, unsigned int block_x,
                   unsigned int block_y, unsigned int block_z, unsigned int shared_bytes, cu_stream stream, void **parameters,
                   void **extra) {
  ENTER(" %.*s %u %u %u, %u %u %u, %u%s", (int)function->function->name.length, function->function->name.at, grid_x, grid_y, grid_z,
        block_x, block_y, block_z, shared_bytes, stream->captured ? ", captured" : "");
  (void)extra;
  launched l = {function, {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes}, function->function->parameter_count, {0}};
  for (int32_t i = 0; i < l.count && i < MAX_PARAMETERS; ++i)
    memcpy(&l.parameters[i], parameters[i], sizeof(uint64_t));
  cu_graph graph = stream->captured;
  if (!graph)
    return run(&l);
  if (graph->count == graph->room) {
    graph->room = 2 * graph->room + 16;
    graph->launches = realloc(graph->launches, (size_t)graph->room * sizeof(l));
    if (!graph->launches)
      return CU_OUT_OF_MEMORY;
  }
  graph->launches[graph->count++] = l;
  return CU_SUCCESS;
}

API cuStreamBeginCapture_v2(cu_stream stream, unsigned int mode) {
  ENTER(" %u", mode);
  stream->captured = calloc(1, sizeof(*stream->captured));
  return stream->captured ? CU_SUCCESS : CU_OUT_OF_MEMORY;
}
API cuStreamEndCapture(cu_stream stream, cu_graph *graph) {
  *graph = stream->captured;
  stream->captured = NULL;
  ENTER("%s", "");
  return CU_SUCCESS;
}
API cuGraphInstantiateWithFlags(cu_graph_exec *exec, cu_graph graph, unsigned long long flags) {
  ENTER(" %lld kernels, %llu", (long long)graph->count, flags);
  *exec = calloc(1, sizeof(**exec));
  if (!*exec)
    return CU_OUT_OF_MEMORY;
  (*exec)->graph = *graph;
  *graph = (struct CUgraph_st){0};
  return CU_SUCCESS;
}
API cuGraphLaunch(cu_graph_exec exec, cu_stream stream) {
  ENTER(" %lld kernels", (long long)exec->graph.count);
  (void)stream;
  cu_result result = CU_SUCCESS;
  for (int64_t i = 0; i < exec->graph.count && result == CU_SUCCESS; ++i)
    result = run(&exec->graph.launches[i]);
  return result;
}
API cuGraphExecDestroy(cu_graph_exec exec) {
  ENTER("%s", "");
  free(exec->graph.launches);
  free(exec);
  return CU_SUCCESS;
}
API cuGraphDestroy(cu_graph graph) {
  ENTER("%s", "");
  free(graph->launches);
  free(graph);
  return CU_SUCCESS;
}
