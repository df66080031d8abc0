//===- emulate.h - running on the emulator -------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_EMULATE_H
#define TENON_RUN_EMULATE_H

#include "options.h"

typedef struct emulation {
  tenon_emulator emulator;
  emu_findings findings;
} emulation;

// Makes the context's options ask for the emulator where the command line does. `out` must outlive the context.
void emulate(const options *o, tenon_context_options *context, emulation *out);

// Reports what was found: a run that ended well but with findings did not. Gives the status of the whole.
tenon_status emulation_end(const options *o, emulation *e, tenon_status status);

#endif /* TENON_RUN_EMULATE_H */
