//===- memory.h - memory of the host or of a device ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What sessions keep lies where their context computes. A null device is the host itself.
#ifndef TENON_RUNTIME_DEVICE_MEMORY_H
#define TENON_RUNTIME_DEVICE_MEMORY_H

#include "tenon/runtime/base/pages.h"
#include "tenon/runtime/device/device.h"

typedef struct tenon_memory {
  tenon_device *device;
  tenon_pages pages; /* of the host; on a device `data` and `bytes` alone */
} tenon_memory;

// Zeroed memory. On the host a page costs something when it is touched only; `large` says that it will be used whole.
tenon_status tenon_memory_reserve(tenon_device *device, int64_t bytes, bool large, const char *what, const tenon_device_parts *parts,
                                  tenon_memory *out);
void tenon_memory_release(tenon_memory *memory);

// Within one device, from it to the host, and back.
tenon_status tenon_memory_copy(tenon_device *device, void *to, const void *from, int64_t bytes);
tenon_status tenon_memory_read(tenon_device *device, void *to, const void *from, int64_t bytes);
tenon_status tenon_memory_write(tenon_device *device, void *to, const void *from, int64_t bytes);

#endif /* TENON_RUNTIME_DEVICE_MEMORY_H */
