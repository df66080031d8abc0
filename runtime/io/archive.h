//===- archive.h - reads an artifact's table of contents -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An artifact is a zip file whose members are stored, not compressed, and lie on page boundaries, so that each is used where it is
// mapped. Every number in the file is checked against the file's size before it is used, and members may not overlap.
#ifndef TENON_RUNTIME_IO_ARCHIVE_H
#define TENON_RUNTIME_IO_ARCHIVE_H

#include "tenon/runtime/base/status.h"

enum { TENON_ARCHIVE_ALIGNMENT = 4096 };

typedef struct tenon_archive_member {
  const char *name;
  const uint8_t *data;
  size_t size;
  uint32_t crc;
} tenon_archive_member;

typedef struct tenon_archive {
  tenon_archive_member *members; /* sorted by name */
  size_t count;
  char *names;
} tenon_archive;

// `data` must stay mapped while the archive is in use; `label` names it in messages.
tenon_status tenon_archive_open(const void *data, size_t size, const char *label, tenon_archive *out);
void tenon_archive_close(tenon_archive *archive);

// Null if there is no member of that name.
const tenon_archive_member *tenon_archive_find(const tenon_archive *archive, const char *name);

// Reads all of the member and compares its checksum.
tenon_status tenon_archive_verify(const tenon_archive_member *member);

#endif /* TENON_RUNTIME_IO_ARCHIVE_H */
