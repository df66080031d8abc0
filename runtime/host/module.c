//===- module.c - an opened artifact -------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/module.h"

#include "tenon/runtime/base/pages.h"
#include "tenon/runtime/base/size.h"

#include <stdlib.h>
#include <string.h>

// Weights are mapped, not read: their checksum is not verified, but their size and place are.
static tenon_status find_weights(tenon_module *module) {
  if (module->abi->weights_bytes == 0)
    return tenon_ok();
  const tenon_archive_member *member = tenon_archive_find(&module->archive, "weights/packed.bin");
  if (!member)
    return tenon_error(TENON_UNSUPPORTED, "the artifact has no weights/packed.bin, but its code expects one");
  if ((int64_t)member->size != module->abi->weights_bytes)
    return tenon_error(TENON_UNSUPPORTED, "weights/packed.bin has %lld bytes, but the code expects %lld", (long long)member->size,
                       (long long)module->abi->weights_bytes);
  module->weights = member->data;
  return tenon_ok();
}

static tenon_status open_module(tenon_module *module, const char *path, const tenon_open_options *options) {
  TENON_TRY(tenon_file_map(path, &module->file));
  TENON_TRY(tenon_archive_open(module->file.data, module->file.size, path, &module->archive));
  TENON_TRY(tenon_code_load(&module->archive, options ? options->code : NULL, &module->code));
  module->abi = module->code.module;
  return find_weights(module);
}

tenon_status tenon_module_open(const char *path, const tenon_open_options *options, tenon_module **out) {
  if (!path || !out)
    return tenon_error(TENON_USAGE, "expects a path and a place for the module");
  *out = NULL;
  int64_t start = tenon_now_ns();
  tenon_module *module = calloc(1, sizeof(*module));
  if (!module)
    return tenon_out_of_memory("a module", sizeof(*module));
  atomic_init(&module->references, 1);
  module->code.fd = -1;
  tenon_status status = open_module(module, path, options);
  if (status.code != TENON_OK) {
    tenon_module_close(module);
    return status;
  }
  module->load_ns = tenon_now_ns() - start;
  *out = module;
  return status;
}

void tenon_module_retain(tenon_module *module) {
  atomic_fetch_add(&module->references, 1);
}

void tenon_module_close(tenon_module *module) {
  if (!module || atomic_fetch_sub(&module->references, 1) != 1)
    return;
  tenon_code_unload(&module->code);
  tenon_archive_close(&module->archive);
  tenon_file_unmap(&module->file);
  free(module);
}

tenon_status tenon_module_get_info(const tenon_module *module, tenon_module_info *out) {
  if (!module || !out)
    return tenon_error(TENON_USAGE, "expects a module and a place for its description");
  const tenon_abi_module *abi = module->abi;
  *out = (tenon_module_info){
      .name = abi->name,
      .code = module->code.name,
      .target = abi->target,
      .compiler = abi->compiler,
      .source_hash = abi->source_hash,
      .weights_bytes = abi->weights_bytes,
      .code_bytes = module->code.bytes,
      .load_ns = module->load_ns,
      .symbol_count = abi->symbol_count,
      .symbols = abi->symbols,
  };
  if (abi->generate) {
    out->vocabulary = abi->generate->vocabulary;
    out->context = abi->generate->context;
    out->bos = abi->generate->bos;
    out->eos_count = abi->generate->eos_count;
    out->eos = abi->generate->eos;
  }
  return tenon_ok();
}

tenon_status tenon_module_file(const tenon_module *module, const char *name, const void **data, size_t *size) {
  if (!module || !name || !data || !size)
    return tenon_error(TENON_USAGE, "expects a module, a name and places for the file");
  const tenon_archive_member *member = tenon_archive_find(&module->archive, name);
  if (!member)
    return tenon_error(TENON_USAGE, "the artifact has no '%.80s'", name);
  TENON_TRY(tenon_archive_verify(member));
  *data = member->data;
  *size = member->size;
  return tenon_ok();
}

int tenon_module_entry_count(const tenon_module *module) {
  return module ? (int)module->abi->entry_count : 0;
}

tenon_status tenon_module_find_entry(const tenon_module *module, const char *name, int *out) {
  if (!module || !name || !out)
    return tenon_error(TENON_USAGE, "expects a module, a name and a place for the entry");
  for (int64_t i = 0; i < module->abi->entry_count; ++i) {
    if (strcmp(module->abi->entries[i].name, name) != 0)
      continue;
    *out = (int)i;
    return tenon_ok();
  }
  return tenon_error(TENON_USAGE, "the module has no entry '%.80s'", name);
}

tenon_status tenon_module_entry(const tenon_module *module, int index, const tenon_abi_entry_point **out) {
  if (!module)
    return tenon_error(TENON_USAGE, "expects a module");
  if (index < 0 || index >= module->abi->entry_count)
    return tenon_error(TENON_USAGE, "expects an entry from 0 to %lld, but got %d", (long long)module->abi->entry_count - 1, index);
  *out = &module->abi->entries[index];
  return tenon_ok();
}

tenon_status tenon_module_entry_info(const tenon_module *module, int index, tenon_entry_info *out) {
  const tenon_abi_entry_point *entry = NULL;
  TENON_TRY(tenon_module_entry(module, index, &entry));
  if (!out)
    return tenon_error(TENON_USAGE, "expects a place for the entry's description");
  *out = (tenon_entry_info){
      .name = entry->name,
      .stateful = (entry->flags & TENON_ABI_ENTRY_STATEFUL) != 0,
      .input_count = (int32_t)entry->input_count,
      .output_count = (int32_t)entry->output_count,
  };
  return tenon_ok();
}

DLDataType tenon_dtype_dlpack(int32_t dtype) {
  static const struct {
    uint8_t code, bits;
  } types[] = {
      [TENON_ABI_F32] = {kDLFloat, 32}, [TENON_ABI_F16] = {kDLFloat, 16}, [TENON_ABI_BF16] = {kDLBfloat, 16},
      [TENON_ABI_I8] = {kDLInt, 8},     [TENON_ABI_U8] = {kDLUInt, 8},    [TENON_ABI_I32] = {kDLInt, 32},
      [TENON_ABI_I64] = {kDLInt, 64},   [TENON_ABI_BOOL] = {kDLBool, 8},
  };
  return (DLDataType){types[dtype].code, types[dtype].bits, 1};
}

static tenon_status tensor_info(const char *kind, const tenon_abi_tensor *tensors, int64_t count, int index, tenon_tensor_info *out) {
  if (index < 0 || index >= count)
    return tenon_error(TENON_USAGE, "expects an %s from 0 to %lld, but got %d", kind, (long long)count - 1, index);
  if (!out)
    return tenon_error(TENON_USAGE, "expects a place for the tensor's description");
  const tenon_abi_tensor *tensor = &tensors[index];
  *out = (tenon_tensor_info){tensor->name, tenon_dtype_dlpack(tensor->dtype), tensor->rank, tensor->dims};
  return tenon_ok();
}

tenon_status tenon_module_entry_input(const tenon_module *module, int entry, int index, tenon_tensor_info *out) {
  const tenon_abi_entry_point *e = NULL;
  TENON_TRY(tenon_module_entry(module, entry, &e));
  return tensor_info("input", e->inputs, e->input_count, index, out);
}

tenon_status tenon_module_entry_output(const tenon_module *module, int entry, int index, tenon_tensor_info *out) {
  const tenon_abi_entry_point *e = NULL;
  TENON_TRY(tenon_module_entry(module, entry, &e));
  return tensor_info("output", e->outputs, e->output_count, index, out);
}

// The values of all symbols: those given, then ones.
static tenon_status complete_symbols(const tenon_abi_module *abi, const tenon_shape_env *env, int64_t **out) {
  int64_t *symbols = malloc((size_t)(abi->symbol_count + 1) * sizeof(*symbols));
  if (!symbols)
    return tenon_out_of_memory("symbols", abi->symbol_count * 8);
  for (int64_t i = 0; i < abi->symbol_count; ++i) {
    symbols[i] = env && i < env->count ? env->symbols[i] : 1;
    if (symbols[i] >= 0)
      continue;
    tenon_status status = tenon_error(TENON_USAGE, "expects '%.60s' to be 0 or more, but got %lld", abi->symbols[i], (long long)symbols[i]);
    free(symbols);
    return status;
  }
  *out = symbols;
  return tenon_ok();
}

static tenon_status plan(const tenon_abi_module *abi, const int64_t *symbols, int64_t positions, tenon_memory_plan *out) {
  *out = (tenon_memory_plan){.weights_bytes = abi->weights_bytes};
  for (int64_t i = 0; i < abi->entry_count; ++i) {
    int64_t bytes;
    TENON_TRY(tenon_size_evaluate(&abi->entries[i].arena, symbols, &bytes));
    if (bytes > out->arena_bytes)
      out->arena_bytes = bytes;
  }
  for (int64_t i = 0; i < abi->state_count; ++i) {
    int64_t bytes;
    TENON_TRY(tenon_state_bytes(&abi->states[i], positions, &bytes));
    if (!tenon_size_add(out->state_bytes, bytes, &out->state_bytes))
      return tenon_out_of_memory("the state", INT64_MAX);
  }
  if (!tenon_size_add(out->weights_bytes, out->arena_bytes, &out->total_bytes) ||
      !tenon_size_add(out->total_bytes, out->state_bytes, &out->total_bytes))
    return tenon_out_of_memory("everything", INT64_MAX);
  return tenon_ok();
}

tenon_status tenon_module_memory_plan(const tenon_module *module, const tenon_shape_env *env, tenon_memory_plan *out) {
  if (!module || !out)
    return tenon_error(TENON_USAGE, "expects a module and a place for the plan");
  const tenon_abi_module *abi = module->abi;
  if (env && (env->count < 0 || env->count > abi->symbol_count || (env->count > 0 && !env->symbols)))
    return tenon_error(TENON_USAGE, "expects up to %lld symbols, but got %lld", (long long)abi->symbol_count, (long long)env->count);
  int64_t positions = env && env->positions ? env->positions : abi->generate ? abi->generate->context : 0;
  if (positions < 0)
    return tenon_error(TENON_USAGE, "expects 0 or more positions, but got %lld", (long long)positions);
  int64_t *symbols = NULL;
  TENON_TRY(complete_symbols(abi, env, &symbols));
  tenon_status status = plan(abi, symbols, positions, out);
  free(symbols);
  return status;
}
