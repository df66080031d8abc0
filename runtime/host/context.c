//===- context.c - a team of threads and its scratch memory --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/context.h"

#include "tenon/runtime/base/size.h"
#include "tenon/runtime/device/launches.h"
#include "tenon/runtime/host/cpu.h"
#include "tenon/runtime/host/descriptor.h"
#include "tenon/runtime/host/finite.h"

#include <stdlib.h>

static tenon_status open_on(tenon_context *context, int32_t kind, tenon_device *device) {
  tenon_device_code text;
  tenon_status status = tenon_code_load_device(&context->module->archive, device, &context->code, &text);
  if (status.code != TENON_OK) {
    device->interface->destroy(device);
    return status;
  }
  context->abi = context->code.module;
  context->kind = kind;
  return tenon_program_create(device, context->abi, context->module->weights, &text, &context->program);
}

static tenon_status open_device(tenon_context *context, const tenon_context_options *options) {
  int32_t kind = options ? options->device : TENON_DEVICE_CPU;
  context->abi = context->module->abi;
  context->code.fd = -1;
  tenon_device *device = NULL;
  if (kind == TENON_DEVICE_CUDA || kind == TENON_DEVICE_AUTO) {
    tenon_status status = tenon_cuda_open(&device);
    if (status.code == TENON_OK)
      status = open_on(context, TENON_DEVICE_CUDA, device);
    if (kind == TENON_DEVICE_CUDA || status.code == TENON_OK)
      return status;
    context->abi = context->module->abi;
    kind = TENON_DEVICE_CPU;
  }
  if (kind == TENON_DEVICE_CPU)
    return tenon_descriptor_device(context->abi)
               ? tenon_error(TENON_UNSUPPORTED, "the artifact has code for GPUs only; compile it with --target=native too")
               : tenon_ok();
  if (kind != TENON_DEVICE_EMULATOR || !options->provider)
    return tenon_error(TENON_USAGE, "expects a device of tenon.h, and for the emulator its provider, but got device %d", kind);
  TENON_TRY(options->provider->open(options->provider, options->threads, &device));
  return open_on(context, kind, device);
}

static tenon_status open_context(tenon_context *context, const tenon_context_options *options) {
  int threads = options && options->threads ? options->threads : tenon_cpu_available_cores();
  TENON_TRY(open_device(context, options));
  int64_t symbols = context->abi->symbol_count;
  context->symbols = calloc((size_t)symbols + 1, sizeof(*context->symbols));
  if (!context->symbols)
    return tenon_out_of_memory("symbols", symbols * 8);
  if (threads < 0)
    return tenon_error(TENON_USAGE, "expects 0 or more threads, but got %d", threads);
  tenon_file_prefetch(context->module->weights, (size_t)context->abi->weights_bytes);
  return tenon_team_create(threads, &context->team);
}

tenon_status tenon_context_create(tenon_module *module, const tenon_context_options *options, tenon_context **out) {
  if (!module || !out)
    return tenon_error(TENON_USAGE, "expects a module and a place for the context");
  *out = NULL;
  tenon_context *context = calloc(1, sizeof(*context));
  if (!context)
    return tenon_out_of_memory("a context", sizeof(*context));
  atomic_init(&context->references, 1);
  atomic_init(&context->busy, 0);
  context->module = module;
  context->check_finite = options ? options->check_finite : 0;
  tenon_module_retain(module);
  tenon_status status = open_context(context, options);
  if (status.code != TENON_OK)
    tenon_context_destroy(context);
  else
    *out = context;
  return status;
}

void tenon_context_retain(tenon_context *context) {
  atomic_fetch_add(&context->references, 1);
}

void tenon_context_destroy(tenon_context *context) {
  if (!context || atomic_fetch_sub(&context->references, 1) != 1)
    return;
  tenon_program_destroy(context->program);
  tenon_code_unload(&context->code);
  tenon_team_destroy(context->team);
  tenon_pages_release(&context->arena);
  free(context->symbols);
  tenon_module_close(context->module);
  free(context);
}

int tenon_context_threads(const tenon_context *context) {
  return context ? tenon_team_threads(context->team) : 0;
}

tenon_device *tenon_context_memory(const tenon_context *context) {
  return context->program ? tenon_program_device(context->program) : NULL;
}

int64_t tenon_context_arena_bytes(const tenon_context *context) {
  return context->program ? tenon_program_arena_bytes(context->program) : context->arena.bytes;
}

tenon_status tenon_context_device(const tenon_context *context, tenon_device_info *out) {
  if (!context || !out)
    return tenon_error(TENON_USAGE, "expects a context and a place for its device");
  *out = (tenon_device_info){TENON_DEVICE_CPU, "cpu", context->module->code.name};
  if (context->program)
    *out = (tenon_device_info){context->kind, tenon_program_device(context->program)->name, context->code.name};
  return tenon_ok();
}

tenon_status tenon_context_enter(tenon_context *context) {
  int idle = 0;
  if (atomic_compare_exchange_strong(&context->busy, &idle, 1))
    return tenon_ok();
  return tenon_error(TENON_USAGE, "the context is in use by another call; make one context for each thread that calls");
}

void tenon_context_leave(tenon_context *context) {
  atomic_store(&context->busy, 0);
}

tenon_status tenon_context_set_profile(tenon_context *context, tenon_profile *profile) {
  if (!context || (profile && (profile->capacity < 0 || (profile->capacity > 0 && !profile->ends))))
    return tenon_error(TENON_USAGE, "expects a context and a profile with room for the numbers that it says");
  TENON_TRY(tenon_context_enter(context));
  context->profile = profile;
  tenon_context_leave(context);
  return tenon_ok();
}

typedef struct job {
  tenon_abi_call call; /* first: compiled code hands it back */
  tenon_abi_entry function;
  tenon_profile *profile;
  int64_t begin;
} job;

static void run_thread(void *argument, int64_t thread, int64_t threads) {
  const job *job = argument;
  job->function(&job->call, thread, threads);
}

static void wait_for_all(const tenon_abi_call *call, int64_t thread) {
  (void)thread;
  tenon_team_barrier(call->team);
}

static void note_time(tenon_profile *profile, int64_t begin) {
  if (profile->count < profile->capacity)
    profile->ends[profile->count] = tenon_now_ns() - begin;
  ++profile->count;
}

static void wait_and_note(const tenon_abi_call *call, int64_t thread) {
  wait_for_all(call, thread);
  const job *job = (const struct job *)call;
  if (thread == 0)
    note_time(job->profile, job->begin);
}

static tenon_status run_here(tenon_context *context, const tenon_abi_entry_point *entry, const void *const *inputs, void *const *outputs,
                             void *const *states, int64_t position) {
  int64_t arena;
  TENON_TRY(tenon_size_evaluate(&entry->arena, context->symbols, &arena));
  TENON_TRY(tenon_pages_require(&context->arena, arena, "the arena of an entry"));
  job job = {
      .call =
          {
              .inputs = inputs,
              .outputs = outputs,
              .weights = context->module->weights,
              .arena = context->arena.data,
              .states = states,
              .symbols = context->symbols,
              .position = position,
              .barrier = context->profile ? wait_and_note : wait_for_all,
              .team = context->team,
          },
      .function = entry->function,
      .profile = context->profile,
  };
  if (job.profile) {
    job.profile->count = 0;
    job.begin = tenon_now_ns();
  }
  tenon_team_run(context->team, run_thread, &job);
  if (job.profile)
    note_time(job.profile, job.begin);
  return context->check_finite ? tenon_check_finite(context->abi, entry, &job.call) : tenon_ok();
}

tenon_status tenon_context_run(tenon_context *context, int entry, const tenon_span *inputs, const tenon_span *outputs, void *const *states,
                               int64_t position) {
  if (context->program) {
    tenon_program_call call = {.entry = entry,
                               .inputs = inputs,
                               .outputs = outputs,
                               .states = states,
                               .symbols = context->symbols,
                               .position = position};
    return tenon_program_run(context->program, &call);
  }
  const tenon_abi_entry_point *called = &context->abi->entries[entry];
  const void *in[TENON_MAX_TENSORS];
  void *out[TENON_MAX_TENSORS];
  for (int64_t i = 0; i < called->input_count; ++i)
    in[i] = inputs[i].data;
  for (int64_t i = 0; i < called->output_count; ++i)
    out[i] = outputs[i].data;
  return run_here(context, called, in, out, states, position);
}
