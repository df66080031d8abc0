//===- emulator.c - the PTX machine as a device of the runtime -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory of the device is the host's. Every part of an allocation is a buffer of the machine, so that what lies between parts is out of
// bounds; a launch is run to its end when it is asked for.
#include "tenon/runtime/emu/emulator.h"

#include "tenon/runtime/host/cpu.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 256, VECTOR = 16 };

typedef struct allocation {
  void *data;
  bool is_own; // else the host's, adopted
  int64_t count;
  int64_t *offsets; // of its parts
  struct allocation *next;
} allocation;

typedef struct emulator {
  tenon_device device; // first
  const tenon_emulator *options;
  emu_machine *machine;
  tenon_team *team;
  allocation *allocations;
} emulator;

static emulator *of(tenon_device *device) {
  return (emulator *)device;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static void forget(emulator *e, allocation *a) {
  for (int64_t i = 0; i < a->count; ++i)
    emu_machine_remove_buffer(e->machine, (char *)a->data + a->offsets[i]);
  if (a->is_own)
    free(a->data);
  free(a->offsets);
  free(a);
}

// Whether writes to memory of the device are kept track of: only if all launches are looked at.
static bool looks_at_writes(const emulator *e) {
  return (e->options->checks & EMU_CHECK_UNINITIALISED) != 0 && !e->options->layer;
}

// Makes every part a buffer. Compiled code may read up to the end of the 16 bytes that a part's last element lies in.
static tenon_status add_parts(emulator *e, allocation *a, const tenon_device_parts *parts, bool written) {
  bool looks = looks_at_writes(e);
  for (int64_t i = 0; i < parts->count; ++i) {
    const tenon_device_part *part = &parts->parts[i];
    if (part->bytes == 0)
      continue;
    char *at = (char *)a->data + part->offset;
    int64_t bytes = (part->bytes + VECTOR - 1) / VECTOR * VECTOR;
    TENON_TRY(emu_machine_add_buffer(e->machine, part->name, at, bytes));
    a->offsets[a->count++] = part->offset;
    if (looks && !written)
      TENON_TRY(emu_machine_set_written(e->machine, at, bytes, false));
  }
  return tenon_ok();
}

static tenon_status add(emulator *e, void *data, bool is_own, bool written, const tenon_device_parts *parts) {
  allocation *a = calloc(1, sizeof(*a));
  int64_t *offsets = calloc((size_t)parts->count + 1, sizeof(*offsets));
  if (!a || !offsets) {
    free(a);
    free(offsets);
    if (is_own)
      free(data);
    return tenon_out_of_memory("names of memory", parts->count * (int64_t)sizeof(*offsets));
  }
  *a = (allocation){.data = data, .is_own = is_own, .offsets = offsets};
  tenon_status status = add_parts(e, a, parts, written);
  if (status.code != TENON_OK) {
    forget(e, a);
    return status;
  }
  a->next = e->allocations;
  e->allocations = a;
  return status;
}

static tenon_status allocate(tenon_device *device, int64_t bytes, bool zeroed, const tenon_device_parts *parts, void **out) {
  size_t size = ((size_t)bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  void *data = aligned_alloc(ALIGNMENT, size);
  if (!data)
    return tenon_out_of_memory("memory of the emulated device", bytes);
  if (zeroed)
    memset(data, 0, size);
  TENON_TRY(add(of(device), data, /*is_own=*/true, zeroed, parts));
  *out = data;
  return tenon_ok();
}

// Kernels read weights where they are mapped.
static tenon_status adopt(tenon_device *device, const void *data, int64_t bytes, const tenon_device_parts *parts, void **out) {
  (void)bytes;
  TENON_TRY(add(of(device), (void *)data, /*is_own=*/false, /*written=*/true, parts));
  *out = (void *)data;
  return tenon_ok();
}

static void release(tenon_device *device, void *data) {
  emulator *e = of(device);
  for (allocation **at = &e->allocations; *at; at = &(*at)->next) {
    allocation *a = *at;
    if (a->data != data)
      continue;
    *at = a->next;
    forget(e, a);
    return;
  }
}

static tenon_status upload(tenon_device *device, void *to, const void *from, int64_t bytes) {
  if (bytes <= 0)
    return tenon_ok();
  memmove(to, from, (size_t)bytes);
  emulator *e = of(device);
  return looks_at_writes(e) ? emu_machine_set_written(e->machine, to, bytes, true) : tenon_ok();
}

static tenon_status download(tenon_device *device, void *to, const void *from, int64_t bytes) {
  (void)device;
  if (bytes > 0)
    memcpy(to, from, (size_t)bytes);
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

typedef struct kernel {
  const emu_module *module;
  const emu_function *function;
  struct kernel *next; // of the module's
} kernel;

typedef struct program {
  emu_module *module;
  kernel *kernels;
} program;

static void unload(tenon_device *device, void *module) {
  (void)device;
  program *p = module;
  for (kernel *k = p->kernels, *next; k; k = next) {
    next = k->next;
    free(k);
  }
  emu_module_destroy(p->module);
  free(p);
}

static tenon_status load(tenon_device *device, const tenon_device_code *code, void **module) {
  (void)device;
  program *p = calloc(1, sizeof(*p));
  if (!p)
    return tenon_out_of_memory("kernels", sizeof(*p));
  tenon_status status = emu_module_read(code->ptx, code->ptx_bytes, &p->module);
  if (status.code != TENON_OK) {
    free(p);
    return status;
  }
  *module = p;
  return status;
}

static tenon_status find(tenon_device *device, void *module, const char *name, int64_t shared_bytes, void **out) {
  (void)device;
  (void)shared_bytes;
  program *p = module;
  const emu_function *function = emu_module_find(p->module, name);
  if (!function)
    return tenon_error(TENON_UNSUPPORTED, "the text of the kernels has no entry '%.120s'", name);
  kernel *k = calloc(1, sizeof(*k));
  if (!k)
    return tenon_out_of_memory("a kernel", sizeof(*k));
  *k = (kernel){p->module, function, p->kernels};
  p->kernels = k;
  *out = k;
  return tenon_ok();
}

// What is found goes to the findings.
static void ignore(void *user, const char *line) {
  (void)user;
  (void)line;
}

static tenon_status launch(tenon_device *device, const tenon_device_launch *launch) {
  emulator *e = of(device);
  const tenon_emulator *options = e->options;
  const kernel *k = launch->kernel;
  emu_grid grid = {.dynamic_shared = launch->shared_bytes};
  memcpy(grid.blocks, launch->grid, sizeof(grid.blocks));
  memcpy(grid.threads, launch->threads, sizeof(grid.threads));
  bool is_looked_at = !options->layer || strstr(launch->path, options->layer) != NULL;
  emu_options run = {.checks = is_looked_at ? options->checks : 0,
                     .seed = options->seed,
                     .team = e->team,
                     .path = launch->path,
                     .findings = options->findings};
  emu_counts counts = {0};
  tenon_status status = emu_machine_launch(e->machine, k->module, k->function, &grid, launch->parameters,
                                           launch->parameter_count * (int64_t)sizeof(uint64_t), &run, &counts, ignore, NULL);
  if (options->instructions)
    *options->instructions += counts.instructions;
  return status.code == TENON_OK
             ? status
             : tenon_error(status.code, "launch %lld, %.80s: %.300s", (long long)launch->number, launch->path, status.msg);
}

static tenon_status synchronize(tenon_device *device) {
  (void)device;
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

static void destroy(tenon_device *device) {
  emulator *e = of(device);
  while (e->allocations)
    release(device, e->allocations->data);
  if (e->machine)
    emu_machine_destroy(e->machine);
  tenon_team_destroy(e->team);
  free(e);
}

static const tenon_device_interface interface = {
    .destroy = destroy,
    .allocate = allocate,
    .release = release,
    .adopt = adopt,
    .upload = upload,
    .download = download,
    .copy = upload,
    .load = load,
    .unload = unload,
    .find = find,
    .launch = launch,
    .synchronize = synchronize,
};

tenon_status tenon_emulator_open(const tenon_device_provider *self, int threads, tenon_device **out) {
  enum { CAPABILITY = 80, DL_CPU = 1 };
  emulator *e = calloc(1, sizeof(*e));
  if (!e)
    return tenon_out_of_memory("the emulator", sizeof(*e));
  e->device = (tenon_device){&interface, "the emulator (sm_80)", CAPABILITY, DL_CPU, 0};
  e->options = (const tenon_emulator *)self;
  tenon_status status = emu_machine_create(&e->machine);
  if (status.code == TENON_OK)
    status = tenon_team_create(threads ? threads : tenon_cpu_available_cores(), &e->team);
  if (status.code != TENON_OK)
    destroy(&e->device);
  else
    *out = &e->device;
  return status;
}
