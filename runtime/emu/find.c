//===- find.c - errors and findings, and where they are ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/machine_impl.h"

#include <stdarg.h>
#include <stdio.h>

// A finding about an instruction of a warp's lane: everything but what is wrong.
static emu_finding locate(const emu_warp *w, const emu_instruction *in, int lane, emu_kind kind) {
  const emu_block *block = w->block;
  const emu_launch *launch = block->launch;
  emu_text name = launch->kernel->name;
  emu_finding f = {.kind = kind, .count = 1};
  snprintf(f.kernel, sizeof(f.kernel), "%.*s", name.length, name.at);
  snprintf(f.path, sizeof(f.path), "%s", launch->options->path ? launch->options->path : "");
  if (in->source_line && in->file < (uint32_t)block->module->file_count) {
    emu_text file = block->module->files[in->file];
    snprintf(f.source, sizeof(f.source), "%.*s:%u", file.length > 64 ? 64 : file.length, file.at, in->source_line);
  }
  f.site = (emu_site){in->line, {block->index[0], block->index[1], block->index[2]}, w->index * EMU_LANES + (uint32_t)lane};
  return f;
}

// Adds to the launch's findings. Holds the launch's lock.
static void add(emu_launch *launch, const emu_finding *finding) {
  char line[1024];
  emu_findings *findings = launch->options->findings;
  if (findings)
    emu_findings_add(findings, finding);
  if (!launch->report)
    return;
  emu_finding_line(finding, line, sizeof(line));
  launch->report(launch->user, line);
}

void emu_stop_as(emu_warp *w, const emu_instruction *in, emu_kind kind, const emu_site *other, const char *format, ...) {
  emu_launch *launch = w->block->launch;
  emu_finding f = locate(w, in, w->running ? __builtin_ctz(w->running) : 0, kind);
  if (other)
    f.other = *other;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(f.text, sizeof(f.text), format, arguments);
  va_end(arguments);
  pthread_mutex_lock(&launch->lock);
  if (launch->status.code == TENON_OK) {
    char line[1024];
    emu_finding_line(&f, line, sizeof(line));
    launch->status.code = TENON_MISMATCH;
    snprintf(launch->status.msg, sizeof(launch->status.msg), "%.255s", line);
    if (launch->options->findings)
      emu_findings_add(launch->options->findings, &f);
  }
  pthread_mutex_unlock(&launch->lock);
  atomic_store(&launch->stopped, true);
  w->block->stopped = true;
  emu_interrupt(w);
}

void emu_find_pair(emu_warp *w, const emu_instruction *in, int lane, emu_kind kind, const emu_site *other, const char *format, ...) {
  emu_launch *launch = w->block->launch;
  emu_finding f = locate(w, in, lane, kind);
  if (other)
    f.other = *other;
  pthread_mutex_lock(&launch->lock);
  bool is_old = emu_findings_fold(&launch->seen, f.kernel, f.path, kind, f.site.line, f.other.line);
  if (launch->options->findings && is_old)
    emu_findings_fold(launch->options->findings, f.kernel, f.path, kind, f.site.line, f.other.line);
  if (!is_old) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f.text, sizeof(f.text), format, arguments);
    va_end(arguments);
    emu_findings_add(&launch->seen, &f);
    if (!launch->options->findings || !emu_findings_fold(launch->options->findings, f.kernel, f.path, kind, f.site.line, f.other.line))
      add(launch, &f);
  }
  pthread_mutex_unlock(&launch->lock);
}
