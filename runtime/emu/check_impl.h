//===- check_impl.h - what checks and counts see of an access ------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_EMU_CHECK_IMPL_H
#define TENON_RUNTIME_EMU_CHECK_IMPL_H

#include "tenon/runtime/emu/memory_impl.h"

// An access of some lanes that has been found to be inside of its memory.
void emu_check_access(emu_warp *warp, const emu_instruction *in, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes,
                      emu_access access);
void emu_count_access(emu_warp *warp, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes);

// A launch and a block begin and end. Where checks are off, `block->check` stays null. False: the launch has been stopped.
tenon_status emu_check_launch_begin(emu_launch *launch);
void emu_check_launch_end(emu_launch *launch);
bool emu_check_begin(emu_block *block);
void emu_check_end(emu_block *block);

// With checks: all lanes of a member mask have come to bar.warp.sync; lanes have come to a barrier of the block (and wait, or have only
// arrived); a barrier is full, and those in its `waiting` go on.
void emu_check_warp_barrier(emu_warp *warp, const emu_instruction *in, uint32_t lanes);
void emu_check_barrier(emu_warp *warp, const emu_instruction *in, uint32_t lanes, int id, bool waits);
void emu_check_barrier_opens(emu_block *block, int id);

#endif /* TENON_RUNTIME_EMU_CHECK_IMPL_H */
