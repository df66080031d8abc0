//===- descriptor.c - checks what code says about itself -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/descriptor.h"

#include "tenon/runtime/base/size.h"
#include "tenon/runtime/host/cpu.h"

enum { MAX_COUNT = 1 << 20, MAX_RANK = 8 };
// Of every GPU: threads and shared memory of a block, and parameters that fit in the 4 KiB that all drivers have.
enum { MAX_THREADS = 1024, MAX_SHARED = 227 << 10, MAX_PARAMETERS = 480 };

#define BAD(...) return tenon_error(TENON_UNSUPPORTED, "the module's descriptor is damaged: " __VA_ARGS__)

tenon_status tenon_descriptor_check_abi(const tenon_abi_module *module) {
  if (module->magic != TENON_ABI_MAGIC)
    BAD("it does not start with the magic number");
  if (module->abi_major != TENON_ABI_MAJOR)
    return tenon_error(TENON_UNSUPPORTED, "was made for ABI %d.%d, but this runtime runs ABI %d only; compile the model again",
                       module->abi_major, module->abi_minor, TENON_ABI_MAJOR);
  if (module->abi_minor > TENON_ABI_MINOR)
    return tenon_error(TENON_UNSUPPORTED, "was made for ABI %d.%d, newer than this runtime's %d.%d; update the runtime", module->abi_major,
                       module->abi_minor, TENON_ABI_MAJOR, TENON_ABI_MINOR);
  if (module->isa != tenon_cpu_isa())
    return tenon_error(TENON_UNSUPPORTED, "is for another instruction set (%d, but expects %d)", module->isa, tenon_cpu_isa());
  return tenon_ok();
}

// An array is fine if its count is in bounds and it is there when it has to be.
static bool good_array(int64_t count, const void *array) {
  return count >= 0 && count <= MAX_COUNT && (count == 0 || array);
}

static bool good_size(const tenon_abi_module *module, const tenon_abi_size *size) {
  bool good = size->constant >= 0 && good_array(size->symbol_count, size->per_symbol) && size->symbol_count <= module->symbol_count;
  for (int64_t i = 0; good && i < size->symbol_count; ++i)
    good = size->per_symbol[i] >= 0;
  return good;
}

static tenon_status check_tensor(const tenon_abi_module *module, const tenon_abi_entry_point *entry, const tenon_abi_tensor *tensor) {
  if (!tensor->name)
    BAD("a tensor of entry '%.60s' has no name", entry->name);
  if (tensor->rank < 0 || tensor->rank > MAX_RANK || (tensor->rank > 0 && !tensor->dims))
    BAD("tensor '%.60s' of entry '%.60s' has rank %d", tensor->name, entry->name, tensor->rank);
  if (tenon_dtype_bytes(tensor->dtype) == 0)
    BAD("tensor '%.60s' of entry '%.60s' has unknown type %d", tensor->name, entry->name, tensor->dtype);
  for (int32_t i = 0; i < tensor->rank; ++i)
    if (tensor->dims[i] < -module->symbol_count)
      BAD("tensor '%.60s' of entry '%.60s' has an unknown symbol", tensor->name, entry->name);
  return tenon_ok();
}

static tenon_status check_entry(const tenon_abi_module *module, const tenon_abi_entry_point *entry) {
  if (!entry->name || (!entry->function && !tenon_descriptor_device(module)))
    BAD("an entry has no name or no function");
  if (!good_array(entry->input_count, entry->inputs) || !good_array(entry->output_count, entry->outputs))
    BAD("entry '%.60s' has no tensors where it counts some", entry->name);
  for (int64_t i = 0; i < entry->input_count; ++i)
    TENON_TRY(check_tensor(module, entry, &entry->inputs[i]));
  for (int64_t i = 0; i < entry->output_count; ++i)
    TENON_TRY(check_tensor(module, entry, &entry->outputs[i]));
  if (!good_size(module, &entry->arena))
    BAD("the arena of entry '%.60s' has no valid size", entry->name);
  if ((entry->flags & TENON_ABI_ENTRY_STATEFUL) && module->symbol_count < 1)
    BAD("stateful entry '%.60s' has no tokens", entry->name);
  return tenon_ok();
}

static tenon_status check_state(const tenon_abi_state *state) {
  if (!state->name)
    BAD("a state slot has no name");
  if (state->kind != TENON_ABI_STATE_APPEND && state->kind != TENON_ABI_STATE_FIXED)
    BAD("state slot '%.60s' is of unknown kind %lld", state->name, (long long)state->kind);
  if (state->bytes < 0 || (state->kind == TENON_ABI_STATE_APPEND && state->block_positions < 1))
    BAD("state slot '%.60s' has no valid size", state->name);
  return tenon_ok();
}

static tenon_status check_weight(const tenon_abi_module *module, const tenon_abi_weight *weight) {
  int64_t end;
  if (!weight->name || !weight->format || weight->rank < 0 || weight->rank > MAX_RANK || (weight->rank > 0 && !weight->dims))
    BAD("a weight has no name, format or shape");
  if (weight->offset < 0 || weight->bytes < 0 || !tenon_size_add(weight->offset, weight->bytes, &end) || end > module->weights_bytes)
    BAD("weight '%.60s' lies outside the packed weights", weight->name);
  return tenon_ok();
}

// The shapes that sessions rely on: tokens i32[symbol 0] in, f32[rows, vocabulary] out.
static tenon_status check_language_entry(const tenon_abi_module *module, int64_t index, int64_t rows) {
  if (index < 0 || index >= module->entry_count)
    BAD("generation uses entry %lld, which is not there", (long long)index);
  const tenon_abi_entry_point *entry = &module->entries[index];
  const tenon_abi_tensor *in = entry->inputs, *out = entry->outputs;
  if (entry->input_count != 1 || in->dtype != TENON_ABI_I32 || in->rank != 1 || in->dims[0] != -1)
    BAD("entry '%.60s' does not take tokens", entry->name);
  if (entry->output_count != 1 || out->dtype != TENON_ABI_F32 || out->rank != 2 || out->dims[0] != rows ||
      out->dims[1] != module->generate->vocabulary)
    BAD("entry '%.60s' does not give logits", entry->name);
  return tenon_ok();
}

static tenon_status check_generate(const tenon_abi_module *module) {
  const tenon_abi_generate *generate = module->generate;
  if (generate->vocabulary < 1 || generate->vocabulary > INT32_MAX || generate->context < 1)
    BAD("its vocabulary or context has no valid size");
  if (!good_array(generate->eos_count, generate->eos))
    BAD("its end tokens are not there");
  TENON_TRY(check_language_entry(module, generate->step_entry, 1));
  if (generate->forward_entry != -1)
    TENON_TRY(check_language_entry(module, generate->forward_entry, -1));
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// Launches on a GPU
//===----------------------------------------------------------------------===//

const char *tenon_descriptor_device(const tenon_abi_module *module) {
  return module->abi_minor >= 1 ? module->device : NULL;
}

static tenon_status check_stage(const tenon_abi_kernel *kernel, const tenon_abi_stage *stage) {
  if (!stage->name)
    BAD("a stage of kernel '%.80s' has no name", kernel->name);
  int64_t threads = 1;
  bool good = stage->shared_bytes >= 0 && stage->shared_bytes <= MAX_SHARED;
  for (int i = 0; i < 3; ++i) {
    good = good && stage->threads[i] >= 1 && stage->threads[i] <= MAX_THREADS && stage->grid[i] >= 1 && stage->grid[i] <= INT32_MAX &&
           stage->rows[i] >= 0;
    threads *= good ? stage->threads[i] : 1;
  }
  if (!good || threads > MAX_THREADS)
    BAD("stage '%.80s' has no valid threads, grid or shared memory", stage->name);
  return tenon_ok();
}

static tenon_status check_kernel(const tenon_abi_module *module, const tenon_abi_kernel *kernel) {
  if (!kernel->name || kernel->stage_count < 1 || !good_array(kernel->stage_count, kernel->stages))
    BAD("a kernel has no name or no stages");
  if (!good_size(module, &kernel->workspace))
    BAD("the workspace of kernel '%.80s' has no valid size", kernel->name);
  if (kernel->parameter_count > MAX_PARAMETERS || !good_array(kernel->parameter_count, kernel->parameter_names))
    BAD("the parameters of kernel '%.80s' are not there", kernel->name);
  for (int64_t i = 0; i < kernel->parameter_count; ++i)
    if (!kernel->parameter_names[i])
      BAD("a parameter of kernel '%.80s' has no name", kernel->name);
  for (int64_t i = 0; i < kernel->stage_count; ++i)
    TENON_TRY(check_stage(kernel, &kernel->stages[i]));
  return tenon_ok();
}

// The place that an argument names must be there; how far a kernel reads from it is the compiler's to know.
static bool good_argument(const tenon_abi_module *module, const tenon_abi_entry_point *entry, const tenon_abi_argument *argument) {
  if (argument->kind == TENON_ABI_ARGUMENT_VALUE)
    return true;
  if (argument->constant < 0 || argument->per_token < 0 || argument->per_position != 0)
    return false;
  const int64_t counts[] = {
      [TENON_ABI_ARGUMENT_INPUT] = entry->input_count, [TENON_ABI_ARGUMENT_OUTPUT] = entry->output_count,
      [TENON_ABI_ARGUMENT_WEIGHT] = 1,                 [TENON_ABI_ARGUMENT_ARENA] = 1,
      [TENON_ABI_ARGUMENT_STATE] = module->state_count, [TENON_ABI_ARGUMENT_DATA] = 1,
  };
  if (argument->kind < 0 || argument->kind > TENON_ABI_ARGUMENT_DATA || argument->index < 0 || argument->index >= counts[argument->kind])
    return false;
  if (argument->kind == TENON_ABI_ARGUMENT_WEIGHT)
    return argument->constant < module->weights_bytes;
  return argument->kind != TENON_ABI_ARGUMENT_DATA || argument->constant < module->data_bytes;
}

static tenon_status check_launch(const tenon_abi_module *module, const tenon_abi_entry_point *entry, int64_t number,
                                 const tenon_abi_launch *launch) {
  if (launch->kernel < 0 || launch->kernel >= module->kernel_count || !launch->path)
    BAD("launch %lld of entry '%.60s' is of no kernel or has no path", (long long)number, entry->name);
  const tenon_abi_kernel *kernel = &module->kernels[launch->kernel];
  if (kernel->parameter_count > 0 && !launch->arguments)
    BAD("launch %lld of entry '%.60s' has no arguments", (long long)number, entry->name);
  for (int64_t i = 0; i < kernel->parameter_count; ++i)
    if (!good_argument(module, entry, &launch->arguments[i]))
      BAD("argument '%.60s' of launch %lld of entry '%.60s' is nowhere", kernel->parameter_names[i], (long long)number, entry->name);
  return tenon_ok();
}

static tenon_status check_device(const tenon_abi_module *module) {
  if (!good_array(module->kernel_count, module->kernels) || !good_array(module->entry_count, module->programs))
    BAD("its kernels or launches are not there");
  if (module->data_bytes < 0 || (module->data_bytes > 0 && !module->data))
    BAD("its data is not there");
  for (int64_t i = 0; i < module->kernel_count; ++i)
    TENON_TRY(check_kernel(module, &module->kernels[i]));
  for (int64_t i = 0; i < module->entry_count; ++i) {
    const tenon_abi_program *program = &module->programs[i];
    if (!good_array(program->launch_count, program->launches))
      BAD("the launches of entry '%.60s' are not there", module->entries[i].name);
    for (int64_t j = 0; j < program->launch_count; ++j)
      TENON_TRY(check_launch(module, &module->entries[i], j, &program->launches[j]));
  }
  return tenon_ok();
}

tenon_status tenon_descriptor_check(const tenon_abi_module *module) {
  if (!module->target || !module->name || !module->source_hash || !module->compiler)
    BAD("a name is missing");
  if (module->weights_bytes < 0)
    BAD("its weights have no valid size");
  if (!good_array(module->symbol_count, module->symbols) || !good_array(module->entry_count, module->entries) ||
      !good_array(module->state_count, module->states) || !good_array(module->weight_count, module->weights))
    BAD("an array has no valid count");
  for (int64_t i = 0; i < module->symbol_count; ++i)
    if (!module->symbols[i])
      BAD("a symbol has no name");
  for (int64_t i = 0; i < module->entry_count; ++i)
    TENON_TRY(check_entry(module, &module->entries[i]));
  for (int64_t i = 0; i < module->state_count; ++i)
    TENON_TRY(check_state(&module->states[i]));
  for (int64_t i = 0; i < module->weight_count; ++i)
    TENON_TRY(check_weight(module, &module->weights[i]));
  if (module->generate)
    TENON_TRY(check_generate(module));
  return tenon_descriptor_device(module) ? check_device(module) : tenon_ok();
}
