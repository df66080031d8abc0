//===- count.c - sectors of memory and wavefronts of its banks -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A warp's access to global memory moves every sector of 32 bytes that a lane touches; at best as many as hold the different bytes that
// the lanes ask for. One to shared memory goes in wavefronts that take one word of each of 32 banks: accesses of 8 and 16 bytes in halves
// and quarters of the warp.
#include "tenon/runtime/emu/check_impl.h"

enum { SECTOR = 32, BANKS = 32, WORD = 4 };

// The different multiples of `unit` that the lanes touch, by number.
static int different(uint8_t *const *places, int bytes, uint32_t lanes, uint64_t unit, uint64_t out[EMU_LANES * 8]) {
  int count = 0;
  for (uint32_t left = lanes; left; left &= left - 1) {
    uint64_t place = (uint64_t)(uintptr_t)places[__builtin_ctz(left)], last = (place + (uint64_t)bytes - 1) / unit;
    for (uint64_t at = place / unit; at <= last; ++at) {
      int k = count - 1; // neighbours ask for the same or the next one
      while (k >= 0 && out[k] != at)
        --k;
      if (k < 0)
        out[count++] = at;
    }
  }
  return count;
}

static uint64_t sectors(uint8_t *const *places, int bytes, uint32_t lanes, uint64_t *ideal) {
  uint64_t units[EMU_LANES * 8];
  int wanted = different(places, bytes, lanes, (uint64_t)(bytes < WORD ? bytes : WORD), units);
  *ideal = ((uint64_t)wanted * (uint64_t)(bytes < WORD ? bytes : WORD) + SECTOR - 1) / SECTOR;
  return (uint64_t)different(places, bytes, lanes, SECTOR, units);
}

static uint64_t wavefronts(const uint8_t *shared, uint8_t *const *places, int bytes, uint32_t lanes, uint64_t *ideal) {
  int group = bytes >= 16 ? 8 : bytes == 8 ? 16 : EMU_LANES;
  uint64_t words[EMU_LANES * 8], total = 0;
  *ideal = 0;
  for (int first = 0; first < EMU_LANES; first += group) {
    uint32_t of_group = lanes & (group == EMU_LANES ? UINT32_MAX : ((UINT32_C(1) << group) - 1) << first);
    uint32_t in_bank[BANKS] = {0}, most = 0;
    int count = different(places, bytes, of_group, WORD, words);
    for (int k = 0; k < count; ++k) {
      uint32_t n = ++in_bank[(words[k] - (uint64_t)(uintptr_t)shared / WORD) % BANKS];
      most = n > most ? n : most;
    }
    total += most;
    *ideal += ((uint64_t)count + BANKS - 1) / BANKS;
  }
  return total;
}

static void add(uint64_t *to, uint64_t by) {
  __atomic_fetch_add(to, by, __ATOMIC_RELAXED);
}

void emu_count_access(emu_warp *w, const emu_instruction *in, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes,
                      emu_access access) {
  emu_counts *counts = w->block->launch->counts;
  emu_space space = spaces[__builtin_ctz(lanes)];
  if (!counts || (space != EMU_GLOBAL && space != EMU_SHARED) || bytes <= 0 || bytes > 32)
    return;
  uint64_t ideal, used = space == EMU_GLOBAL ? sectors(places, bytes, lanes, &ideal)
                                             : wavefronts(w->block->shared, places, bytes, lanes, &ideal);
  (void)access;
  add(space == EMU_GLOBAL ? &counts->global_sectors : &counts->shared_wavefronts, used);
  add(space == EMU_GLOBAL ? &counts->global_sectors_ideal : &counts->shared_wavefronts_ideal, ideal);
  if (counts->by_instruction) {
    emu_instruction_counts *at = &counts->by_instruction[in - w->block->module->instructions];
    add(&at->used, used);
    add(&at->ideal, ideal);
  }
}
