//===- entry.c - calls one entry -----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "entry.h"

#include "literal.h"
#include "npy.h"

#include <math.h>
#include <string.h>

// One call: its tensors by index, and the names that the module gives them.
typedef struct call {
  const tenon_module *module;
  int entry;
  tenon_entry_info info;
  DLManagedTensorVersioned *inputs[MAX_BINDINGS], *outputs[MAX_BINDINGS];
} call;

typedef tenon_status (*tensor_info_fn)(const tenon_module *, int, int, tenon_tensor_info *);

// The index of the tensor that a binding names.
static tenon_status find(const call *c, const binding *binding, tensor_info_fn get, int count, tenon_tensor_info *info, int *out) {
  for (int i = 0; i < count; ++i) {
    TRY(get(c->module, c->entry, i, info));
    if (strlen(info->name) != binding->name_size || strncmp(info->name, binding->name, binding->name_size) != 0)
      continue;
    *out = i;
    return success();
  }
  return USAGE("entry '%.60s' has no tensor '%.*s'", c->info.name, (int)(binding->name_size < 60 ? binding->name_size : 60), binding->name);
}

static tenon_status read_inputs(const options *o, call *c) {
  for (int i = 0; i < o->inputs.count; ++i) {
    tenon_tensor_info info;
    int index = 0;
    TRY(find(c, &o->inputs.items[i], tenon_module_entry_input, c->info.input_count, &info, &index));
    if (c->inputs[index])
      return USAGE("input '%.60s' is given twice", info.name);
    tenon_status status = literal_parse(o->inputs.items[i].value, info.dtype, &c->inputs[index]);
    if (status.code != TENON_OK) {
      c->inputs[index] = NULL;
      return tenon_failure(status.code, "input '%.40s': %.190s", info.name, status.msg);
    }
  }
  for (int i = 0; i < c->info.input_count; ++i) {
    tenon_tensor_info info;
    TRY(tenon_module_entry_input(c->module, c->entry, i, &info));
    if (!c->inputs[i])
      return USAGE("entry '%.60s' needs --input=%.60s=...", c->info.name, info.name);
  }
  return success();
}

// The value of a file binding is "@PATH" or "PATH".
static const char *path_of(const binding *binding) {
  return binding->value + (*binding->value == '@');
}

static tenon_status compare(const char *name, const DLTensor *got, const DLTensor *expected, double tolerance) {
  bool same = got->ndim == expected->ndim;
  for (int32_t i = 0; same && i < got->ndim; ++i)
    same = got->shape[i] == expected->shape[i];
  if (!same)
    return tenon_failure(TENON_MISMATCH, "output '%.60s' has another shape than expected", name);
  double largest = 0;
  int64_t wrong = 0, first = -1, elements = tensor_elements(got);
  for (int64_t i = 0; i < elements; ++i) {
    double a = tensor_get(got, i), b = tensor_get(expected, i), error = a == b ? 0 : fabs(a - b);
    if (error > largest)
      largest = error;
    if (error <= tolerance || (isnan(a) && isnan(b)))
      continue;
    ++wrong;
    if (first < 0)
      first = i;
  }
  if (wrong == 0)
    return success();
  return tenon_failure(
      TENON_MISMATCH, "output '%.60s' differs at %lld of %lld elements; the first, %lld, expects %g, but got %g (largest difference %g)",
      name, (long long)wrong, (long long)elements, (long long)first, tensor_get(expected, first), tensor_get(got, first), largest);
}

static tenon_status check_expected(const options *o, const call *c) {
  for (int i = 0; i < o->expected.count; ++i) {
    tenon_tensor_info info;
    int index = 0;
    TRY(find(c, &o->expected.items[i], tenon_module_entry_output, c->info.output_count, &info, &index));
    DLManagedTensorVersioned *expected;
    TRY(literal_parse(o->expected.items[i].value, info.dtype, &expected));
    tenon_status status = compare(info.name, &c->outputs[index]->dl_tensor, &expected->dl_tensor, o->tolerance);
    expected->deleter(expected);
    TRY(status);
  }
  return success();
}

static tenon_status write_outputs(const options *o, const call *c) {
  for (int i = 0; i < o->outputs.count; ++i) {
    tenon_tensor_info info;
    int index = 0;
    TRY(find(c, &o->outputs.items[i], tenon_module_entry_output, c->info.output_count, &info, &index));
    TRY(npy_write(path_of(&o->outputs.items[i]), &c->outputs[index]->dl_tensor));
  }
  if (o->outputs.count + o->expected.count > 0)
    return success();
  for (int i = 0; i < c->info.output_count; ++i) {
    tenon_tensor_info info;
    TRY(tenon_module_entry_output(c->module, c->entry, i, &info));
    literal_print(info.name, &c->outputs[i]->dl_tensor);
  }
  return success();
}

static tenon_status run(const options *o, tenon_context *context, call *c) {
  TRY(tenon_module_find_entry(c->module, o->text, &c->entry));
  TRY(tenon_module_entry_info(c->module, c->entry, &c->info));
  if (c->info.input_count > MAX_BINDINGS || c->info.output_count > MAX_BINDINGS)
    return tenon_failure(TENON_UNSUPPORTED, "entry '%.60s' has more than %d tensors", c->info.name, MAX_BINDINGS);
  TRY(read_inputs(o, c));
  TRY(tenon_call(context, c->entry, c->inputs, c->info.input_count, c->outputs, c->info.output_count));
  TRY(write_outputs(o, c));
  return check_expected(o, c);
}

tenon_status run_entry(const options *o, const tenon_module *module, tenon_context *context) {
  call call = {.module = module};
  tenon_status status = run(o, context, &call);
  for (int i = 0; i < MAX_BINDINGS; ++i) {
    if (call.inputs[i])
      call.inputs[i]->deleter(call.inputs[i]);
    if (call.outputs[i])
      call.outputs[i]->deleter(call.outputs[i]);
  }
  return status;
}
