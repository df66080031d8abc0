//===- check.c - what kernels do that the hardware leaves open -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_state_impl.h"

#include <stdlib.h>

//===----------------------------------------------------------------------===//
// Launches and blocks
//===----------------------------------------------------------------------===//

tenon_status emu_check_launch_begin(emu_launch *launch) {
  emu_machine *machine = launch->machine;
  if (!launch->options->checks)
    return tenon_ok();
  for (int64_t i = 0; i < machine->count; ++i) {
    emu_buffer *buffer = &machine->buffers[i];
    if (!buffer->shadow) {
      buffer->shadow = calloc(1, sizeof(*buffer->shadow));
      if (!buffer->shadow)
        return tenon_out_of_memory("checks", (int64_t)sizeof(*buffer->shadow));
      *buffer->shadow = (emu_shadow){.data = buffer->data, .bytes = buffer->bytes};
    }
    if (!buffer->shadow->pages)
      buffer->shadow->pages = calloc((size_t)buffer->bytes / EMU_PAGE_BYTES + 1, sizeof(emu_page));
    if (!buffer->shadow->pages)
      return tenon_out_of_memory("checks", buffer->bytes / EMU_PAGE_BYTES * (int64_t)sizeof(emu_page));
  }
  launch->image = calloc(1, sizeof(*launch->image));
  if (!launch->image || !emu_shadow_make(launch->image, launch->module->image, launch->module->image_bytes, true, true))
    return tenon_out_of_memory("checks", launch->module->image_bytes / EMU_PAGE_BYTES * (int64_t)sizeof(emu_page));
  launch->generation = ++machine->generation;
  return emu_order_begin(launch);
}

void emu_check_launch_end(emu_launch *launch) {
  emu_order_end(launch);
  if (launch->image)
    emu_shadow_free(launch->image);
  free(launch->image);
  emu_findings_free(&launch->seen);
}

void emu_check_free(emu_block *block) {
  emu_check *check = block->check;
  if (!check)
    return;
  for (uint32_t t = 0; check->known && t < check->threads; ++t)
    emu_clock_drop(check, check->known[t]);
  for (uint32_t t = 0; check->fences && t < check->threads; ++t)
    emu_clock_drop(check, check->fences[t].known);
  for (int i = 0; i <= EMU_BARRIERS; ++i)
    emu_clock_drop(check, check->arrived[i]);
  for (int i = 0; i < 3; ++i)
    emu_clock_drop(check, check->joined[i]);
  for (uint32_t i = 0; i < check->meeting_count; ++i)
    emu_clock_drop(check, check->meetings[i].arriving), emu_clock_drop(check, check->meetings[i].complete);
  for (emu_clock *clock = check->unused, *next; clock; clock = next)
    next = clock->next, free(clock);
  emu_shadow_free(&check->shared);
  emu_shadow_free(&check->local);
  free(check->known), free(check->own), free(check->rows), free(check->meetings);
  free(check->fences), free(check->pending), free(check->on_the_way);
  free(check);
  block->check = NULL;
}

// Every thread starts in its first epoch and knows of nobody.
static bool make(emu_block *block) {
  emu_check *check = block->check = calloc(1, sizeof(*check));
  if (!check)
    return false;
  check->block = block;
  check->threads = block->threads;
  check->agent = block->warp_count * EMU_LANES;
  check->slots = check->agent + 1;
  check->generation = block->launch->generation;
  const uint32_t *index = block->index, *blocks = block->launch->grid->blocks;
  check->number = (index[2] * blocks[1] + index[1]) * blocks[0] + index[0];
  check->known = calloc(check->slots, sizeof(*check->known));
  check->own = calloc(check->slots, sizeof(*check->own));
  check->rows = calloc((size_t)check->slots * EMU_LANES, sizeof(*check->rows));
  check->pending = calloc(check->slots, sizeof(emu_known *));
  check->on_the_way = calloc(check->slots, sizeof(*check->on_the_way));
  size_t local = ((size_t)block->module->local_bytes + 15) / 16 * 16 * block->warp_count * EMU_LANES;
  if (!check->known || !check->own || !check->rows || !check->pending || !check->on_the_way ||
      !emu_shadow_make(&check->shared, block->shared, block->shared_bytes, true, false) ||
      !emu_shadow_make(&check->local, block->warps[0].local[0], (int64_t)local, false, false))
    return false;
  emu_clock *none = emu_clock_new(check);
  for (uint32_t t = 0; t < check->slots; ++t) {
    emu_thread_next_epoch(check, t);
    if (t < check->threads)
      ++none->references, check->known[t] = none;
  }
  emu_clock_drop(check, none);
  return true;
}

bool emu_check_begin(emu_block *block) {
  if (!block->launch->options->checks)
    return true;
  emu_check_free(block);
  if (make(block))
    return true;
  emu_stop(&block->warps[0], &block->module->instructions[block->launch->kernel->first], "there is no memory for the checks");
  return false;
}

void emu_check_end(emu_block *block) {
  emu_check *check = block->check;
  if (check && check->all_on_the_way && !block->stopped && (block->launch->options->checks & EMU_CHECK_RACES))
    emu_find(&block->warps[0], &block->module->instructions[block->launch->kernel->first], 0, EMU_IN_FLIGHT,
             "the block ended while %lld bytes of copies were on the way", (long long)check->all_on_the_way);
}

void emu_check_exit(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  emu_check *check = w->block->check;
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    int64_t *bytes = &check->on_the_way[w->index * EMU_LANES + (uint32_t)i];
    if (*bytes && (w->block->launch->options->checks & EMU_CHECK_RACES))
      emu_find(w, in, i, EMU_IN_FLIGHT, "the thread ends while copies of %lld bytes that it did not wait for are on the way",
               (long long)*bytes);
    check->all_on_the_way -= *bytes;
    *bytes = 0;
  }
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

static void name_place(const emu_check *check, emu_space space, const emu_shadow *shadow, int64_t at, char *out, size_t size) {
  const emu_buffer *buffer = NULL;
  if (space == EMU_GLOBAL)
    buffer = emu_find_buffer(check->block->launch->machine, (uint64_t)(uintptr_t)shadow->data);
  if (buffer && shadow != check->block->launch->image)
    snprintf(out, size, "byte %lld of the buffer '%s'", (long long)at, buffer->name);
  else
    snprintf(out, size, "byte %lld of %s memory", (long long)at,
             space == EMU_SHARED ? "shared" : space == EMU_LOCAL ? "the threads' local" : "the module's");
}

static const char *verb(uint32_t how) {
  return how & EMU_HOW_STRONG ? "changes" : how & EMU_HOW_WRITES ? "writes" : "reads";
}

static void report_odds(emu_warp *w, const emu_instruction *in, int lane, uint32_t how, const char *place, const emu_touch *odds) {
  const emu_block *block = w->block;
  const emu_check *check = block->check;
  const uint32_t *blocks = block->launch->grid->blocks;
  uint32_t number = odds->block - 1, who = emu_thread_of(odds->when);
  emu_site other = {block->module->instructions[odds->how >> EMU_HOW_BITS].line,
                    {number % blocks[0], number / blocks[0] % blocks[1], number / blocks[0] / blocks[1]},
                    who};
  char whom[96];
  if (number == check->number)
    snprintf(whom, sizeof(whom), who == check->agent ? "a copy" : "thread %u", who);
  else
    snprintf(whom, sizeof(whom), "thread %u of block (%u, %u, %u)", who, other.block[0], other.block[1], other.block[2]);
  if (odds->how & EMU_HOW_ON_THE_WAY)
    emu_find_pair(w, in, lane, EMU_IN_FLIGHT, &other, "%s %s, which the copy of %s in line %u still %s", verb(how), place, whom, other.line,
                  odds->how & EMU_HOW_WRITES ? "writes" : "reads");
  else
    emu_find_pair(w, in, lane, EMU_RACE, &other, "%s %s, which %s %s in line %u in no order with it", verb(how), place, whom,
                  verb(odds->how), other.line);
}

static void watch(emu_warp *w, const emu_instruction *in, int lane, emu_space space, uint8_t *place, int64_t bytes, emu_access access,
                  uint32_t how) {
  emu_check *check = w->block->check;
  uint32_t checks = w->block->launch->options->checks, thread = w->index * EMU_LANES + (uint32_t)lane;
  int64_t at;
  emu_shadow *shadow = emu_shadow_of(check, space, place, &at);
  if (!shadow)
    return;
  char name[128];
  if (checks & EMU_CHECK_UNINITIALISED && shadow->written) {
    int64_t missing = access & EMU_READ ? emu_shadow_unwritten(shadow, at, bytes) : -1;
    if (missing >= 0) {
      name_place(check, space, shadow, missing, name, sizeof(name));
      emu_find(w, in, lane, EMU_UNINITIALISED, "reads %s, which was never written", name);
    }
    if (access & EMU_WRITE)
      emu_shadow_write(shadow, at, bytes, true);
  }
  if (!(checks & EMU_CHECK_RACES) || !shadow->pages)
    return;
  emu_touch odds, touch = {check->number + 1, check->own[thread] << EMU_THREAD_BITS | thread,
                           (uint32_t)(in - w->block->module->instructions) << EMU_HOW_BITS | how};
  int64_t where = emu_shadow_touch(check, shadow, at, bytes, thread, &touch, &odds);
  if (where < 0)
    return;
  name_place(check, space, shadow, where, name, sizeof(name));
  report_odds(w, in, lane, how, name, &odds);
}

void emu_check_access(emu_warp *w, const emu_instruction *in, const emu_space *spaces, uint8_t *const *places, int bytes, uint32_t lanes,
                      emu_access access) {
  bool strong = access == EMU_ATOMIC || (in->flags & EMU_VOLATILE);
  uint32_t how = (access & EMU_WRITE ? EMU_HOW_WRITES : 0u) | (strong ? EMU_HOW_STRONG : 0u);
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    watch(w, in, i, spaces[i], places[i], bytes, access, how);
  }
  if (strong && (access & EMU_WRITE))
    emu_check_gives(w, in, places, lanes, access != EMU_ATOMIC);
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

void emu_check_copy(emu_warp *w, const emu_instruction *in, int lane, emu_space space, uint8_t *place, int64_t bytes, emu_access access,
                    bool waits) {
  emu_check *check = w->block->check;
  if (waits)
    check->on_the_way[w->index * EMU_LANES + (uint32_t)lane] += bytes;
  check->all_on_the_way += bytes;
  watch(w, in, lane, space, place, bytes, access, (access & EMU_WRITE ? EMU_HOW_WRITES : 0u) | EMU_HOW_ON_THE_WAY);
}

void emu_check_landed(emu_warp *w, int lane, emu_space space, uint8_t *place, int64_t bytes, emu_access access, const uint8_t *barrier) {
  emu_check *check = w->block->check;
  uint32_t thread = w->index * EMU_LANES + (uint32_t)lane, who = barrier ? check->agent : thread;
  uint32_t epoch = barrier ? emu_agent_lands(check, barrier) : check->own[thread];
  if (!barrier)
    check->on_the_way[thread] -= bytes;
  check->all_on_the_way -= bytes;
  int64_t at;
  emu_shadow *shadow = emu_shadow_of(check, space, place, &at);
  if (shadow && shadow->pages)
    emu_shadow_land(check, shadow, at, bytes, access & EMU_WRITE, thread, epoch << EMU_THREAD_BITS | who);
}
