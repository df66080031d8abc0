//===- device.c - a CUDA card as a device of the runtime -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One stream does everything in order. What goes up from pageable memory goes through two pinned buffers in turns, so that one is filled
// while the other is read. A recording is a graph that was captured from the stream; when a parameter of a launch has changed it is
// captured anew.
#include "tenon/runtime/device/device.h"
#include "tenon/runtime/cuda/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAGING_BYTES = 4 << 20, STAGES = 2, DL_CUDA = 2, OLDEST = 80, LOG_BYTES = 4096, STATIC_SHARED = 48 << 10 };

typedef struct staging {
  void *data;
  cu_event read; // when the copy out of it is done
} staging;

typedef struct cuda {
  tenon_device device; // first
  tenon_cuda_driver driver;
  int number;
  cu_context context;
  cu_stream stream;
  staging staging[STAGES];
  int next;         // stage
  bool is_stepwise; // waits after each launch, so that a failure has a name
} cuda;

static cuda *of(tenon_device *device) {
  return (cuda *)device;
}

#define TRY_CUDA(c, call, ...)                                                                                                             \
  do {                                                                                                                                     \
    cu_result tried = (c)->driver.call;                                                                                                    \
    if (tried != CU_SUCCESS) {                                                                                                             \
      char what[160];                                                                                                                      \
      snprintf(what, sizeof(what), __VA_ARGS__);                                                                                           \
      return tenon_cuda_status(&(c)->driver, tried, what);                                                                                 \
    }                                                                                                                                      \
  } while (0)

// Contexts are the calling thread's.
static tenon_status enter(cuda *c) {
  TRY_CUDA(c, cuCtxSetCurrent(c->context), "use the card");
  return tenon_ok();
}

static void *pointer_of(cu_pointer address) {
  return (void *)(uintptr_t)address;
}

static cu_pointer address_of(const void *pointer) {
  return (cu_pointer)(uintptr_t)pointer;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static tenon_status allocate(tenon_device *device, int64_t bytes, bool zeroed, const tenon_device_parts *parts, void **out) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  cu_pointer address = 0;
  cu_result result = c->driver.cuMemAlloc_v2(&address, (size_t)bytes);
  if (result == CU_OUT_OF_MEMORY) {
    size_t left = 0, total = 0;
    (void)c->driver.cuMemGetInfo_v2(&left, &total);
    return tenon_error(TENON_RESOURCE, "%.60s needs %lld bytes of the card's memory, of whose %zu bytes %zu are left",
                       parts->count ? parts->parts[0].name : "a call", (long long)bytes, total, left);
  }
  TENON_TRY(tenon_cuda_status(&c->driver, result, "allocate memory of the card"));
  if (zeroed)
    TRY_CUDA(c, cuMemsetD8Async(address, 0, (size_t)bytes, c->stream), "clear %lld bytes", (long long)bytes);
  *out = pointer_of(address);
  return tenon_ok();
}

static void release(tenon_device *device, void *data) {
  cuda *c = of(device);
  if (enter(c).code == TENON_OK)
    (void)c->driver.cuMemFree_v2(address_of(data));
}

static tenon_status upload(tenon_device *device, void *to, const void *from, int64_t bytes) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  for (int64_t done = 0, count; done < bytes; done += count) {
    count = bytes - done < STAGING_BYTES ? bytes - done : STAGING_BYTES;
    staging *stage = &c->staging[c->next];
    c->next = (c->next + 1) % STAGES;
    TRY_CUDA(c, cuEventSynchronize(stage->read), "wait for an upload");
    memcpy(stage->data, (const char *)from + done, (size_t)count);
    TRY_CUDA(c, cuMemcpyHtoDAsync_v2(address_of(to) + (cu_pointer)done, stage->data, (size_t)count, c->stream), "upload %lld bytes",
             (long long)bytes);
    TRY_CUDA(c, cuEventRecord(stage->read, c->stream), "mark an upload");
  }
  return tenon_ok();
}

static tenon_status adopt(tenon_device *device, const void *data, int64_t bytes, const tenon_device_parts *parts, void **out) {
  TENON_TRY(allocate(device, bytes, /*zeroed=*/false, parts, out));
  tenon_status status = upload(device, *out, data, bytes);
  if (status.code != TENON_OK) {
    release(device, *out);
    *out = NULL;
  }
  return status;
}

static tenon_status synchronize(tenon_device *device) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  TRY_CUDA(c, cuStreamSynchronize(c->stream), "%s",
           c->is_stepwise ? "finish the card's work" : "finish a call's kernels (TENON_CUDA_STEPWISE=1 names the one that fails)");
  return tenon_ok();
}

static tenon_status download(tenon_device *device, void *to, const void *from, int64_t bytes) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  if (bytes <= 0)
    return tenon_ok();
  TRY_CUDA(c, cuMemcpyDtoHAsync_v2(to, address_of(from), (size_t)bytes, c->stream), "download %lld bytes", (long long)bytes);
  return synchronize(device);
}

static tenon_status copy(tenon_device *device, void *to, const void *from, int64_t bytes) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  if (bytes > 0)
    TRY_CUDA(c, cuMemcpyDtoDAsync_v2(address_of(to), address_of(from), (size_t)bytes, c->stream), "copy %lld bytes", (long long)bytes);
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

// The CUDA version that came with a PTX version; both as in ten times major plus minor.
static int cuda_of_ptx(int ptx) {
  static const int known[][2] = {{70, 110}, {71, 111}, {72, 112}, {73, 113}, {74, 114}, {75, 115}, {76, 116},
                                 {77, 117}, {78, 118}, {80, 120}, {81, 121}, {82, 122}, {83, 123}, {84, 124},
                                 {85, 125}, {86, 127}, {87, 128}, {88, 129}, {90, 130}};
  for (size_t i = 0; i < sizeof(known) / sizeof(*known); ++i)
    if (known[i][0] >= ptx)
      return known[i][1];
  return 0;
}

static tenon_status too_new(const cuda *c, const char *ptx) {
  int major = 0, minor = 0;
  const char *version = strstr(ptx, ".version ");
  if (version)
    (void)sscanf(version, ".version %d.%d", &major, &minor);
  int needed = cuda_of_ptx(10 * major + minor);
  return tenon_error(TENON_UNSUPPORTED,
                     "the kernels are PTX %d.%d, which the driver (CUDA %d.%d) does not know; a driver for CUDA %d.%d does", major, minor,
                     c->driver.version / 1000, c->driver.version % 1000 / 10, needed / 10, needed % 10);
}

// PTX as the driver wants it: ended by a zero.
static tenon_status load_text(cuda *c, const tenon_device_code *code, cu_module *module) {
  char *text = malloc(code->ptx_bytes + 1);
  char log[LOG_BYTES] = "";
  if (!text)
    return tenon_out_of_memory("the text of the kernels", (int64_t)code->ptx_bytes);
  memcpy(text, code->ptx, code->ptx_bytes);
  text[code->ptx_bytes] = 0;
  unsigned int options[] = {CU_JIT_ERROR_LOG, CU_JIT_ERROR_LOG_BYTES};
  void *values[] = {log, (void *)(uintptr_t)sizeof(log)};
  cu_result result = c->driver.cuModuleLoadDataEx(module, text, 2, options, values);
  tenon_status status = result == CU_UNSUPPORTED_PTX ? too_new(c, text) : tenon_cuda_status(&c->driver, result, "compile the kernels");
  free(text);
  if (status.code != TENON_OK && result != CU_UNSUPPORTED_PTX && log[0])
    status = tenon_error(status.code, "%.120s; %.120s", status.msg, log);
  return status;
}

static tenon_status load(tenon_device *device, const tenon_device_code *code, void **module) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  cu_module loaded = NULL;
  // Machine code is for one architecture; where it does not fit, the text does.
  bool is_loaded = code->cubin && c->driver.cuModuleLoadDataEx(&loaded, code->cubin, 0, NULL, NULL) == CU_SUCCESS;
  if (!is_loaded)
    TENON_TRY(load_text(c, code, &loaded));
  *module = loaded;
  return tenon_ok();
}

static void unload(tenon_device *device, void *module) {
  cuda *c = of(device);
  if (enter(c).code == TENON_OK)
    (void)c->driver.cuModuleUnload(module);
}

static tenon_status find(tenon_device *device, void *module, const char *name, int64_t shared_bytes, void **kernel) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  cu_function function = NULL;
  TRY_CUDA(c, cuModuleGetFunction(&function, module, name), "find the kernel '%.100s'", name);
  if (shared_bytes > STATIC_SHARED)
    TRY_CUDA(c, cuFuncSetAttribute(function, CU_FUNCTION_MAX_DYNAMIC_SHARED, (int)shared_bytes),
             "give %lld bytes of shared memory to '%.80s'", (long long)shared_bytes, name);
  *kernel = function;
  return tenon_ok();
}

static tenon_status put(cuda *c, const tenon_device_launch *l) {
  void *parameters[256];
  if (l->parameter_count > (int32_t)(sizeof(parameters) / sizeof(*parameters)))
    return tenon_error(TENON_UNSUPPORTED, "kernel '%.100s' has %d parameters", l->name, l->parameter_count);
  for (int32_t i = 0; i < l->parameter_count; ++i)
    parameters[i] = &l->parameters[i];
  TRY_CUDA(c,
           cuLaunchKernel(l->kernel, l->grid[0], l->grid[1], l->grid[2], l->threads[0], l->threads[1], l->threads[2],
                          (unsigned int)l->shared_bytes, c->stream, parameters, NULL),
           "launch %lld, '%.60s' of %.60s", (long long)l->number, l->name, l->path);
  return tenon_ok();
}

static tenon_status launch(tenon_device *device, const tenon_device_launch *l) {
  cuda *c = of(device);
  TENON_TRY(enter(c));
  TENON_TRY(put(c, l));
  if (c->is_stepwise)
    TRY_CUDA(c, cuStreamSynchronize(c->stream), "finish launch %lld, '%.60s' of %.60s", (long long)l->number, l->name, l->path);
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// Recordings
//===----------------------------------------------------------------------===//

typedef struct recording {
  tenon_device_launch *launches;
  uint64_t *parameters; // of all launches
  int64_t count;
  cu_graph_exec exec; // null: to be captured
} recording;

static void forget(tenon_device *device, void *handle) {
  cuda *c = of(device);
  recording *r = handle;
  if (r->exec && enter(c).code == TENON_OK)
    (void)c->driver.cuGraphExecDestroy(r->exec);
  free(r->launches);
  free(r->parameters);
  free(r);
}

static tenon_status record(tenon_device *device, const tenon_device_launch *launches, int64_t count, void **out) {
  int64_t parameters = 0;
  for (int64_t i = 0; i < count; ++i)
    parameters += launches[i].parameter_count;
  recording *r = calloc(1, sizeof(*r));
  if (!r)
    return tenon_out_of_memory("a recording", sizeof(*r));
  r->launches = calloc((size_t)count + 1, sizeof(*r->launches));
  r->parameters = calloc((size_t)parameters + 1, sizeof(*r->parameters));
  if (!r->launches || !r->parameters) {
    forget(device, r);
    return tenon_out_of_memory("a recording", count * (int64_t)sizeof(*r->launches));
  }
  uint64_t *next = r->parameters;
  for (r->count = 0; r->count < count; ++r->count) {
    tenon_device_launch *l = &r->launches[r->count];
    *l = launches[r->count];
    l->parameters = memcpy(next, l->parameters, (size_t)l->parameter_count * sizeof(uint64_t));
    next += l->parameter_count;
  }
  *out = r;
  return tenon_ok();
}

static tenon_status set(tenon_device *device, void *handle, int64_t index, const tenon_device_launch *now) {
  cuda *c = of(device);
  recording *r = handle;
  memcpy(r->launches[index].parameters, now->parameters, (size_t)now->parameter_count * sizeof(uint64_t));
  if (r->exec) {
    TENON_TRY(enter(c));
    (void)c->driver.cuGraphExecDestroy(r->exec);
    r->exec = NULL;
  }
  return tenon_ok();
}

static tenon_status capture(cuda *c, recording *r) {
  cu_graph graph = NULL;
  TRY_CUDA(c, cuStreamBeginCapture_v2(c->stream, CU_CAPTURE_THREAD_LOCAL), "begin a recording");
  tenon_status status = tenon_ok();
  for (int64_t i = 0; i < r->count && status.code == TENON_OK; ++i)
    status = put(c, &r->launches[i]);
  cu_result ended = c->driver.cuStreamEndCapture(c->stream, &graph);
  if (status.code == TENON_OK)
    status = tenon_cuda_status(&c->driver, ended, "end a recording");
  if (status.code == TENON_OK)
    status = tenon_cuda_status(&c->driver, c->driver.cuGraphInstantiateWithFlags(&r->exec, graph, 0), "make a graph of a recording");
  if (graph)
    (void)c->driver.cuGraphDestroy(graph);
  return status;
}

static tenon_status replay(tenon_device *device, void *handle) {
  cuda *c = of(device);
  recording *r = handle;
  TENON_TRY(enter(c));
  if (c->is_stepwise) {
    for (int64_t i = 0; i < r->count; ++i)
      TENON_TRY(launch(device, &r->launches[i]));
    return tenon_ok();
  }
  if (!r->exec)
    TENON_TRY(capture(c, r));
  TRY_CUDA(c, cuGraphLaunch(r->exec, c->stream), "launch a recording of %lld kernels", (long long)r->count);
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// The card
//===----------------------------------------------------------------------===//

static void destroy(tenon_device *device) {
  cuda *c = of(device);
  if (c->context && enter(c).code == TENON_OK) {
    for (int i = 0; i < STAGES; ++i) {
      if (c->staging[i].read)
        (void)c->driver.cuEventDestroy_v2(c->staging[i].read);
      if (c->staging[i].data)
        (void)c->driver.cuMemFreeHost(c->staging[i].data);
    }
    if (c->stream)
      (void)c->driver.cuStreamDestroy_v2(c->stream);
    (void)c->driver.cuCtxSetCurrent(NULL);
  }
  if (c->context)
    (void)c->driver.cuDevicePrimaryCtxRelease_v2(c->number);
  tenon_cuda_driver_close(&c->driver);
  free(c);
}

static const tenon_device_interface interface = {
    .destroy = destroy,
    .allocate = allocate,
    .release = release,
    .adopt = adopt,
    .upload = upload,
    .download = download,
    .copy = copy,
    .load = load,
    .unload = unload,
    .find = find,
    .launch = launch,
    .synchronize = synchronize,
    .record = record,
    .set = set,
    .replay = replay,
    .forget = forget,
};

// The number in an environment variable, 0 if it is not set.
static tenon_status choose_card(cuda *c) {
  const char *text = getenv("TENON_CUDA_DEVICE");
  char *end = NULL;
  long wanted = text && *text ? strtol(text, &end, 10) : 0;
  int count = 0;
  TRY_CUDA(c, cuDeviceGetCount(&count), "count the cards");
  if (count == 0)
    return tenon_error(TENON_UNSUPPORTED, "there is no NVIDIA card here");
  if ((end && *end) || wanted < 0 || wanted >= count)
    return tenon_error(TENON_USAGE, "TENON_CUDA_DEVICE expects a number from 0 to %d, but got '%.40s'", count - 1, text);
  TRY_CUDA(c, cuDeviceGet(&c->number, (int)wanted), "use card %ld", wanted);
  c->device.dl_number = (int32_t)wanted;
  return tenon_ok();
}

static tenon_status look_at_card(cuda *c) {
  char name[64] = "";
  int major = 0, minor = 0;
  TRY_CUDA(c, cuDeviceGetName(name, sizeof(name), c->number), "read the card's name");
  TRY_CUDA(c, cuDeviceGetAttribute(&major, CU_ATTRIBUTE_MAJOR, c->number), "read the card's architecture");
  TRY_CUDA(c, cuDeviceGetAttribute(&minor, CU_ATTRIBUTE_MINOR, c->number), "read the card's architecture");
  c->device.capability = 10 * major + minor;
  snprintf(c->device.name, sizeof(c->device.name), "%s (sm_%d)", name, c->device.capability);
  if (c->device.capability < OLDEST)
    return tenon_error(TENON_UNSUPPORTED, "%.90s is older than sm_%d, the oldest card that kernels are made for", c->device.name, OLDEST);
  return tenon_ok();
}

static tenon_status open_card(cuda *c) {
  TENON_TRY(tenon_cuda_driver_open(&c->driver));
  TENON_TRY(choose_card(c));
  TENON_TRY(look_at_card(c));
  TRY_CUDA(c, cuDevicePrimaryCtxRetain(&c->context, c->number), "use %.90s", c->device.name);
  TENON_TRY(enter(c));
  TRY_CUDA(c, cuStreamCreate(&c->stream, CU_NON_BLOCKING_STREAM), "make a stream");
  for (int i = 0; i < STAGES; ++i) {
    TRY_CUDA(c, cuMemHostAlloc(&c->staging[i].data, STAGING_BYTES, 0), "pin %d bytes", STAGING_BYTES);
    TRY_CUDA(c, cuEventCreate(&c->staging[i].read, CU_EVENT_NO_TIMING), "make an event");
  }
  const char *stepwise = getenv("TENON_CUDA_STEPWISE");
  c->is_stepwise = stepwise && strcmp(stepwise, "1") == 0;
  return tenon_ok();
}

tenon_status tenon_cuda_open(tenon_device **out) {
  cuda *c = calloc(1, sizeof(*c));
  if (!c)
    return tenon_out_of_memory("a device", sizeof(*c));
  c->device.interface = &interface;
  c->device.dl_type = DL_CUDA;
  tenon_status status = open_card(c);
  if (status.code != TENON_OK)
    destroy(&c->device);
  else
    *out = &c->device;
  return status;
}
