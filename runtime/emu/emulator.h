//===- emulator.h - the PTX machine as a device of the runtime -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program that links the emulator gives its address as `provider` of tenon_context_options, with the device TENON_DEVICE_EMULATOR:
//
//   tenon_emulator emulator = {.provider = {tenon_emulator_open}, .checks = EMU_CHECK_ALL};
//   tenon_context_options options = {.device = TENON_DEVICE_EMULATOR, .provider = &emulator.provider};
#ifndef TENON_RUNTIME_EMU_EMULATOR_H
#define TENON_RUNTIME_EMU_EMULATOR_H

#include "tenon/runtime/device/device.h"
#include "tenon/runtime/emu/machine.h"
#include "tenon/runtime/tenon.h"

typedef struct tenon_emulator {
  tenon_device_provider provider; // first
  uint32_t checks;                // EMU_CHECK_*
  // Checks look at launches whose path contains this, and take the device's memory for written; null: they look at all launches.
  const char *layer;
  uint64_t seed;                  // of the order of warps; 0: in turns
  emu_findings *findings;         // gets what is found; or null
  uint64_t *instructions;         // counts thread instructions; or null
} tenon_emulator;

// Makes a device that executes blocks on `threads` threads; 0: as many as there are cores. The emulator must outlive it.
tenon_status tenon_emulator_open(const tenon_device_provider *self, int threads, tenon_device **out);

#endif /* TENON_RUNTIME_EMU_EMULATOR_H */
