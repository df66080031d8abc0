//===- check_impl.h - what checks and counts see of a run ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of these but emu_count_access and the beginnings and ends are called only where `block->check` is set.
#ifndef TENON_RUNTIME_EMU_CHECK_IMPL_H
#define TENON_RUNTIME_EMU_CHECK_IMPL_H

#include "tenon/runtime/emu/memory_impl.h"

// An access of some lanes that has been found to be inside of its memory. What is written is from then on known to be.
void emu_check_access(emu_warp *warp, const emu_instruction *in, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes,
                      emu_access access);
void emu_count_access(emu_warp *warp, const emu_instruction *in, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes,
                      emu_access access);

// A launch, a block and the thread that executes blocks begin and end. Where checks are off, `block->check` stays null. False: there is no
// memory, and the launch has been stopped.
tenon_status emu_check_launch_begin(emu_launch *launch);
void emu_check_launch_end(emu_launch *launch);
bool emu_check_begin(emu_block *block);
void emu_check_end(emu_block *block);
void emu_check_free(emu_block *block);

// All lanes of a member mask have come to bar.warp.sync; lanes have come to a barrier of the block (and wait, or have only arrived); a
// barrier is full, and those in its `waiting` go on; lanes end.
void emu_check_warp_barrier(emu_warp *warp, const emu_instruction *in, uint32_t lanes);
void emu_check_barrier(emu_warp *warp, const emu_instruction *in, uint32_t lanes, int id, bool waits);
void emu_check_barrier_opens(emu_block *block, int id);
void emu_check_exit(emu_warp *warp, const emu_instruction *in, uint32_t lanes);

// Order by memory: a fence; what a lane's strong access to a place gives to others (before the access is done), and what it gets from them
// (afterwards).
void emu_check_fence(emu_warp *warp, const emu_instruction *in, uint32_t lanes);
void emu_check_gives(emu_warp *warp, const emu_instruction *in, uint8_t *const *places, uint32_t lanes, bool replaces);
void emu_check_gets(emu_warp *warp, const emu_instruction *in, uint8_t *const *places, uint32_t lanes);

// Copies that go on by themselves. From its issue by a lane on, a copy's destination (EMU_WRITE) must not be touched and its source
// (EMU_READ) not be written, until it has landed: by the wait of the lane that issued it (`barrier` is null), or with a phase of the
// mbarrier at `barrier` (call it before the phase is complete). A lane must not end before those that it `waits` for itself have landed, a
// block not before any. What is copied counts as written from its issue on.
void emu_check_copy(emu_warp *warp, const emu_instruction *in, int lane, emu_space space, uint8_t *place, int64_t bytes, emu_access access,
                    bool waits);
void emu_check_landed(emu_warp *warp, int lane, emu_space space, uint8_t *place, int64_t bytes, emu_access access, const uint8_t *barrier);

// mbarriers: a lane has arrived at the one at `place`; its phase is complete, and those who wait for it next get what the arrived gave; a
// lane's wait has succeeded.
void emu_check_mbarrier_arrives(emu_warp *warp, int lane, const uint8_t *place);
void emu_check_mbarrier_completes(emu_block *block, const uint8_t *place);
void emu_check_mbarrier_waited(emu_warp *warp, int lane, const uint8_t *place);

#endif /* TENON_RUNTIME_EMU_CHECK_IMPL_H */
