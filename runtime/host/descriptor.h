//===- descriptor.h - checks what code says about itself -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_HOST_DESCRIPTOR_H
#define TENON_RUNTIME_HOST_DESCRIPTOR_H

#include "tenon/runtime/abi.h"
#include "tenon/runtime/base/status.h"

// Magic, versions and instruction set: what must hold before anything else of the descriptor may be read.
tenon_status tenon_descriptor_check_abi(const tenon_abi_module *module);

// Every count, index, pointer and size, so that the rest of the runtime can rely on them.
tenon_status tenon_descriptor_check(const tenon_abi_module *module);

// The GPU that the module's code is launched on, "sm_80"; null: the processor runs it.
const char *tenon_descriptor_device(const tenon_abi_module *module);

#endif /* TENON_RUNTIME_HOST_DESCRIPTOR_H */
