//===- block.c - the warps of a block in turns ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A warp runs for a while, or until none of its lanes can go on. Of its lanes, those run that are furthest behind, so that lanes that
// parted meet again; but after a while others get their turn, as a lane may wait in a loop for what another one does.
#include "tenon/runtime/emu/check_impl.h"

#include <stdio.h>

enum { TURN = 4096 }; // instructions

//===----------------------------------------------------------------------===//
// A warp
//===----------------------------------------------------------------------===//

// Chooses the lanes that run: those at the least instruction from `from` on. `*bound` is where the next ones stand.
static uint32_t choose(const emu_warp *w, uint32_t from, uint32_t *pc, uint32_t *bound) {
  uint32_t least = UINT32_MAX, second = UINT32_MAX, lanes = 0;
  for (uint32_t left = w->ready; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    uint32_t at = w->pc[i];
    if (at < from)
      continue;
    if (at < least)
      second = least, least = at, lanes = UINT32_C(1) << i;
    else if (at == least)
      lanes |= UINT32_C(1) << i;
    else if (at < second)
      second = at;
  }
  *pc = least, *bound = second;
  return lanes;
}

// Runs lanes that stand at one instruction until they part, meet others, or have had their turn. Returns the turn that is left.
static int32_t run_lanes(emu_warp *w, uint32_t lanes, uint32_t pc, uint32_t bound, int32_t turn) {
  emu_block *block = w->block;
  const emu_instruction *code = block->module->instructions;
  const uint32_t *predicates = w->predicates;
  uint64_t *hits = block->hits, executed = 0;
  w->running = lanes;
  w->interrupted = false;
  do {
    const emu_instruction *in = &code[pc];
    uint32_t mask = lanes;
    if (in->guard >= 0)
      mask &= in->guard_negated ? ~predicates[in->guard] : predicates[in->guard];
    w->next = ++pc;
    uint32_t count = (uint32_t)__builtin_popcount(mask);
    executed += count;
    if (hits)
      hits[pc - 1] += count;
    if (mask) {
      in->execute(w, in, mask);
      if (w->interrupted)
        break;
      if (in->ends_run)
        pc = w->next;
    }
  } while (pc < bound && --turn > 0);
  w->next = pc;
  emu_interrupt(w);
  w->executed += executed;
  block->left = block->left > executed ? block->left - executed : 0;
  return turn;
}

static void run_warp(emu_warp *w, int32_t turn) {
  emu_block *block = w->block;
  w->yields = false;
  while (w->ready && turn > 0 && !block->stopped && !w->yields) {
    uint32_t pc, bound, lanes = choose(w, w->after, &pc, &bound);
    if (!lanes) {
      w->after = 0;
      continue;
    }
    turn = run_lanes(w, lanes, pc, bound, turn);
    w->after = (turn <= 0 || w->yields) && lanes != w->ready ? pc + 1 : 0;
  }
}

//===----------------------------------------------------------------------===//
// The block
//===----------------------------------------------------------------------===//

static uint64_t next_random(emu_block *block) {
  block->random ^= block->random << 13;
  block->random ^= block->random >> 7;
  block->random ^= block->random << 17;
  return block->random;
}

// What a warp's first waiting lane waits for.
static int describe_wait(const emu_warp *w, char *out, size_t size) {
  int lane = __builtin_ctz(w->alive);
  const emu_instruction *at = &w->block->module->instructions[w->pc[lane] - 1];
  if (w->wait[lane] == EMU_AT_BARRIER)
    return snprintf(out, size, "; warp %u at barrier %u in line %u", w->index, w->barrier[lane], at->line);
  return snprintf(out, size, "; warp %u lane %d at %.*s in line %u for lanes 0x%08x", w->index, lane, at->text.length, at->text.at,
                  at->line, w->meeting[lane] & w->alive);
}

// Lanes of one warp that wait at different places, one of them for the other: they parted and did not meet.
static bool report_parted(emu_warp *w) {
  const emu_block *block = w->block;
  const emu_instruction *code = block->module->instructions;
  for (uint32_t left = w->alive; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    if (w->wait[i] != EMU_AT_COLLECTIVE)
      continue;
    for (uint32_t missing = w->meeting[i] & w->alive; missing; missing &= missing - 1) {
      int j = __builtin_ctz(missing);
      if (w->pc[j] == w->pc[i])
        continue;
      const emu_instruction *here = &code[w->pc[i] - 1], *there = &code[w->pc[j] - 1];
      emu_site other = {there->line, {block->index[0], block->index[1], block->index[2]}, w->index * EMU_LANES + (uint32_t)j};
      emu_stop_as(w, here, EMU_DIVERGENCE, &other, "lane %d waits at %.*s in line %u for lane %d, which waits at %.*s in line %u", i,
                  here->text.length, here->text.at, here->line, j, there->text.length, there->text.at, there->line);
      return true;
    }
  }
  return false;
}

static void report_deadlock(emu_block *block) {
  char where[160] = "";
  size_t used = 0;
  emu_warp *first = NULL;
  for (uint32_t i = 0; i < block->warp_count; ++i) {
    emu_warp *w = &block->warps[i];
    if (!w->alive)
      continue;
    if (report_parted(w))
      return;
    first = first ? first : w;
    if (used + 1 < sizeof(where))
      used += (size_t)describe_wait(w, where + used, sizeof(where) - used);
  }
  int lane = __builtin_ctz(first->alive);
  emu_stop_as(first, &block->module->instructions[first->pc[lane] - 1], EMU_DEADLOCK, NULL,
              "all threads that are left wait for ever%s", where);
}

// Names where a thread is that goes on and on: most likely it waits in a loop for what never comes.
static void report_limit(emu_block *block) {
  emu_warp *w = block->warps;
  while (!w->ready && w + 1 < block->warps + block->warp_count)
    ++w;
  uint32_t at = w->ready ? w->pc[__builtin_ctz(w->ready)] : block->launch->kernel->first;
  emu_stop_as(w, &block->module->instructions[at], EMU_DEADLOCK, NULL,
              "a block executes more than %llu thread instructions; warp %u still runs here",
              (unsigned long long)block->launch->options->limit, w->index);
}

bool emu_block_run(emu_block *block) {
  bool shuffled = block->random != 0;
  uint32_t turn = 0;
  while (block->live_threads > 0 && !block->stopped) {
    bool ran = false;
    for (uint32_t k = 0; k < block->warp_count && !block->stopped; ++k) {
      uint32_t i = shuffled ? (uint32_t)(next_random(block) % block->warp_count) : k;
      emu_warp *w = &block->warps[i];
      if (!w->ready)
        continue;
      ran = true;
      run_warp(w, shuffled ? 1 + (int32_t)(next_random(block) % 64) : TURN);
    }
    if (block->left == 0 && !block->stopped)
      report_limit(block);
    if ((++turn & 15) == 0 && emu_launch_stopped(block->launch))
      block->stopped = true;
    if (ran || block->stopped)
      continue;
    bool any = false; // that the dice have not met
    for (uint32_t i = 0; i < block->warp_count; ++i)
      any |= block->warps[i].ready != 0;
    if (!any)
      report_deadlock(block);
  }
  return !block->stopped;
}
