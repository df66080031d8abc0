//===- program.c - a module's entries on a device ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/device/program.h"

#include "tenon/runtime/base/size.h"
#include "tenon/runtime/device/launches.h"

#include <stdlib.h>
#include <string.h>

// Recordings kept at a time, those of the last used lengths.
enum { MAX_RECORDINGS = 16 };

// Memory that grows when a call needs more than any before.
typedef struct buffer {
  const char *name;
  void *data;
  int64_t bytes;
} buffer;

typedef struct recording {
  int64_t entry, tokens;
  int64_t used; /* number of the call that used it last; 0: there is none here */
  void *handle;
  tenon_launches launches; /* as recorded */
} recording;

struct tenon_program {
  tenon_device *device;
  const tenon_abi_module *abi;
  void *module;
  void **kernels; /* one a stage, in the module's order */
  void *weights, *data;
  buffer call, arena, workspace;
  buffer *inputs, *outputs; /* of calls whose tensors are the host's, by number */
  int64_t input_count, output_count;
  int64_t calls;
  recording recordings[MAX_RECORDINGS];
};

static tenon_status require(tenon_program *program, buffer *buffer, int64_t bytes) {
  tenon_device *device = program->device;
  if (buffer->data && buffer->bytes >= bytes)
    return tenon_ok();
  if (buffer->data)
    device->interface->release(device, buffer->data);
  buffer->data = NULL;
  tenon_device_part part = {buffer->name, 0, bytes};
  TENON_TRY(device->interface->allocate(device, bytes > 0 ? bytes : 1, /*zeroed=*/false, &(tenon_device_parts){&part, 1}, &buffer->data));
  buffer->bytes = bytes;
  return tenon_ok();
}

static void release(tenon_program *program, buffer *buffer) {
  if (buffer->data)
    program->device->interface->release(program->device, buffer->data);
}

//===----------------------------------------------------------------------===//
// Making and ending
//===----------------------------------------------------------------------===//

static tenon_status adopt_weights(tenon_program *program, const void *weights) {
  const tenon_abi_module *abi = program->abi;
  if (abi->weights_bytes == 0)
    return tenon_ok();
  tenon_device_part *parts = calloc((size_t)abi->weight_count + 1, sizeof(*parts));
  if (!parts)
    return tenon_out_of_memory("names of weights", abi->weight_count * (int64_t)sizeof(*parts));
  for (int64_t i = 0; i < abi->weight_count; ++i)
    parts[i] = (tenon_device_part){abi->weights[i].name, abi->weights[i].offset, abi->weights[i].bytes};
  tenon_status status = program->device->interface->adopt(program->device, weights, abi->weights_bytes,
                                                          &(tenon_device_parts){parts, abi->weight_count}, &program->weights);
  free(parts);
  return status;
}

static tenon_status find_kernels(tenon_program *program) {
  const tenon_abi_module *abi = program->abi;
  int64_t stages = 0;
  for (int64_t i = 0; i < abi->kernel_count; ++i)
    stages += abi->kernels[i].stage_count;
  program->kernels = calloc((size_t)stages + 1, sizeof(*program->kernels));
  if (!program->kernels)
    return tenon_out_of_memory("kernels", stages * (int64_t)sizeof(void *));
  void **next = program->kernels;
  for (int64_t i = 0; i < abi->kernel_count; ++i)
    for (int64_t j = 0; j < abi->kernels[i].stage_count; ++j) {
      const tenon_abi_stage *stage = &abi->kernels[i].stages[j];
      TENON_TRY(program->device->interface->find(program->device, program->module, stage->name, stage->shared_bytes, next++));
    }
  return tenon_ok();
}

// Names of the buffers for inputs and outputs that the host gives are those of the first entry that has so many.
static buffer *make_buffers(const tenon_abi_module *abi, bool outputs, int64_t *count) {
  *count = 0;
  for (int64_t i = 0; i < abi->entry_count; ++i) {
    int64_t own = outputs ? abi->entries[i].output_count : abi->entries[i].input_count;
    *count = own > *count ? own : *count;
  }
  buffer *buffers = calloc((size_t)*count + 1, sizeof(*buffers));
  for (int64_t i = abi->entry_count; buffers && i-- > 0;) {
    const tenon_abi_entry_point *entry = &abi->entries[i];
    for (int64_t j = 0; j < (outputs ? entry->output_count : entry->input_count); ++j)
      buffers[j].name = outputs ? entry->outputs[j].name : entry->inputs[j].name;
  }
  return buffers;
}

static tenon_status open_program(tenon_program *program, const void *weights, const tenon_device_code *code) {
  const tenon_abi_module *abi = program->abi;
  const tenon_device_interface *device = program->device->interface;
  program->call.name = "call";
  program->arena.name = "arena";
  program->workspace.name = "workspace";
  program->inputs = make_buffers(abi, false, &program->input_count);
  program->outputs = make_buffers(abi, true, &program->output_count);
  if (!program->inputs || !program->outputs)
    return tenon_out_of_memory("inputs and outputs", (program->input_count + program->output_count) * (int64_t)sizeof(buffer));
  TENON_TRY(device->load(program->device, code, &program->module));
  TENON_TRY(find_kernels(program));
  TENON_TRY(adopt_weights(program, weights));
  tenon_device_part part = {"constants", 0, abi->data_bytes};
  if (abi->data_bytes > 0)
    TENON_TRY(device->adopt(program->device, abi->data, abi->data_bytes, &(tenon_device_parts){&part, 1}, &program->data));
  return tenon_ok();
}

tenon_status tenon_program_create(tenon_device *device, const tenon_abi_module *abi, const void *weights, const tenon_device_code *code,
                                  tenon_program **out) {
  tenon_program *program = calloc(1, sizeof(*program));
  if (!program) {
    device->interface->destroy(device);
    return tenon_out_of_memory("a program", sizeof(*program));
  }
  program->device = device;
  program->abi = abi;
  tenon_status status = open_program(program, weights, code);
  if (status.code != TENON_OK)
    tenon_program_destroy(program);
  else
    *out = program;
  return status;
}

static void forget(tenon_program *program, recording *recording) {
  if (recording->handle)
    program->device->interface->forget(program->device, recording->handle);
  tenon_launches_free(&recording->launches);
  memset(recording, 0, sizeof(*recording));
}

void tenon_program_destroy(tenon_program *program) {
  if (!program)
    return;
  tenon_device *device = program->device;
  for (int i = 0; i < MAX_RECORDINGS; ++i)
    forget(program, &program->recordings[i]);
  for (int64_t i = 0; program->inputs && i < program->input_count; ++i)
    release(program, &program->inputs[i]);
  for (int64_t i = 0; program->outputs && i < program->output_count; ++i)
    release(program, &program->outputs[i]);
  release(program, &program->call);
  release(program, &program->arena);
  release(program, &program->workspace);
  if (program->data)
    device->interface->release(device, program->data);
  if (program->weights)
    device->interface->release(device, program->weights);
  if (program->module)
    device->interface->unload(device, program->module);
  device->interface->destroy(device);
  free(program->inputs);
  free(program->outputs);
  free(program->kernels);
  free(program);
}

tenon_device *tenon_program_device(tenon_program *program) {
  return program->device;
}

int64_t tenon_program_arena_bytes(const tenon_program *program) {
  return program->arena.bytes + program->workspace.bytes;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static int64_t head_bytes(const tenon_program *program, int64_t entry) {
  return (int64_t)sizeof(tenon_abi_device_call) + (int64_t)sizeof(int64_t) * tenon_launches_values(program->abi, entry);
}

// What kernels read of the call: its numbers, then the values of its launches.
static tenon_status upload_head(tenon_program *program, const tenon_program_call *call, int64_t tokens, const tenon_launches *launches) {
  int64_t bytes = head_bytes(program, call->entry);
  char *head = malloc((size_t)bytes);
  if (!head)
    return tenon_out_of_memory("a call", bytes);
  tenon_abi_device_call numbers = {tokens, call->position};
  memcpy(head, &numbers, sizeof(numbers));
  memcpy(head + sizeof(numbers), launches->values, (size_t)launches->value_count * sizeof(int64_t));
  tenon_status status = program->device->interface->upload(program->device, program->call.data, head, bytes);
  free(head);
  return status;
}

// Memory for everything that the call needs, before anything is launched.
static tenon_status plan(tenon_program *program, const tenon_program_call *call, tenon_launch_places *places) {
  const tenon_abi_module *abi = program->abi;
  const tenon_abi_entry_point *entry = &abi->entries[call->entry];
  int64_t arena, workspace = 0, bytes;
  TENON_TRY(tenon_size_evaluate(&entry->arena, call->symbols, &arena));
  const tenon_abi_program *list = &abi->programs[call->entry];
  for (int64_t i = 0; i < list->launch_count; ++i) {
    TENON_TRY(tenon_size_evaluate(&abi->kernels[list->launches[i].kernel].workspace, call->symbols, &bytes));
    workspace = bytes > workspace ? bytes : workspace;
  }
  TENON_TRY(require(program, &program->call, head_bytes(program, call->entry)));
  TENON_TRY(require(program, &program->arena, arena));
  if (workspace > 0)
    TENON_TRY(require(program, &program->workspace, workspace));
  for (int64_t i = 0; i < entry->input_count; ++i) {
    if (!call->inputs[i].on_device)
      TENON_TRY(require(program, &program->inputs[i], call->inputs[i].bytes));
    places->inputs[i] = call->inputs[i].on_device ? call->inputs[i].data : program->inputs[i].data;
  }
  for (int64_t i = 0; i < entry->output_count; ++i) {
    if (!call->outputs[i].on_device)
      TENON_TRY(require(program, &program->outputs[i], call->outputs[i].bytes));
    places->outputs[i] = call->outputs[i].on_device ? call->outputs[i].data : program->outputs[i].data;
  }
  places->call = program->call.data;
  places->weights = program->weights;
  places->data = program->data;
  places->arena = program->arena.data;
  places->workspace = program->workspace.data;
  places->states = call->states;
  return tenon_ok();
}

static tenon_status upload_inputs(tenon_program *program, const tenon_program_call *call) {
  tenon_device *device = program->device;
  for (int64_t i = 0; i < program->abi->entries[call->entry].input_count; ++i)
    if (!call->inputs[i].on_device && call->inputs[i].bytes > 0)
      TENON_TRY(device->interface->upload(device, program->inputs[i].data, call->inputs[i].data, call->inputs[i].bytes));
  return tenon_ok();
}

static tenon_status download_outputs(tenon_program *program, const tenon_program_call *call) {
  tenon_device *device = program->device;
  for (int64_t i = 0; i < program->abi->entries[call->entry].output_count; ++i)
    if (!call->outputs[i].on_device && call->outputs[i].bytes > 0)
      TENON_TRY(device->interface->download(device, call->outputs[i].data, program->outputs[i].data, call->outputs[i].bytes));
  return tenon_ok();
}

// The recording of this entry and number of tokens, else the one that was not used for longest, emptied.
static recording *choose_recording(tenon_program *program, int64_t entry, int64_t tokens) {
  recording *oldest = &program->recordings[0];
  for (int i = 0; i < MAX_RECORDINGS; ++i) {
    recording *r = &program->recordings[i];
    if (r->used && r->entry == entry && r->tokens == tokens)
      return r;
    if (r->used < oldest->used)
      oldest = r;
  }
  forget(program, oldest);
  return oldest;
}

// Replays the recording after setting what differs from when it was made. It takes the launches over.
static tenon_status replay(tenon_program *program, recording *r, tenon_launches *launches) {
  tenon_device *device = program->device;
  for (int64_t i = 0; i < launches->count; ++i) {
    const tenon_device_launch *now = &launches->launches[i], *then = &r->launches.launches[i];
    if (memcmp(now->parameters, then->parameters, (size_t)now->parameter_count * sizeof(uint64_t)) != 0)
      TENON_TRY(device->interface->set(device, r->handle, i, now));
  }
  tenon_launches_free(&r->launches);
  r->launches = *launches;
  *launches = (tenon_launches){0};
  return device->interface->replay(device, r->handle);
}

static tenon_status record(tenon_program *program, recording *r, const tenon_program_call *call, int64_t tokens,
                           tenon_launches *launches) {
  TENON_TRY(program->device->interface->record(program->device, launches->launches, launches->count, &r->handle));
  r->entry = call->entry;
  r->tokens = tokens;
  r->used = program->calls;
  r->launches = *launches;
  *launches = (tenon_launches){0};
  return program->device->interface->replay(program->device, r->handle);
}

static tenon_status run(tenon_program *program, const tenon_program_call *call, int64_t tokens, tenon_launches *launches) {
  tenon_device *device = program->device;
  ++program->calls;
  if (device->interface->record && launches->count > 0) {
    recording *r = choose_recording(program, call->entry, tokens);
    if (!r->used)
      return record(program, r, call, tokens, launches);
    tenon_status status = replay(program, r, launches);
    r->used = program->calls;
    if (status.code != TENON_OK)
      forget(program, r);
    return status;
  }
  for (int64_t i = 0; i < launches->count; ++i)
    TENON_TRY(device->interface->launch(device, &launches->launches[i]));
  return tenon_ok();
}

tenon_status tenon_program_run(tenon_program *program, const tenon_program_call *call) {
  int64_t tokens = program->abi->symbol_count > 0 ? call->symbols[0] : 0;
  tenon_launch_places places;
  TENON_TRY(plan(program, call, &places));
  tenon_launches launches;
  TENON_TRY(tenon_launches_make(program->abi, call->entry, tokens, call->position, &places, program->kernels, &launches));
  tenon_status status = upload_head(program, call, tokens, &launches);
  if (status.code == TENON_OK)
    status = upload_inputs(program, call);
  if (status.code == TENON_OK)
    status = run(program, call, tokens, &launches);
  tenon_launches_free(&launches);
  if (status.code == TENON_OK)
    status = program->device->interface->synchronize(program->device);
  return status.code == TENON_OK ? download_outputs(program, call) : status;
}
