//===- memory_impl.h - where addresses lead ------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_EMU_MEMORY_IMPL_H
#define TENON_RUNTIME_EMU_MEMORY_IMPL_H

#include "tenon/runtime/emu/machine_impl.h"

typedef enum emu_access { EMU_READ = 1, EMU_WRITE = 2, EMU_ATOMIC = 3 } emu_access;

// Where each lane's `bytes` at an address are in the host's memory. Every access is looked at: one outside of what its space has, or that
// is not aligned to its size, stops the launch and gives false. The checks and counts that are on see it.
bool emu_reach(emu_warp *warp, const emu_instruction *in, emu_space space, const uint64_t *addresses, int bytes, uint32_t lanes,
               emu_access access, uint8_t **out);

// The space that a generic address is of; the address becomes one of that space.
emu_space emu_resolve(uint64_t *address);

// The lanes' values of an address operand.
void emu_addresses(const emu_warp *warp, const emu_operand *operand, uint32_t lanes, uint64_t *out);

#endif /* TENON_RUNTIME_EMU_MEMORY_IMPL_H */
