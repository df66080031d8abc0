//===- memory.c - where addresses lead -----------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/memory_impl.h"

#include "tenon/runtime/emu/check_state_impl.h"

#include <stdlib.h>

// The last buffer that begins at or before the address.
const emu_buffer *emu_find_buffer(const emu_machine *machine, uint64_t address) {
  int64_t low = 0, high = machine->count;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if ((uint64_t)(uintptr_t)machine->buffers[middle].data <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low > 0 ? &machine->buffers[low - 1] : NULL;
}

tenon_status emu_machine_add_buffer(emu_machine *machine, const char *name, void *data, int64_t bytes) {
  if (!data || bytes < 0)
    return tenon_error(TENON_USAGE, "expects memory for the buffer '%s'", name);
  if (machine->count == machine->room) {
    int64_t room = machine->room ? 2 * machine->room : 16;
    emu_buffer *grown = realloc(machine->buffers, (size_t)room * sizeof(*grown));
    if (!grown)
      return tenon_out_of_memory("buffers", room * (int64_t)sizeof(*grown));
    machine->buffers = grown;
    machine->room = room;
  }
  int64_t at = machine->count++;
  for (; at > 0 && machine->buffers[at - 1].data > (uint8_t *)data; --at)
    machine->buffers[at] = machine->buffers[at - 1];
  emu_buffer *buffer = &machine->buffers[at];
  *buffer = (emu_buffer){.data = data, .bytes = bytes};
  strncpy(buffer->name, name, sizeof(buffer->name) - 1);
  return tenon_ok();
}

void emu_machine_remove_buffer(emu_machine *machine, void *data) {
  for (int64_t i = 0; i < machine->count; ++i) {
    if (machine->buffers[i].data != data)
      continue;
    if (machine->buffers[i].shadow)
      emu_shadow_free(machine->buffers[i].shadow);
    free(machine->buffers[i].shadow);
    memmove(&machine->buffers[i], &machine->buffers[i + 1], (size_t)(--machine->count - i) * sizeof(*machine->buffers));
    return;
  }
}

tenon_status emu_machine_set_written(emu_machine *machine, const void *at, int64_t bytes, bool written) {
  const emu_buffer *found = emu_find_buffer(machine, (uint64_t)(uintptr_t)at);
  int64_t offset = found ? (const uint8_t *)at - found->data : 0;
  if (!found || bytes < 0 || offset > found->bytes || bytes > found->bytes - offset)
    return tenon_error(TENON_USAGE, "expects bytes of one buffer");
  emu_buffer *buffer = &machine->buffers[found - machine->buffers];
  if (written && (!buffer->shadow || !buffer->shadow->written))
    return tenon_ok();
  if (!buffer->shadow)
    buffer->shadow = calloc(1, sizeof(*buffer->shadow));
  if (buffer->shadow && !buffer->shadow->written) {
    buffer->shadow->data = buffer->data, buffer->shadow->bytes = buffer->bytes;
    buffer->shadow->written = malloc((size_t)buffer->bytes / 8 + 1);
    if (buffer->shadow->written)
      memset(buffer->shadow->written, 0xff, (size_t)buffer->bytes / 8 + 1);
  }
  if (!buffer->shadow || !buffer->shadow->written)
    return tenon_out_of_memory("checks", buffer->bytes / 8);
  emu_shadow_write(buffer->shadow, offset, bytes, written);
  return tenon_ok();
}

void emu_addresses(const emu_warp *w, const emu_operand *operand, uint32_t lanes, uint64_t *out) {
  const void *base = emu_place(w, operand->base_kind, operand->at);
  int64_t offset = operand->offset;
  if (operand->width == 8)
    EMU_FOR_LANES(lanes, i, { out[i] = ((const uint64_t *)base)[i] + (uint64_t)offset; });
  else
    EMU_FOR_LANES(lanes, i, { out[i] = (uint32_t)(((const uint32_t *)base)[i] + (uint64_t)offset); });
}

static const char *space_name(emu_space space) {
  static const char *const names[] = {"generic", "global", "shared", "local", "parameter", "constant"};
  return names[space];
}

// A window of memory that starts at address 0 of its space.
static uint8_t *in_window(uint8_t *data, int64_t size, uint64_t address, int bytes) {
  return address <= (uint64_t)size && (uint64_t)bytes <= (uint64_t)size - address ? data + address : NULL;
}

static uint8_t *in_global(const emu_warp *w, uint64_t address, int bytes, emu_access access) {
  const emu_module *m = w->block->module;
  uint64_t image = (uint64_t)(uintptr_t)m->image;
  if (m->image && address >= image && address - image < (uint64_t)m->image_bytes)
    return in_window(m->image, m->image_bytes, address - image, bytes);
  (void)access;
  const emu_buffer *buffer = emu_find_buffer(w->block->launch->machine, address);
  return buffer ? in_window(buffer->data, buffer->bytes, address - (uint64_t)(uintptr_t)buffer->data, bytes) : NULL;
}

// Generic addresses are global ones outside of the windows.
emu_space emu_resolve(uint64_t *address) {
  if (*address - (uint64_t)EMU_SHARED_WINDOW < (uint64_t)EMU_WINDOW_BYTES) {
    *address -= (uint64_t)EMU_SHARED_WINDOW;
    return EMU_SHARED;
  }
  if (*address - (uint64_t)EMU_LOCAL_WINDOW < (uint64_t)EMU_WINDOW_BYTES) {
    *address -= (uint64_t)EMU_LOCAL_WINDOW;
    return EMU_LOCAL;
  }
  if (*address - (uint64_t)EMU_PARAM_WINDOW < (uint64_t)EMU_WINDOW_BYTES) {
    *address -= (uint64_t)EMU_PARAM_WINDOW;
    return EMU_PARAM;
  }
  return EMU_GLOBAL;
}

static uint8_t *reach_one(emu_warp *w, emu_space space, uint64_t address, int lane, int bytes, emu_access access) {
  emu_block *block = w->block;
  switch (space) {
  case EMU_SHARED:
    return in_window(block->shared, block->shared_bytes, address, bytes);
  case EMU_LOCAL:
    return in_window(w->local[lane], block->module->local_bytes, address, bytes);
  case EMU_PARAM:
    return access == EMU_READ ? in_window((uint8_t *)(uintptr_t)block->launch->parameters, block->launch->parameter_bytes, address, bytes)
                              : NULL;
  default:
    return in_global(w, address, bytes, access);
  }
}

// What an address lies next to, for people.
static void complain(emu_warp *w, const emu_instruction *in, int lane, emu_space space, uint64_t address, int bytes) {
  const emu_buffer *buffer = space == EMU_GLOBAL || space == EMU_CONST ? emu_find_buffer(w->block->launch->machine, address) : NULL;
  if (buffer)
    emu_stop_as(w, in, EMU_BOUNDS, NULL, "lane %d reaches %d bytes at byte %lld of the buffer '%s', which has %lld", lane, bytes,
                (long long)(address - (uint64_t)(uintptr_t)buffer->data), buffer->name, (long long)buffer->bytes);
  else
    emu_stop_as(w, in, EMU_BOUNDS, NULL, "lane %d reaches %d bytes at 0x%llx of %s memory, where there is nothing", lane, bytes,
                (unsigned long long)address, space_name(space));
}

// The place of all lanes at once, which most accesses are: all addresses are aligned and in the buffer of the access before, or in shared
// memory.
static bool reach_all(emu_warp *w, emu_space space, const uint64_t *addresses, uint64_t bytes, uint32_t lanes, uint8_t **out) {
  uint64_t low = UINT64_MAX, high = 0, any = 0, first = w->low, end = w->high, base = 0;
  if (space == EMU_SHARED)
    first = 0, end = (uint64_t)w->block->shared_bytes, base = (uint64_t)(uintptr_t)w->block->shared;
  else if (space != EMU_GLOBAL && space != EMU_GENERIC)
    return false;
  EMU_FOR_LANES(lanes, i, {
    uint64_t address = addresses[i];
    low = address < low ? address : low;
    high = address > high ? address : high;
    any |= address;
    out[i] = (uint8_t *)(uintptr_t)(base + address);
  });
  return low >= first && high < end && end - high >= bytes && (any & (bytes - 1)) == 0;
}

// Later accesses look into this lane's buffer first.
static void remember_buffer(emu_warp *w, uint64_t address) {
  const emu_buffer *buffer = emu_find_buffer(w->block->launch->machine, address);
  if (buffer)
    w->low = (uint64_t)(uintptr_t)buffer->data, w->high = w->low + (uint64_t)buffer->bytes;
}

static bool reach_each(emu_warp *w, const emu_instruction *in, emu_space space, const uint64_t *addresses, int bytes, uint32_t lanes,
                       emu_access access, uint8_t **out, emu_space *spaces) {
  for (uint32_t left = lanes; left; left &= left - 1) {
    int lane = __builtin_ctz(left);
    uint64_t address = addresses[lane];
    spaces[lane] = space == EMU_GENERIC ? emu_resolve(&address) : space;
    out[lane] = reach_one(w, spaces[lane], address, lane, bytes, access);
    if (!out[lane]) {
      complain(w, in, lane, spaces[lane], address, bytes);
      return false;
    }
    if (address % (uint64_t)bytes) {
      emu_stop_as(w, in, EMU_MISALIGNED, NULL, "lane %d reaches %d bytes at 0x%llx of %s memory, which is no multiple of them", lane, bytes,
                  (unsigned long long)address, space_name(spaces[lane]));
      return false;
    }
  }
  if (space == EMU_GLOBAL || space == EMU_GENERIC)
    remember_buffer(w, addresses[__builtin_ctz(lanes)]);
  return true;
}

bool emu_reach(emu_warp *w, const emu_instruction *in, emu_space space, const uint64_t *addresses, int bytes, uint32_t lanes,
               emu_access access, uint8_t **out) {
  emu_space spaces[EMU_LANES];
  if (reach_all(w, space, addresses, (uint64_t)bytes, lanes, out))
    for (int i = 0; i < EMU_LANES; ++i)
      spaces[i] = space == EMU_SHARED ? EMU_SHARED : EMU_GLOBAL;
  else if (!reach_each(w, in, space, addresses, bytes, lanes, access, out, spaces))
    return false;
  if (w->block->check)
    emu_check_access(w, in, spaces, out, bytes, lanes, access);
  if (w->block->launch->options->counts)
    emu_count_access(w, in, spaces, out, bytes, lanes, access);
  return true;
}
