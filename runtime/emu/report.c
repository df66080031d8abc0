//===- report.c - findings folded, as text and as JSON -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/report.h"

#include <stdlib.h>
#include <string.h>

const char *emu_kind_name(emu_kind kind) {
  static const char *const names[EMU_KINDS] = {"race",      "uninitialised", "bounds",   "misaligned",
                                               "in flight", "divergence",    "deadlock", "fault"};
  return kind < EMU_KINDS ? names[kind] : "?";
}

int emu_findings_fold(emu_findings *findings, const char *kernel, const char *path, emu_kind kind, uint32_t line, uint32_t other_line) {
  for (int32_t i = 0; i < findings->count; ++i) {
    emu_finding *old = &findings->items[i];
    if (old->kind != kind || old->site.line != line || old->other.line != other_line ||
        strncmp(old->kernel, kernel, sizeof(old->kernel) - 1) || strncmp(old->path, path, sizeof(old->path) - 1))
      continue;
    ++old->count;
    return 1;
  }
  return 0;
}

const emu_finding *emu_findings_add(emu_findings *findings, const emu_finding *finding) {
  if (findings->count == findings->room && findings->room < EMU_MAX_FINDINGS) {
    int32_t room = findings->room ? 2 * findings->room : 8;
    emu_finding *grown = realloc(findings->items, (size_t)room * sizeof(*grown));
    if (grown)
      findings->items = grown, findings->room = room;
  }
  if (findings->count == findings->room) {
    ++findings->dropped;
    return NULL;
  }
  findings->items[findings->count] = *finding;
  findings->items[findings->count].count = 1;
  return &findings->items[findings->count++];
}

void emu_findings_free(emu_findings *findings) {
  free(findings->items);
  *findings = (emu_findings){0};
}

void emu_finding_line(const emu_finding *f, char *out, size_t size) {
  int used = snprintf(out, size, "%s: kernel '%s'%s%s, PTX line %u%s%s%s, block (%u, %u, %u), thread %u: %s", emu_kind_name(f->kind),
                      f->kernel, f->path[0] ? " of " : "", f->path, f->site.line, f->source[0] ? " (" : "", f->source,
                      f->source[0] ? ")" : "", f->site.block[0], f->site.block[1], f->site.block[2], f->site.thread, f->text);
  if (f->count > 1 && used > 0 && (size_t)used < size)
    snprintf(out + used, size - (size_t)used, " [%llu times]", (unsigned long long)f->count);
}

void emu_findings_write_text(const emu_findings *findings, FILE *file) {
  char line[1024];
  for (int32_t i = 0; i < findings->count; ++i) {
    emu_finding_line(&findings->items[i], line, sizeof(line));
    fprintf(file, "%s\n", line);
  }
  if (findings->dropped)
    fprintf(file, "and %llu different ones more\n", (unsigned long long)findings->dropped);
}

static void write_string(const char *text, FILE *file) {
  fputc('"', file);
  for (const unsigned char *at = (const unsigned char *)text; *at; ++at) {
    if (*at == '"' || *at == '\\')
      fprintf(file, "\\%c", *at);
    else if (*at < 0x20 || *at > 0x7e)
      fprintf(file, "\\u%04x", *at);
    else
      fputc(*at, file);
  }
  fputc('"', file);
}

static void write_site(const char *name, const emu_site *site, FILE *file) {
  fprintf(file, ", \"%s\": {\"line\": %u, \"block\": [%u, %u, %u], \"thread\": %u}", name, site->line, site->block[0], site->block[1],
          site->block[2], site->thread);
}

void emu_findings_write_json(const emu_findings *findings, FILE *file) {
  fprintf(file, "{\"findings\": [");
  for (int32_t i = 0; i < findings->count; ++i) {
    const emu_finding *f = &findings->items[i];
    const char *const names[] = {"kernel", "path", "source", "text"}, *const values[] = {f->kernel, f->path, f->source, f->text};
    fprintf(file, "%s\n  {\"kind\": \"%s\", \"count\": %llu", i ? "," : "", emu_kind_name(f->kind), (unsigned long long)f->count);
    for (int k = 0; k < 4; ++k) {
      fprintf(file, ", \"%s\": ", names[k]);
      write_string(values[k], file);
    }
    write_site("site", &f->site, file);
    if (f->other.line)
      write_site("other", &f->other, file);
    fputc('}', file);
  }
  fprintf(file, "\n], \"dropped\": %llu}\n", (unsigned long long)findings->dropped);
}
