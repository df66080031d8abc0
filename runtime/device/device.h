//===- device.h - a GPU, or what stands in for one -----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the runtime asks of a device: memory, kernels of PTX text, launches one after another, and lists of launches that are recorded once
// and replayed. runtime/cuda is one on the driver's library, runtime/emu one that interprets the text. Everything happens in the order in
// which it is asked for; uploads, downloads and `synchronize` return when what they ask for is done, launches may return before.
// A device is used by one thread at a time.
#ifndef TENON_RUNTIME_DEVICE_DEVICE_H
#define TENON_RUNTIME_DEVICE_DEVICE_H

#include "tenon/runtime/base/status.h"

#include <stdbool.h>

typedef struct tenon_device tenon_device;

// A named stretch of an allocation; a kernel may touch nothing between the parts. Names are for reports.
typedef struct tenon_device_part {
  const char *name;
  int64_t offset, bytes;
} tenon_device_part;

typedef struct tenon_device_parts {
  const tenon_device_part *parts;
  int64_t count;
} tenon_device_parts;

// One form of an artifact's kernels: PTX text, and what an assembler has made of it where there was one.
typedef struct tenon_device_code {
  const char *target; /* "sm_80" */
  const char *ptx;
  size_t ptx_bytes;
  const void *cubin; /* null: there is none */
  size_t cubin_bytes;
} tenon_device_code;

typedef struct tenon_device_launch {
  void *kernel;     /* what `find` gave */
  const char *name; /* of the PTX entry */
  const char *path; /* of the layer that it computes */
  int64_t number;   /* among the entry's launches */
  uint32_t grid[3], threads[3];
  int64_t shared_bytes;
  uint64_t *parameters; /* one of 64 bits each */
  int32_t parameter_count;
} tenon_device_launch;

typedef struct tenon_device_interface {
  void (*destroy)(tenon_device *device);

  // Memory, aligned to 256 bytes; all zero if `zeroed`, undefined otherwise.
  tenon_status (*allocate)(tenon_device *device, int64_t bytes, bool zeroed, const tenon_device_parts *parts, void **out);
  void (*release)(tenon_device *device, void *data);
  // Memory of the host that does not change while the device lives, as memory of the device: copied, or where it is.
  tenon_status (*adopt)(tenon_device *device, const void *data, int64_t bytes, const tenon_device_parts *parts, void **out);
  tenon_status (*upload)(tenon_device *device, void *to, const void *from, int64_t bytes);
  tenon_status (*download)(tenon_device *device, void *to, const void *from, int64_t bytes);
  tenon_status (*copy)(tenon_device *device, void *to, const void *from, int64_t bytes);

  tenon_status (*load)(tenon_device *device, const tenon_device_code *code, void **module);
  void (*unload)(tenon_device *device, void *module);
  // A PTX entry that will be launched with so many bytes of dynamic shared memory.
  tenon_status (*find)(tenon_device *device, void *module, const char *name, int64_t shared_bytes, void **kernel);

  tenon_status (*launch)(tenon_device *device, const tenon_device_launch *launch);
  tenon_status (*synchronize)(tenon_device *device);

  // Recorded launches; a device without them runs each by `launch`, and has null here. `set` replaces the parameters of a launch.
  tenon_status (*record)(tenon_device *device, const tenon_device_launch *launches, int64_t count, void **recording);
  tenon_status (*set)(tenon_device *device, void *recording, int64_t index, const tenon_device_launch *launch);
  tenon_status (*replay)(tenon_device *device, void *recording);
  void (*forget)(tenon_device *device, void *recording);
} tenon_device_interface;

// What all devices begin with.
struct tenon_device {
  const tenon_device_interface *interface;
  char name[96];       /* "NVIDIA A100 (sm_80)" */
  int32_t capability;  /* 80: the newest code that it runs; code for "sm_90a" runs on 90 alone */
  int32_t dl_type;     /* DLPack's device type and number of its memory */
  int32_t dl_number;
};

// Makes a device. What a library has besides the runtime's own devices it gives as one of these, with its options behind it.
struct tenon_device_provider {
  tenon_status (*open)(const tenon_device_provider *self, int threads, tenon_device **out);
};

// The first CUDA card, or the one that the environment variable TENON_CUDA_DEVICE numbers.
tenon_status tenon_cuda_open(tenon_device **out);

#endif /* TENON_RUNTIME_DEVICE_DEVICE_H */
