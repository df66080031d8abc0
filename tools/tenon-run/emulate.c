//===- emulate.c - running on the emulator -------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "emulate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void emulate(const options *o, tenon_context_options *context, emulation *out) {
  *out = (emulation){.emulator = o->emulator};
  out->emulator.provider.open = tenon_emulator_open;
  out->emulator.findings = &out->findings;
  if (context->device == TENON_DEVICE_EMULATOR)
    context->provider = &out->emulator.provider;
}

static tenon_status write_report(const options *o, const emu_findings *findings) {
  FILE *file = fopen(o->emu_report, "w");
  if (file)
    emu_findings_write_json(findings, file);
  if (!file || fclose(file) != 0)
    return USAGE("cannot write '%.200s': %s", o->emu_report, strerror(errno));
  return success();
}

tenon_status emulation_end(const options *o, emulation *e, tenon_status status) {
  int32_t count = e->findings.count;
  emu_findings_write_text(&e->findings, stderr);
  if (o->emu_report) {
    tenon_status written = write_report(o, &e->findings);
    status = status.code == TENON_OK ? written : status;
  }
  emu_findings_free(&e->findings);
  return status.code == TENON_OK && count > 0 ? tenon_failure(TENON_MISMATCH, "the emulator's checks found %d defects of kernels", count)
                                              : status;
}
