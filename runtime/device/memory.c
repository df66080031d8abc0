//===- memory.c - memory of the host or of a device ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/device/memory.h"

#include <string.h>

tenon_status tenon_memory_reserve(tenon_device *device, int64_t bytes, bool large, const char *what, const tenon_device_parts *parts,
                                  tenon_memory *out) {
  *out = (tenon_memory){.device = device};
  if (!device)
    return large ? tenon_pages_reserve_large(bytes, what, &out->pages) : tenon_pages_reserve(bytes, what, &out->pages);
  TENON_TRY(device->interface->allocate(device, bytes, /*zeroed=*/true, parts, &out->pages.data));
  out->pages.bytes = bytes;
  return tenon_ok();
}

void tenon_memory_release(tenon_memory *memory) {
  if (!memory->device)
    tenon_pages_release(&memory->pages);
  else if (memory->pages.data)
    memory->device->interface->release(memory->device, memory->pages.data);
  memory->pages = (tenon_pages){0};
}

static tenon_status copy_here(void *to, const void *from, int64_t bytes) {
  if (bytes > 0)
    memcpy(to, from, (size_t)bytes);
  return tenon_ok();
}

tenon_status tenon_memory_copy(tenon_device *device, void *to, const void *from, int64_t bytes) {
  return device && bytes > 0 ? device->interface->copy(device, to, from, bytes) : copy_here(to, from, bytes);
}

tenon_status tenon_memory_read(tenon_device *device, void *to, const void *from, int64_t bytes) {
  return device && bytes > 0 ? device->interface->download(device, to, from, bytes) : copy_here(to, from, bytes);
}

tenon_status tenon_memory_write(tenon_device *device, void *to, const void *from, int64_t bytes) {
  return device && bytes > 0 ? device->interface->upload(device, to, from, bytes) : copy_here(to, from, bytes);
}
