//===- machine.c - launches: their blocks, memory and errors -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_impl.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_SHARED = 232448 }; // bytes a block can have on any card

tenon_status emu_machine_create(emu_machine **out) {
  *out = calloc(1, sizeof(**out));
  return *out ? tenon_ok() : tenon_out_of_memory("an emulator", (int64_t)sizeof(**out));
}

void emu_machine_destroy(emu_machine *machine) {
  if (!machine)
    return;
  while (machine->count > 0)
    emu_machine_remove_buffer(machine, machine->buffers[machine->count - 1].data);
  free(machine->buffers);
  free(machine);
}

bool emu_launch_stopped(emu_launch *launch) {
  return atomic_load_explicit(&launch->stopped, memory_order_relaxed);
}

//===----------------------------------------------------------------------===//
// A thread's block
//===----------------------------------------------------------------------===//

static void free_block(emu_block *block) {
  emu_check_free(block);
  for (uint32_t i = 0; block->warps && i < block->warp_count; ++i) {
    free(block->warps[i].bases[0]);
    free(block->warps[i].predicates);
  }
  if (block->warps)
    free(block->warps[0].local[0]);
  free(block->warps);
  free(block->shared);
  free(block->hits);
}

// What all blocks that a thread executes share.
static bool make_block(emu_block *block, emu_launch *launch) {
  const emu_grid *grid = launch->grid;
  const emu_module *m = launch->module;
  *block = (emu_block){.launch = launch, .module = m, .threads = grid->threads[0] * grid->threads[1] * grid->threads[2]};
  block->warp_count = (block->threads + EMU_LANES - 1) / EMU_LANES;
  block->warps = calloc(block->warp_count, sizeof(*block->warps));
  block->shared_bytes = launch->kernel->shared_bytes + grid->dynamic_shared;
  block->shared = aligned_alloc(1024, ((size_t)block->shared_bytes / 1024 + 1) * 1024);
  block->hits = launch->hits ? calloc(m->instruction_count, sizeof(*block->hits)) : NULL;
  if (!block->warps || !block->shared || (launch->hits && !block->hits))
    return false;
  size_t local_bytes = ((size_t)m->local_bytes + 15) / 16 * 16;
  uint8_t *local = calloc((size_t)block->warp_count * EMU_LANES, local_bytes ? local_bytes : 16);
  for (uint32_t i = 0; i < block->warp_count; ++i) {
    emu_warp *w = &block->warps[i];
    w->block = block;
    w->index = i;
    w->bases[0] = calloc(1, m->register_bytes);
    w->bases[1] = m->constants;
    w->predicates = calloc((size_t)m->predicate_count, sizeof(*w->predicates));
    for (size_t lane = 0; lane < EMU_LANES; ++lane)
      w->local[lane] = local ? local + ((size_t)i * EMU_LANES + lane) * local_bytes : NULL;
    if (!w->bases[0] || !w->predicates || !local)
      return false;
  }
  return true;
}

static void set_specials(emu_warp *w) {
  const emu_block *block = w->block;
  const emu_grid *grid = block->launch->grid;
  uint32_t *specials = (uint32_t *)w->bases[0];
  for (uint32_t lane = 0; lane < EMU_LANES; ++lane) {
    uint32_t thread = w->index * EMU_LANES + lane, bit = UINT32_C(1) << lane, *at = specials + lane;
    for (int d = 0; d < 3; ++d) {
      at[(EMU_NTID_X + d) * EMU_LANES] = grid->threads[d];
      at[(EMU_CTAID_X + d) * EMU_LANES] = at[(EMU_CLUSTER_ID_X + d) * EMU_LANES] = block->index[d];
      at[(EMU_NCTAID_X + d) * EMU_LANES] = at[(EMU_NCLUSTER_ID_X + d) * EMU_LANES] = grid->blocks[d];
      at[(EMU_CLUSTER_CTAID_X + d) * EMU_LANES] = 0;
      at[(EMU_CLUSTER_NCTAID_X + d) * EMU_LANES] = 1;
    }
    at[EMU_TID_X * EMU_LANES] = thread % grid->threads[0];
    at[EMU_TID_Y * EMU_LANES] = thread / grid->threads[0] % grid->threads[1];
    at[EMU_TID_Z * EMU_LANES] = thread / grid->threads[0] / grid->threads[1];
    at[EMU_LANEID * EMU_LANES] = lane;
    at[EMU_WARPID * EMU_LANES] = w->index;
    at[EMU_NWARPID * EMU_LANES] = block->warp_count;
    at[EMU_LANEMASK_EQ * EMU_LANES] = bit;
    at[EMU_LANEMASK_LT * EMU_LANES] = bit - 1;
    at[EMU_LANEMASK_LE * EMU_LANES] = bit | (bit - 1);
    at[EMU_LANEMASK_GT * EMU_LANES] = ~(bit | (bit - 1));
    at[EMU_LANEMASK_GE * EMU_LANES] = ~(bit - 1);
    at[EMU_SMID * EMU_LANES] = 0;
    at[EMU_NSMID * EMU_LANES] = 1;
    at[EMU_DYNAMIC_SMEM_SIZE * EMU_LANES] = (uint32_t)grid->dynamic_shared;
    at[EMU_TOTAL_SMEM_SIZE * EMU_LANES] = (uint32_t)block->shared_bytes;
    at[EMU_CLUSTER_CTARANK * EMU_LANES] = 0;
    at[EMU_CLUSTER_NCTARANK * EMU_LANES] = 1;
    at[EMU_IS_EXPLICIT_CLUSTER * EMU_LANES] = at[EMU_GRIDID * EMU_LANES] = 0;
  }
}

// Shared memory holds what is no number of any type until it is written.
static void begin_block(emu_block *block, uint64_t number) {
  emu_launch *launch = block->launch;
  const uint32_t *blocks = launch->grid->blocks;
  block->index[0] = (uint32_t)(number % blocks[0]);
  block->index[1] = (uint32_t)(number / blocks[0] % blocks[1]);
  block->index[2] = (uint32_t)(number / blocks[0] / blocks[1]);
  block->live_threads = block->threads;
  block->left = launch->options->limit ? launch->options->limit : UINT64_MAX;
  block->random = launch->options->seed ? (launch->options->seed + number) * UINT64_C(0x9e3779b97f4a7c15) | 1 : 0;
  memset(block->barriers, 0, sizeof(block->barriers));
  memset(block->shared, 0xff, (size_t)block->shared_bytes);
  for (uint32_t i = 0; i < block->warp_count; ++i) {
    emu_warp *w = &block->warps[i];
    uint32_t threads = block->threads - i * EMU_LANES;
    w->alive = w->ready = threads >= EMU_LANES ? UINT32_MAX : (UINT32_C(1) << threads) - 1;
    w->running = w->after = 0;
    w->interrupted = true;
    for (int lane = 0; lane < EMU_LANES; ++lane)
      w->pc[lane] = launch->kernel->first, w->wait[lane] = EMU_RUNS, w->phase[lane] = 0;
    w->low = w->high = 0;
    set_specials(w);
  }
}

static void sum_up(emu_block *block) {
  emu_launch *launch = block->launch;
  pthread_mutex_lock(&launch->lock);
  for (uint32_t i = 0; launch->counts && i < block->warp_count; ++i)
    launch->counts->instructions += block->warps[i].executed;
  for (uint32_t i = 0; launch->hits && i < launch->module->instruction_count; ++i)
    launch->hits[i] += block->hits[i];
  pthread_mutex_unlock(&launch->lock);
}

// What each thread of the team does.
static void execute_blocks(void *argument, int64_t thread, int64_t threads) {
  (void)thread, (void)threads;
  emu_launch *launch = argument;
  const uint32_t *blocks = launch->grid->blocks;
  uint64_t all = (uint64_t)blocks[0] * blocks[1] * blocks[2];
  emu_block block;
  if (!make_block(&block, launch)) {
    pthread_mutex_lock(&launch->lock);
    launch->status = tenon_error(TENON_RESOURCE, "there is no memory for %u threads of the kernel '%.*s'", block.threads,
                                 launch->kernel->name.length, launch->kernel->name.at);
    pthread_mutex_unlock(&launch->lock);
    atomic_store(&launch->stopped, true);
    free_block(&block);
    return;
  }
  for (uint64_t number; !emu_launch_stopped(launch) && (number = atomic_fetch_add(&launch->next_block, 1)) < all;) {
    begin_block(&block, number);
    if (!emu_check_begin(&block))
      break;
    emu_block_run(&block);
    emu_check_end(&block);
  }
  sum_up(&block);
  free_block(&block);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

static tenon_status check_launch(const emu_function *kernel, const emu_grid *grid, int64_t parameter_bytes) {
  uint64_t threads = 1, most = 1;
  int length = kernel->name.length > 64 ? 64 : kernel->name.length;
  for (int d = 0; d < 3; ++d) {
    if (grid->blocks[d] == 0 || grid->threads[d] == 0 || grid->threads[d] > 1024)
      return tenon_error(TENON_USAGE, "kernel '%.*s': expects 1 to 1024 threads and at least one block in each dimension", length,
                         kernel->name.at);
    threads *= grid->threads[d];
    most *= kernel->max_threads[d] > 0 ? (uint64_t)kernel->max_threads[d] : 1;
  }
  if (threads > EMU_MAX_WARPS * EMU_LANES || (kernel->max_threads[0] > 0 && threads > most))
    return tenon_error(TENON_USAGE, "kernel '%.*s': expects at most %llu threads a block, but got %llu", length, kernel->name.at,
                       (unsigned long long)(kernel->max_threads[0] > 0 ? most : EMU_MAX_WARPS * EMU_LANES), (unsigned long long)threads);
  if (grid->dynamic_shared < 0 || grid->dynamic_shared > MAX_SHARED || kernel->shared_bytes + grid->dynamic_shared > MAX_SHARED)
    return tenon_error(TENON_USAGE, "kernel '%.*s': expects at most %d bytes of shared memory, but got %lld + %lld", length,
                       kernel->name.at, MAX_SHARED, (long long)kernel->shared_bytes, (long long)grid->dynamic_shared);
  if (parameter_bytes < kernel->parameter_bytes)
    return tenon_error(TENON_USAGE, "kernel '%.*s': expects %lld bytes of parameters, but got %lld", length, kernel->name.at,
                       (long long)kernel->parameter_bytes, (long long)parameter_bytes);
  return tenon_ok();
}

tenon_status emu_machine_launch(emu_machine *machine, const emu_module *module, const emu_function *kernel, const emu_grid *grid,
                                const void *parameters, int64_t parameter_bytes, const emu_options *options, emu_counts *counts,
                                emu_report report, void *user) {
  static const emu_options plain;
  TENON_TRY(check_launch(kernel, grid, parameter_bytes));
  emu_launch launch = {.machine = machine,
                       .module = module,
                       .kernel = kernel,
                       .grid = grid,
                       .parameters = parameters,
                       .parameter_bytes = kernel->parameter_bytes,
                       .options = options ? options : &plain,
                       .counts = counts,
                       .report = report,
                       .user = user,
                       .status = tenon_ok()};
  if (counts && counts->by_opcode) {
    launch.hits = calloc(module->instruction_count, sizeof(*launch.hits));
    if (!launch.hits)
      return tenon_out_of_memory("counts", (int64_t)module->instruction_count * 8);
  }
  pthread_mutex_init(&launch.lock, NULL);
  launch.status = emu_check_launch_begin(&launch);
  if (launch.status.code == TENON_OK) {
    // What checks keep of a launch is one thread's to write.
    if (launch.options->team && !launch.options->checks)
      tenon_team_run(launch.options->team, execute_blocks, &launch);
    else
      execute_blocks(&launch, 0, 1);
  }
  emu_check_launch_end(&launch);
  for (uint32_t i = 0; launch.hits && i < module->instruction_count; ++i)
    counts->by_opcode[module->instructions[i].opcode] += launch.hits[i];
  free(launch.hits);
  pthread_mutex_destroy(&launch.lock);
  return launch.status;
}
