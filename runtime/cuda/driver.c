//===- driver.c - what is used of NVIDIA's driver ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/cuda/driver.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static tenon_status find_all(tenon_cuda_driver *driver) {
  // POSIX lets a pointer to data be one to a function.
#define TENON_CUDA_FIND(name, parameters)                                                                                                  \
  *(void **)&driver->name = dlsym(driver->library, #name);                                                                                 \
  if (!driver->name)                                                                                                                       \
    return tenon_error(TENON_UNSUPPORTED, "the NVIDIA driver is too old: it has no %s; CUDA 11.4 or newer has", #name);
  TENON_CUDA_FUNCTIONS(TENON_CUDA_FIND)
#undef TENON_CUDA_FIND
  return tenon_ok();
}

static tenon_status start(tenon_cuda_driver *driver) {
  TENON_TRY(find_all(driver));
  cu_result result = driver->cuInit(0);
  if (result == CU_NO_DEVICE)
    return tenon_error(TENON_UNSUPPORTED, "there is no NVIDIA card here");
  TENON_TRY(tenon_cuda_status(driver, result, "start the NVIDIA driver"));
  return tenon_cuda_status(driver, driver->cuDriverGetVersion(&driver->version), "read the version of the NVIDIA driver");
}

tenon_status tenon_cuda_driver_open(tenon_cuda_driver *out) {
  memset(out, 0, sizeof(*out));
  const char *name = getenv("TENON_LIBCUDA");
  if (!name || !*name)
    name = "libcuda.so.1";
  out->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!out->library) {
    const char *why = dlerror();
    return tenon_error(TENON_UNSUPPORTED, "there is no NVIDIA driver here: %.180s", why ? why : name);
  }
  tenon_status status = start(out);
  if (status.code != TENON_OK)
    tenon_cuda_driver_close(out);
  return status;
}

void tenon_cuda_driver_close(tenon_cuda_driver *driver) {
  if (driver->library)
    dlclose(driver->library);
  driver->library = NULL;
}

tenon_status tenon_cuda_status(const tenon_cuda_driver *driver, cu_result result, const char *what) {
  if (result == CU_SUCCESS)
    return tenon_ok();
  const char *text = NULL;
  if (driver->cuGetErrorString(result, &text) != CU_SUCCESS || !text)
    text = "unknown error";
  return tenon_error(result == CU_OUT_OF_MEMORY ? TENON_RESOURCE : TENON_UNSUPPORTED, "cannot %.150s: %.80s (CUDA error %u)", what, text,
                     result);
}
