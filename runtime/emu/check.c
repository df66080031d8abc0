//===- check.c - what kernels do that the hardware leaves open -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_impl.h"

tenon_status emu_check_launch_begin(emu_launch *launch) {
  (void)launch;
  return tenon_ok();
}
void emu_check_launch_end(emu_launch *launch) {
  (void)launch;
}
bool emu_check_begin(emu_block *block) {
  (void)block;
  return true;
}
void emu_check_end(emu_block *block) {
  (void)block;
}
void emu_check_warp_barrier(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  (void)w, (void)in, (void)lanes;
}
void emu_check_barrier(emu_warp *w, const emu_instruction *in, uint32_t lanes, int id, bool waits) {
  (void)w, (void)in, (void)lanes, (void)id, (void)waits;
}
void emu_check_barrier_opens(emu_block *block, int id) {
  (void)block, (void)id;
}
void emu_check_access(emu_warp *w, const emu_instruction *in, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes,
                      emu_access access) {
  (void)w, (void)in, (void)spaces, (void)places, (void)bytes, (void)lanes, (void)access;
}
void emu_count_access(emu_warp *w, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes) {
  (void)w, (void)spaces, (void)places, (void)bytes, (void)lanes;
}
