//===- call.c - checks tensors against an entry and calls it -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled code trusts its arguments, so everything it relies on is checked here: type, rank, every dimension, strides, device, alignment,
// overlap, the range of tokens, and room in the state. Symbols take their values from the inputs in order.
#include "tenon/runtime/host/call.h"

#include "tenon/runtime/base/size.h"
#include "tenon/runtime/device/launches.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define UNBOUND INT64_C(-1)

// Where a tensor is used, for messages.
typedef struct use {
  const tenon_abi_entry_point *entry;
  const tenon_abi_tensor *expected;
  const char *kind;
} use;

#define BAD_TENSOR(u, format, ...)                                                                                                         \
  tenon_error(TENON_USAGE, "%s '%.50s' of entry '%.50s' " format, (u)->kind, (u)->expected->name, (u)->entry->name, __VA_ARGS__)

static const char *type_name(DLDataType type, char *buffer, size_t size) {
  static const char *const names[] = {"int", "uint", "float", "handle", "bfloat", "complex", "bool"};
  const char *name = type.code < sizeof(names) / sizeof(*names) ? names[type.code] : "type";
  int used = snprintf(buffer, size, "%s%d", name, type.bits);
  if (type.lanes != 1 && used > 0)
    snprintf(buffer + used, size - (size_t)used, "x%d", type.lanes);
  return buffer;
}

static tenon_status check_type(const use *u, const DLTensor *t) {
  DLDataType expected = tenon_dtype_dlpack(u->expected->dtype);
  if (t->dtype.code == expected.code && t->dtype.bits == expected.bits && t->dtype.lanes == 1)
    return tenon_ok();
  char a[32], b[32];
  return BAD_TENSOR(u, "expects %s, but got %s", type_name(expected, a, sizeof(a)), type_name(t->dtype, b, sizeof(b)));
}

// Binds the symbols that this tensor's shape is the first to give; the others must agree.
static tenon_status check_shape(const use *u, const DLTensor *t, const tenon_abi_module *abi, int64_t *symbols) {
  if (t->ndim != u->expected->rank)
    return BAD_TENSOR(u, "expects rank %d, but got rank %d", u->expected->rank, t->ndim);
  if (t->ndim > 0 && !t->shape)
    return BAD_TENSOR(u, "has rank %d, but no shape", t->ndim);
  for (int32_t i = 0; i < t->ndim; ++i) {
    int64_t expected = u->expected->dims[i], size = t->shape[i];
    if (size < 0)
      return BAD_TENSOR(u, "has dimension %d of size %lld", i, (long long)size);
    if (expected >= 0) {
      if (size != expected)
        return BAD_TENSOR(u, "expects dimension %d to be %lld, but got %lld", i, (long long)expected, (long long)size);
      continue;
    }
    int64_t symbol = -1 - expected;
    if (symbols[symbol] == UNBOUND)
      symbols[symbol] = size;
    if (symbols[symbol] != size)
      return BAD_TENSOR(u, "expects dimension %d to be %lld ('%.30s' of the tensors before), but got %lld", i, (long long)symbols[symbol],
                        abi->symbols[symbol], (long long)size);
  }
  return tenon_ok();
}

// Row-major without gaps. The strides of dimensions of size 1 don't matter, nor any in a tensor without elements.
static tenon_status check_strides(const use *u, const DLTensor *t, int64_t elements) {
  if (!t->strides || elements == 0)
    return tenon_ok();
  int64_t dense = 1;
  for (int32_t i = t->ndim - 1; i >= 0; --i) {
    if (t->shape[i] != 1 && t->strides[i] != dense)
      return BAD_TENSOR(u, "expects stride %lld at dimension %d (dense, row-major), but got %lld", (long long)dense, i,
                        (long long)t->strides[i]);
    dense *= t->shape[i];
  }
  return tenon_ok();
}

static tenon_status count_bytes(const use *u, const int64_t *shape, int64_t *elements, int64_t *bytes) {
  *elements = 1;
  for (int32_t i = 0; i < u->expected->rank; ++i)
    if (!tenon_size_multiply(*elements, shape[i], elements))
      return BAD_TENSOR(u, "has too many elements (dimension %d)", i);
  if (!tenon_size_multiply(*elements, tenon_dtype_bytes(u->expected->dtype), bytes))
    return BAD_TENSOR(u, "has too many elements (%lld)", (long long)*elements);
  return tenon_ok();
}

// The arguments of one call while they are checked. Inputs come first, then outputs.
typedef struct arguments {
  const tenon_abi_entry_point *entry;
  const tenon_abi_module *abi;
  tenon_device *device; /* null: the host */
  int64_t *symbols;
  tenon_span spans[2 * TENON_MAX_TENSORS];
  DLManagedTensorVersioned *made[TENON_MAX_TENSORS]; /* outputs that the caller left to us */
  int64_t output_bytes;
} arguments;

enum { DEVICE_ALIGNMENT = 16 };

// A tensor lies on the CPU or in the context's own kind of memory; there kernels access whole vectors.
static tenon_status check_place(const use *u, const DLTensor *t, const tenon_device *device, bool *on_device) {
  *on_device = device && device->dl_type != kDLCPU && (int32_t)t->device.device_type == device->dl_type;
  if (*on_device && t->device.device_id != device->dl_number)
    return BAD_TENSOR(u, "expects memory of device %d, but got device %d", device->dl_number, t->device.device_id);
  if (!*on_device && t->device.device_type != kDLCPU)
    return BAD_TENSOR(u, "expects memory of the CPU%s, but got device type %d",
                      device && device->dl_type != kDLCPU ? " or of the context's device" : "", (int)t->device.device_type);
  return tenon_ok();
}

static tenon_status check_tensor(const use *u, const DLManagedTensorVersioned *managed, const arguments *a, tenon_span *out) {
  if (managed->version.major != DLPACK_MAJOR_VERSION)
    return BAD_TENSOR(u, "expects DLPack version %d, but got %u", DLPACK_MAJOR_VERSION, (unsigned)managed->version.major);
  const DLTensor *t = &managed->dl_tensor;
  TENON_TRY(check_place(u, t, a->device, &out->on_device));
  TENON_TRY(check_type(u, t));
  TENON_TRY(check_shape(u, t, a->abi, a->symbols));
  int64_t elements, alignment = out->on_device ? DEVICE_ALIGNMENT : tenon_dtype_bytes(u->expected->dtype);
  TENON_TRY(count_bytes(u, t->shape, &elements, &out->bytes));
  TENON_TRY(check_strides(u, t, elements));
  out->data = elements ? (char *)t->data + t->byte_offset : NULL;
  if (elements && !t->data)
    return BAD_TENSOR(u, "has %lld elements, but no data", (long long)elements);
  if ((uintptr_t)out->data % (uintptr_t)alignment != 0)
    return BAD_TENSOR(u, "expects memory aligned to %lld bytes", (long long)alignment);
  return tenon_ok();
}

static bool overlap(const tenon_span *a, const tenon_span *b) {
  const char *x = a->data, *y = b->data;
  return a->bytes && b->bytes && x < y + b->bytes && y < x + a->bytes;
}

static tenon_status check_inputs(arguments *a, DLManagedTensorVersioned *const *in) {
  for (int64_t i = 0; i < a->entry->input_count; ++i) {
    use u = {a->entry, &a->entry->inputs[i], "input"};
    if (!in[i])
      return BAD_TENSOR(&u, "is %s", "null");
    TENON_TRY(check_tensor(&u, in[i], a, &a->spans[i]));
  }
  return tenon_ok();
}

static tenon_status make_output(const use *u, const int64_t *symbols, DLManagedTensorVersioned **out) {
  int64_t shape[8];
  for (int32_t i = 0; i < u->expected->rank; ++i) {
    int64_t dim = u->expected->dims[i];
    shape[i] = dim >= 0 ? dim : symbols[-1 - dim];
    if (shape[i] < 0)
      return BAD_TENSOR(u, "has dimension %d, whose size no input gives", i);
  }
  return tenon_tensor_create(tenon_dtype_dlpack(u->expected->dtype), u->expected->rank, shape, out);
}

static tenon_status check_output(arguments *a, int64_t i, DLManagedTensorVersioned *given) {
  use u = {a->entry, &a->entry->outputs[i], "output"};
  tenon_span *span = &a->spans[a->entry->input_count + i];
  if (!given) {
    TENON_TRY(make_output(&u, a->symbols, &a->made[i]));
    given = a->made[i];
  } else if (given->flags & DLPACK_FLAG_BITMASK_READ_ONLY) {
    return BAD_TENSOR(&u, "is %s", "read-only");
  }
  TENON_TRY(check_tensor(&u, given, a, span));
  for (int64_t j = 0; j < a->entry->input_count + i; ++j)
    if (overlap(span, &a->spans[j]))
      return BAD_TENSOR(&u, "overlaps %s", j < a->entry->input_count ? "an input" : "another output");
  a->output_bytes |= span->bytes;
  return tenon_ok();
}

tenon_status tenon_check_tokens(const tenon_abi_module *abi, const int32_t *tokens, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if (tokens[i] < 0 || tokens[i] >= abi->generate->vocabulary)
      return tenon_error(TENON_USAGE, "token %lld is %d, but the vocabulary has %lld tokens", (long long)i, tokens[i],
                         (long long)abi->generate->vocabulary);
  return tenon_ok();
}

// The entries of a language model index a table by their tokens, so these are bounded here.
static tenon_status check_language(const arguments *a, int index) {
  const tenon_abi_generate *generate = a->abi->generate;
  if (!generate || (index != generate->step_entry && index != generate->forward_entry))
    return tenon_ok();
  const tenon_span *tokens = &a->spans[0];
  if (!tokens->on_device)
    return tenon_check_tokens(a->abi, tokens->data, a->symbols[0]);
  int32_t *copy = malloc((size_t)tokens->bytes + 1);
  if (!copy)
    return tenon_out_of_memory("tokens", tokens->bytes);
  tenon_status status = tenon_memory_read(a->device, copy, tokens->data, tokens->bytes);
  if (status.code == TENON_OK)
    status = tenon_check_tokens(a->abi, copy, a->symbols[0]);
  free(copy);
  return status;
}

// An output that has rows without tokens is chosen from rows that are not there. This is called while symbols without a value are unbound.
static tenon_status check_any_tokens(const arguments *a) {
  if (a->abi->symbol_count == 0 || a->symbols[0] != 0)
    return tenon_ok();
  for (int64_t i = 0; i < a->entry->output_count; ++i)
    if (a->spans[a->entry->input_count + i].bytes > 0)
      return tenon_error(TENON_USAGE, "entry '%.60s' expects at least one token", a->entry->name);
  return tenon_ok();
}

static tenon_status run(tenon_context *context, int index, const arguments *a, tenon_sequence *sequence) {
  int64_t tokens = a->abi->symbol_count > 0 ? a->symbols[0] : 0;
  bool stateful = (a->entry->flags & TENON_ABI_ENTRY_STATEFUL) != 0;
  int64_t position = stateful && sequence ? sequence->position : 0;
  int64_t room = sequence ? sequence->slots->positions : a->abi->generate ? a->abi->generate->context : tokens;
  if (stateful && tokens > room - position)
    return tenon_error(TENON_RESOURCE, "%lld tokens do not fit: the sequence has %lld of at most %lld", (long long)tokens,
                       (long long)position, (long long)room);
  tenon_slots own = {0}, *slots = sequence ? sequence->slots : &own;
  if (stateful)
    TENON_TRY(sequence ? tenon_slots_own(slots, context->team) : tenon_slots_create(a->abi, a->device, tokens, &own));
  // Without a token there is nothing to append and nothing to compute.
  bool empty = a->output_bytes == 0 && (!stateful || tokens == 0);
  const tenon_span *outputs = a->spans + a->entry->input_count;
  tenon_status status = empty ? tenon_ok() : tenon_context_run(context, index, a->spans, outputs, slots->slots, position);
  if (status.code == TENON_OK && stateful && sequence)
    sequence->position += tokens;
  tenon_slots_destroy(&own);
  return status;
}

static tenon_status check_and_run(tenon_context *context, int index, tenon_sequence *sequence, arguments *a,
                                  DLManagedTensorVersioned *const *in, DLManagedTensorVersioned *const *out) {
  TENON_TRY(check_inputs(a, in));
  for (int64_t i = 0; i < a->entry->output_count; ++i)
    TENON_TRY(check_output(a, i, out[i]));
  TENON_TRY(check_any_tokens(a));
  for (int64_t i = 0; i < a->abi->symbol_count; ++i)
    if (a->symbols[i] == UNBOUND)
      a->symbols[i] = 0;
  TENON_TRY(check_language(a, index));
  return run(context, index, a, sequence);
}

tenon_status tenon_call_checked(tenon_context *context, int index, tenon_sequence *sequence, DLManagedTensorVersioned *const *in, int n_in,
                                DLManagedTensorVersioned **out, int n_out) {
  const tenon_abi_module *abi = context->abi;
  arguments a = {.abi = abi, .device = tenon_context_memory(context), .symbols = context->symbols};
  TENON_TRY(tenon_module_entry(context->module, index, &a.entry));
  if (n_in != a.entry->input_count || n_out != a.entry->output_count || (n_in > 0 && !in) || (n_out > 0 && !out))
    return tenon_error(TENON_USAGE, "entry '%.60s' expects %lld inputs and %lld outputs, but got %d and %d", a.entry->name,
                       (long long)a.entry->input_count, (long long)a.entry->output_count, n_in, n_out);
  if (n_in > TENON_MAX_TENSORS || n_out > TENON_MAX_TENSORS)
    return tenon_error(TENON_UNSUPPORTED, "entry '%.60s' has more than %d inputs or outputs", a.entry->name, TENON_MAX_TENSORS);
  for (int64_t i = 0; i < abi->symbol_count; ++i)
    a.symbols[i] = UNBOUND;
  tenon_status status = check_and_run(context, index, sequence, &a, in, out);
  for (int i = 0; i < n_out; ++i) {
    if (!a.made[i])
      continue;
    if (status.code == TENON_OK)
      out[i] = a.made[i];
    else
      a.made[i]->deleter(a.made[i]);
  }
  return status;
}

tenon_status tenon_call(tenon_context *context, int entry, DLManagedTensorVersioned *const *in, int n_in, DLManagedTensorVersioned **out,
                        int n_out) {
  if (!context)
    return tenon_error(TENON_USAGE, "expects a context");
  TENON_TRY(tenon_context_enter(context));
  tenon_status status = tenon_call_checked(context, entry, NULL, in, n_in, out, n_out);
  tenon_context_leave(context);
  return status;
}
