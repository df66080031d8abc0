//===- machine.h - runs kernels of PTX text ------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine executes one launch at a time: the threads of the caller's team take one block after another, the warps of a block run in
// turns on the block's thread.
// Global memory is the host's, in buffers that are registered by name; an access outside of them ends the launch.
#ifndef TENON_RUNTIME_EMU_MACHINE_H
#define TENON_RUNTIME_EMU_MACHINE_H

#include "tenon/runtime/emu/ptx.h"
#include "tenon/runtime/emu/report.h"
#include "tenon/runtime/host/team.h"

typedef struct emu_machine emu_machine;

tenon_status emu_machine_create(emu_machine **out);
void emu_machine_destroy(emu_machine *machine);

// Makes `bytes` at `data` memory of the device; they stay the caller's and must live until they are removed. Names are for reports.
tenon_status emu_machine_add_buffer(emu_machine *machine, const char *name, void *data, int64_t bytes);
void emu_machine_remove_buffer(emu_machine *machine, void *data);
// Whether `bytes` at `at`, in a buffer, hold anything, for the check of uninitialised reads. A buffer's do, until it is said that they
// don't.
tenon_status emu_machine_set_written(emu_machine *machine, const void *at, int64_t bytes, bool written);

typedef struct emu_grid {
  uint32_t blocks[3], threads[3];
  int64_t dynamic_shared; // bytes
} emu_grid;

enum { EMU_CHECK_RACES = 1, EMU_CHECK_UNINITIALISED = 2, EMU_CHECK_ALL = 3 };

typedef struct emu_options {
  uint32_t checks;
  uint64_t seed;    // of the order in which warps run; 0: in turns
  bool counts;      // of sectors and bank conflicts
  uint64_t limit;   // thread instructions of a block; 0: none
  tenon_team *team; // whose threads execute blocks; null, or with checks: the caller alone
  const char *path; // what the launch computes, for reports: the layer's name; or null
  emu_findings *findings; // gets what the checks find and what stops the launch; or null
} emu_options;

// Sectors of global memory or wavefronts of shared memory that an instruction used, and at best would have.
typedef struct emu_instruction_counts {
  uint64_t used, ideal;
} emu_instruction_counts;

typedef struct emu_counts {
  uint64_t instructions; // of threads
  uint64_t *by_opcode;   // the module's opcode_count of them; the caller's, or null
  uint64_t global_sectors, global_sectors_ideal;
  uint64_t shared_wavefronts, shared_wavefronts_ideal;
  emu_instruction_counts *by_instruction; // the module's instruction_count of them; the caller's, or null
} emu_counts;

// Runs a kernel. `report` gets every finding of the checks, from one thread at a time. `parameters` are its parameters as they lie in
// memory, `parameter_bytes` of them. A kernel that faults, waits for ever or does what the hardware leaves open is an error that
// names the kernel, the PTX line, block and thread.
tenon_status emu_machine_launch(emu_machine *machine, const emu_module *module, const emu_function *kernel, const emu_grid *grid,
                                const void *parameters, int64_t parameter_bytes, const emu_options *options, emu_counts *counts,
                                emu_report report, void *user);

#endif /* TENON_RUNTIME_EMU_MACHINE_H */
