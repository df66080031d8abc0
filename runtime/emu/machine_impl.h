//===- machine_impl.h - a launch, and what its checks keep ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_EMU_MACHINE_IMPL_H
#define TENON_RUNTIME_EMU_MACHINE_IMPL_H

#include "tenon/runtime/emu/execute_impl.h"
#include "tenon/runtime/emu/report.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct emu_buffer {
  char name[64];
  uint8_t *data;
  int64_t bytes;
  struct emu_shadow *shadow; // of the checks: what is initialised, and who touched it; null: none
} emu_buffer;

struct emu_machine {
  emu_buffer *buffers; // by ascending address
  int64_t count, room;
  uint32_t generation; // launches with checks
};

struct emu_launch {
  emu_machine *machine;
  const emu_module *module;
  const emu_function *kernel;
  const emu_grid *grid;
  const uint8_t *parameters;
  int64_t parameter_bytes;
  const emu_options *options;
  emu_counts *counts;
  emu_report report;
  void *user;
  pthread_mutex_t lock;
  tenon_status status; // of the first error
  atomic_bool stopped;
  atomic_uint_least64_t next_block;
  uint64_t *hits; // thread instructions of each instruction, of all blocks; null: not counted
  uint32_t generation;     // of the shadows
  struct emu_order *order; // of the checks: what threads gave each other by way of memory
  struct emu_shadow *image; // of the module's variables
  emu_findings seen;
};

// Whether an error in any block has ended the launch.
bool emu_launch_stopped(emu_launch *launch);

const emu_buffer *emu_find_buffer(const emu_machine *machine, uint64_t address);

// Runs one block; false when it has stopped the launch.
bool emu_block_run(emu_block *block);

// Notes something that a check found, at an instruction of a warp's lane, and goes on. `other` is the place that it is at odds with,
// or null.
__attribute__((format(printf, 6, 7))) void emu_find_pair(emu_warp *warp, const emu_instruction *in, int lane, emu_kind kind,
                                                         const emu_site *other, const char *format, ...);
#define emu_find(warp, in, lane, kind, ...) emu_find_pair(warp, in, lane, kind, NULL, __VA_ARGS__)

#endif /* TENON_RUNTIME_EMU_MACHINE_IMPL_H */
