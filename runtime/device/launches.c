//===- launches.c - an entry's list of launches for one call -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/device/launches.h"

#include <stdlib.h>

static bool has_workspace(const tenon_abi_kernel *kernel) {
  int64_t any = kernel->workspace.constant;
  for (int64_t i = 0; i < kernel->workspace.symbol_count; ++i)
    any |= kernel->workspace.per_symbol[i];
  return any != 0;
}

static uint64_t place_of(const tenon_abi_argument *argument, int64_t tokens, int64_t position, const tenon_launch_places *places,
                         tenon_launches *out) {
  uint64_t offset = (uint64_t)argument->constant + (uint64_t)argument->per_token * (uint64_t)tokens;
  switch (argument->kind) {
  case TENON_ABI_ARGUMENT_INPUT:
    return (uintptr_t)places->inputs[argument->index] + offset;
  case TENON_ABI_ARGUMENT_OUTPUT:
    return (uintptr_t)places->outputs[argument->index] + offset;
  case TENON_ABI_ARGUMENT_WEIGHT:
    return (uintptr_t)places->weights + offset;
  case TENON_ABI_ARGUMENT_ARENA:
    return (uintptr_t)places->arena + offset;
  case TENON_ABI_ARGUMENT_STATE:
    return (uintptr_t)places->states[argument->index] + offset;
  case TENON_ABI_ARGUMENT_DATA:
    return (uintptr_t)places->data + offset;
  default:
    out->values[out->value_count] = (int64_t)(offset + (uint64_t)argument->per_position * (uint64_t)position);
    return (uintptr_t)places->call + sizeof(tenon_abi_device_call) + sizeof(int64_t) * (uint64_t)out->value_count++;
  }
}

// False if there is nothing to launch.
static bool grid_of(const tenon_abi_stage *stage, int64_t tokens, uint32_t *grid) {
  for (int i = 0; i < 3; ++i) {
    int64_t blocks = stage->rows[i] ? tokens / stage->rows[i] + (tokens % stage->rows[i] != 0) : 1;
    if (blocks == 0)
      return false;
    grid[i] = (uint32_t)(stage->grid[i] * blocks);
  }
  return true;
}

// Grids have 2^31 - 1 blocks at most in the first dimension and 65535 in the others.
static tenon_status check_grid(const tenon_abi_stage *stage, int64_t tokens, const char *path) {
  for (int i = 0; i < 3; ++i) {
    int64_t blocks = stage->rows[i] ? tokens / stage->rows[i] + 1 : 1, most = i == 0 ? INT32_MAX : 65535;
    if (blocks > most / stage->grid[i])
      return tenon_error(TENON_RESOURCE, "kernel '%.80s' of '%.60s' cannot be launched with %lld tokens", stage->name, path,
                         (long long)tokens);
  }
  return tenon_ok();
}

static void count(const tenon_abi_module *abi, const tenon_abi_program *program, int64_t *launches, int64_t *parameters) {
  *launches = *parameters = 0;
  for (int64_t i = 0; i < program->launch_count; ++i) {
    const tenon_abi_kernel *kernel = &abi->kernels[program->launches[i].kernel];
    *launches += kernel->stage_count;
    *parameters += kernel->parameter_count + 2;
  }
}

static tenon_status add_stages(const tenon_abi_kernel *kernel, void *const *found, int64_t tokens, tenon_device_launch shared,
                               tenon_launches *out) {
  for (int64_t i = 0; i < kernel->stage_count; ++i) {
    const tenon_abi_stage *stage = &kernel->stages[i];
    TENON_TRY(check_grid(stage, tokens, shared.path));
    tenon_device_launch *launch = &out->launches[out->count];
    *launch = shared;
    launch->kernel = found[i];
    launch->name = stage->name;
    launch->shared_bytes = stage->shared_bytes;
    for (int j = 0; j < 3; ++j)
      launch->threads[j] = (uint32_t)stage->threads[j];
    out->count += grid_of(stage, tokens, launch->grid);
  }
  return tenon_ok();
}

int64_t tenon_launches_values(const tenon_abi_module *abi, int64_t entry) {
  const tenon_abi_program *program = &abi->programs[entry];
  int64_t values = 0;
  for (int64_t i = 0; i < program->launch_count; ++i)
    for (int64_t j = 0; j < abi->kernels[program->launches[i].kernel].parameter_count; ++j)
      values += program->launches[i].arguments[j].kind == TENON_ABI_ARGUMENT_VALUE;
  return values;
}

tenon_status tenon_launches_make(const tenon_abi_module *abi, int64_t entry, int64_t tokens, int64_t position,
                                 const tenon_launch_places *places, void *const *kernels, tenon_launches *out) {
  const tenon_abi_program *program = &abi->programs[entry];
  int64_t launches, parameters;
  count(abi, program, &launches, &parameters);
  *out = (tenon_launches){.launches = calloc((size_t)launches + 1, sizeof(*out->launches)),
                          .parameters = calloc((size_t)parameters + 1, sizeof(*out->parameters)),
                          .values = calloc((size_t)tenon_launches_values(abi, entry) + 1, sizeof(*out->values))};
  void *const **found = calloc((size_t)abi->kernel_count + 1, sizeof(*found));
  tenon_status status =
      out->launches && out->parameters && out->values && found ? tenon_ok() : tenon_out_of_memory("launches", launches * 64);
  for (int64_t i = 0, stage = 0; found && i < abi->kernel_count; stage += abi->kernels[i++].stage_count)
    found[i] = &kernels[stage];
  uint64_t *next = out->parameters;
  for (int64_t i = 0; i < program->launch_count && status.code == TENON_OK; ++i) {
    const tenon_abi_launch *launch = &program->launches[i];
    const tenon_abi_kernel *kernel = &abi->kernels[launch->kernel];
    tenon_device_launch shared = {.path = launch->path, .number = i, .parameters = next};
    *next++ = (uintptr_t)places->call;
    for (int64_t j = 0; j < kernel->parameter_count; ++j)
      *next++ = place_of(&launch->arguments[j], tokens, position, places, out);
    if (has_workspace(kernel))
      *next++ = (uintptr_t)places->workspace;
    shared.parameter_count = (int32_t)(next - shared.parameters);
    status = add_stages(kernel, found[launch->kernel], tokens, shared, out);
  }
  free(found);
  if (status.code != TENON_OK)
    tenon_launches_free(out);
  return status;
}

void tenon_launches_free(tenon_launches *launches) {
  free(launches->launches);
  free(launches->parameters);
  free(launches->values);
  *launches = (tenon_launches){0};
}
