//===- descriptor.c - checks what code says about itself -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/descriptor.h"

#include "tenon/runtime/base/size.h"
#include "tenon/runtime/host/cpu.h"

enum { MAX_COUNT = 1 << 20, MAX_RANK = 8 };

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
  if (!entry->name || !entry->function)
    BAD("an entry has no name or no function");
  if (!good_array(entry->input_count, entry->inputs) || !good_array(entry->output_count, entry->outputs))
    BAD("entry '%.60s' has no tensors where it counts some", entry->name);
  for (int64_t i = 0; i < entry->input_count; ++i)
    TENON_TRY(check_tensor(module, entry, &entry->inputs[i]));
  for (int64_t i = 0; i < entry->output_count; ++i)
    TENON_TRY(check_tensor(module, entry, &entry->outputs[i]));
  const tenon_abi_size *arena = &entry->arena;
  bool good = arena->constant >= 0 && good_array(arena->symbol_count, arena->per_symbol) && arena->symbol_count <= module->symbol_count;
  for (int64_t i = 0; good && i < arena->symbol_count; ++i)
    good = arena->per_symbol[i] >= 0;
  if (!good)
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
  return module->generate ? check_generate(module) : tenon_ok();
}
