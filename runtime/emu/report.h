//===- report.h - what checks found, as records --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A finding names the instruction and thread at which it was found and, where two places are at odds, the other one. The same kind of
// finding between the same two instructions is kept once, with how often it occurred; past EMU_MAX_FINDINGS different ones they are only
// counted.
#ifndef TENON_RUNTIME_EMU_REPORT_H
#define TENON_RUNTIME_EMU_REPORT_H

#include <stdint.h>
#include <stdio.h>

enum { EMU_MAX_FINDINGS = 256 };

typedef enum emu_kind {
  EMU_RACE,          // two accesses without order, at least one of which writes
  EMU_UNINITIALISED, // memory that was never written is read
  EMU_BOUNDS,        // an address outside of what its space or buffer has
  EMU_MISALIGNED,    // an address that is no multiple of what it accesses
  EMU_IN_FLIGHT,     // memory or registers that an asynchronous operation still uses are touched
  EMU_DIVERGENCE,    // lanes of a warp, or threads of a block, come to different places where all must come to one
  EMU_DEADLOCK,      // nothing can go on
  EMU_FAULT,         // another error that stops a launch
  EMU_KINDS
} emu_kind;

const char *emu_kind_name(emu_kind kind);

typedef struct emu_site {
  uint32_t line; // of the PTX text; 0: there is no such place
  uint32_t block[3], thread;
} emu_site;

typedef struct emu_finding {
  emu_kind kind;
  char kernel[96], path[160]; // path: what the launch says that it computes, "blk.3.attn_q"
  char source[96];            // of .loc: "file:line", or empty
  emu_site site, other;
  uint64_t count;
  char text[320]; // what is wrong
} emu_finding;

// Findings of any number of launches. Zero-initialise.
typedef struct emu_findings {
  emu_finding *items;
  int32_t count, room;
  uint64_t dropped; // different ones past the limit
} emu_findings;

// The same finding as before only counts; false: it is new, and there was room for it (or it was dropped).
int emu_findings_fold(emu_findings *findings, const char *kernel, const char *path, emu_kind kind, uint32_t line, uint32_t other_line);
const emu_finding *emu_findings_add(emu_findings *findings, const emu_finding *finding);
void emu_findings_free(emu_findings *findings);

// One line without its end.
void emu_finding_line(const emu_finding *finding, char *out, size_t size);
void emu_findings_write_text(const emu_findings *findings, FILE *file);
void emu_findings_write_json(const emu_findings *findings, FILE *file);

#endif /* TENON_RUNTIME_EMU_REPORT_H */
