//===- ptx_fuzz.c - fuzz the reader of PTX and the machine ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a module's text. What can be read is run: every entry, one small block, all checks on, its parameters addresses of one
// buffer. Whatever comes of it, it ends soon and touches nothing else.
#include "tenon/runtime/emu/machine.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 4096, PARAMETER_BYTES = 256, MOST_SHARED = 1 << 20, MOST_LOCAL = 1 << 16, MOST_REGISTERS = 1 << 20, LIMIT = 4096 };

static void ignore(void *user, const char *line) {
  (void)user;
  (void)line;
}

static void run(emu_machine *machine, const emu_module *module, const emu_function *kernel, void *buffer) {
  uint64_t parameters[PARAMETER_BYTES / sizeof(uint64_t)];
  for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); ++i)
    parameters[i] = (uintptr_t)buffer;
  emu_grid grid = {{1, 1, 1}, {40, 1, 1}, 256};
  emu_options options = {.checks = EMU_CHECK_ALL, .seed = 3, .counts = true, .limit = LIMIT};
  emu_counts counts = {0};
  tenon_status status = emu_machine_launch(machine, module, kernel, &grid, parameters, sizeof(parameters), &options, &counts, ignore, NULL);
  if (status.code != TENON_OK && status.msg[0] == 0)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  emu_module *module = NULL;
  tenon_status status = emu_module_read((const char *)data, size, &module);
  if (status.code != TENON_OK) {
    if (module || status.msg[0] == 0)
      abort();
    return 0;
  }
  emu_machine *machine = NULL;
  void *buffer = aligned_alloc(256, BYTES);
  bool is_small = module->shared_bytes <= MOST_SHARED && module->local_bytes <= MOST_LOCAL && module->register_bytes <= MOST_REGISTERS;
  if (is_small && buffer && emu_machine_create(&machine).code == TENON_OK) {
    memset(buffer, 1, BYTES);
    if (emu_machine_add_buffer(machine, "buffer", buffer, BYTES).code == TENON_OK)
      for (int32_t i = 0; i < module->function_count && i < 4; ++i)
        if (module->functions[i].is_entry)
          run(machine, module, &module->functions[i], buffer);
    emu_machine_destroy(machine);
  }
  free(buffer);
  emu_module_destroy(module);
  return 0;
}
