//===- archive.c - reads an artifact's table of contents -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Zip is read from its end: the end record gives the place of the central directory, which lists the members; each has a local header
// right before its bytes. The 64-bit forms of the end record and of sizes are understood. What a writer of artifacts never makes
// (compression, encryption, several disks, a comment) is refused rather than tolerated.
#include "tenon/runtime/io/archive.h"

#include "tenon/runtime/io/crc32.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  END_BYTES = 22,
  END64_BYTES = 56,
  LOCATOR_BYTES = 20,
  CENTRAL_BYTES = 46,
  LOCAL_BYTES = 30,
  EXTRA64_TAG = 1,
  MAX_MEMBERS = 65535,
  FLAG_ENCRYPTED = 1,
  FLAG_SIZES_AFTER = 8,
};
#define END_MAGIC UINT32_C(0x06054b50)
#define END64_MAGIC UINT32_C(0x06064b50)
#define LOCATOR_MAGIC UINT32_C(0x07064b50)
#define CENTRAL_MAGIC UINT32_C(0x02014b50)
#define LOCAL_MAGIC UINT32_C(0x04034b50)
#define SEE_64 UINT32_C(0xffffffff)

typedef struct reader {
  const uint8_t *data;
  uint64_t size;
  const char *label;
} reader;

// Where the members are listed, as the end record says.
typedef struct directory {
  uint64_t offset;
  uint64_t bytes;
  uint64_t count;
} directory;

// One record of the central directory; the name is not terminated.
typedef struct record {
  const char *name;
  uint16_t name_bytes;
  uint16_t flags;
  uint16_t method;
  uint32_t crc;
  uint64_t stored;
  uint64_t size;
  uint64_t local;
} record;

static uint16_t load16(const uint8_t *p) {
  return (uint16_t)(p[0] | p[1] << 8);
}
static uint32_t load32(const uint8_t *p) {
  return (uint32_t)load16(p) | (uint32_t)load16(p + 2) << 16;
}
static uint64_t load64(const uint8_t *p) {
  return (uint64_t)load32(p) | (uint64_t)load32(p + 4) << 32;
}

// True if [offset, offset + bytes) lies before `limit`.
static bool inside(uint64_t limit, uint64_t offset, uint64_t bytes) {
  return offset <= limit && bytes <= limit - offset;
}

__attribute__((format(printf, 2, 3))) static tenon_status damaged(const reader *r, const char *format, ...) {
  char what[176];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof(what), format, arguments);
  va_end(arguments);
  size_t length = strlen(r->label);
  const char *label = length > 50 ? r->label + length - 50 : r->label;
  return tenon_error(TENON_UNSUPPORTED, "'%s' is not a usable artifact: %s", label, what);
}

static tenon_status read_end64(const reader *r, uint64_t end, directory *out) {
  if (end < LOCATOR_BYTES || load32(r->data + end - LOCATOR_BYTES) != LOCATOR_MAGIC)
    return damaged(r, "its end record refers to a 64-bit one that is not there");
  uint64_t offset = load64(r->data + end - LOCATOR_BYTES + 8);
  uint64_t limit = end - LOCATOR_BYTES;
  if (!inside(limit, offset, END64_BYTES) || load32(r->data + offset) != END64_MAGIC)
    return damaged(r, "its 64-bit end record is not where it should be (byte %" PRIu64 ")", offset);
  const uint8_t *p = r->data + offset;
  if (load32(p + 16) != 0 || load32(p + 20) != 0 || load64(p + 24) != load64(p + 32))
    return damaged(r, "it is split over several disks");
  out->count = load64(p + 32);
  out->bytes = load64(p + 40);
  out->offset = load64(p + 48);
  if (!inside(offset, out->offset, out->bytes))
    return damaged(r, "its table of contents lies outside the file");
  return tenon_ok();
}

static tenon_status read_end(const reader *r, directory *out) {
  if (r->size < END_BYTES)
    return damaged(r, "it has %" PRIu64 " bytes only", r->size);
  uint64_t end = r->size - END_BYTES;
  const uint8_t *p = r->data + end;
  if (load32(p) != END_MAGIC) {
    if (load32(r->data) == LOCAL_MAGIC)
      return damaged(r, "its end is missing; the file is truncated or has bytes after its end");
    return damaged(r, "it is not a zip file");
  }
  if (load16(p + 20) != 0)
    return damaged(r, "its end record has a comment");
  if (load16(p + 4) != 0 || load16(p + 6) != 0 || load16(p + 8) != load16(p + 10))
    return damaged(r, "it is split over several disks");
  out->count = load16(p + 10);
  out->bytes = load32(p + 12);
  out->offset = load32(p + 16);
  if (out->count == 0xffff || out->bytes == SEE_64 || out->offset == SEE_64)
    return read_end64(r, end, out);
  if (!inside(end, out->offset, out->bytes))
    return damaged(r, "its table of contents lies outside the file");
  return tenon_ok();
}

// The 64-bit values of a record stand in its extra field in a fixed order, each only if the 32-bit one says so.
static tenon_status read_extra64(const reader *r, const uint8_t *extra, uint64_t bytes, record *out) {
  bool wanted = out->size == SEE_64 || out->stored == SEE_64 || out->local == SEE_64;
  while (wanted && bytes >= 4) {
    uint16_t tag = load16(extra), length = load16(extra + 2);
    if (length > bytes - 4)
      break;
    if (tag == EXTRA64_TAG) {
      uint64_t *fields[] = {&out->size, &out->stored, &out->local};
      const uint8_t *p = extra + 4, *end = p + length;
      for (int i = 0; i < 3; ++i) {
        if (*fields[i] != SEE_64)
          continue;
        if (end - p < 8)
          return damaged(r, "a member's 64-bit sizes are cut short");
        *fields[i] = load64(p);
        p += 8;
      }
      return tenon_ok();
    }
    extra += 4 + length;
    bytes -= 4 + (uint64_t)length;
  }
  return wanted ? damaged(r, "a member's 64-bit sizes are missing") : tenon_ok();
}

// Reads the record at `*cursor` and moves the cursor past it.
static tenon_status read_record(const reader *r, const directory *d, uint64_t *cursor, record *out) {
  uint64_t end = d->offset + d->bytes;
  if (!inside(end, *cursor, CENTRAL_BYTES) || load32(r->data + *cursor) != CENTRAL_MAGIC)
    return damaged(r, "its table of contents is damaged at byte %" PRIu64, *cursor);
  const uint8_t *p = r->data + *cursor;
  out->flags = load16(p + 8);
  out->method = load16(p + 10);
  out->crc = load32(p + 16);
  out->stored = load32(p + 20);
  out->size = load32(p + 24);
  out->name_bytes = load16(p + 28);
  out->local = load32(p + 42);
  uint64_t extra_bytes = load16(p + 30), comment_bytes = load16(p + 32);
  if (load16(p + 34) != 0 && load16(p + 34) != 0xffff)
    return damaged(r, "it is split over several disks");
  uint64_t rest = (uint64_t)out->name_bytes + extra_bytes + comment_bytes;
  if (!inside(end, *cursor + CENTRAL_BYTES, rest))
    return damaged(r, "its table of contents is damaged at byte %" PRIu64, *cursor);
  out->name = (const char *)p + CENTRAL_BYTES;
  *cursor += CENTRAL_BYTES + rest;
  return read_extra64(r, p + CENTRAL_BYTES + out->name_bytes, extra_bytes, out);
}

// Names are relative paths of printable characters; they are shown to people and matched, never opened.
static bool good_name(const record *record) {
  if (record->name_bytes == 0 || record->name_bytes > 255 || record->name[0] == '/')
    return false;
  for (uint16_t i = 0; i < record->name_bytes; ++i) {
    unsigned char c = (unsigned char)record->name[i];
    if (c < 0x20 || c >= 0x7f || c == '\\')
      return false;
    if (c == '.' && i + 1 < record->name_bytes && record->name[i + 1] == '.')
      return false;
  }
  return true;
}

// Checks the member's header and finds its bytes, which end before the table of contents.
static tenon_status locate(const reader *r, const directory *d, const record *record, tenon_archive_member *out) {
  const char *name = out->name;
  if (record->flags & FLAG_ENCRYPTED)
    return damaged(r, "member '%.60s' is encrypted", name);
  if (record->method != 0 || record->stored != record->size)
    return damaged(r, "member '%.60s' is compressed; expects stored members, as zip -0 makes", name);
  if (!inside(d->offset, record->local, LOCAL_BYTES) || load32(r->data + record->local) != LOCAL_MAGIC)
    return damaged(r, "the header of member '%.60s' is not where it should be", name);
  const uint8_t *p = r->data + record->local;
  uint64_t name_bytes = load16(p + 26), extra_bytes = load16(p + 28);
  uint64_t data = record->local + LOCAL_BYTES + name_bytes + extra_bytes;
  if (data > d->offset || name_bytes != record->name_bytes || memcmp(p + LOCAL_BYTES, record->name, record->name_bytes) != 0)
    return damaged(r, "the header of member '%.60s' names another", name);
  uint32_t size = load32(p + 22);
  bool sizes_after = (load16(p + 6) & FLAG_SIZES_AFTER) != 0;
  if (load16(p + 8) != 0 || (size != record->size && size != SEE_64 && !(sizes_after && size == 0)))
    return damaged(r, "the header of member '%.60s' contradicts the table of contents", name);
  if (!inside(d->offset, data, record->size))
    return damaged(r, "member '%.60s' has %" PRIu64 " bytes, more than the file", name, record->size);
  if (data % TENON_ARCHIVE_ALIGNMENT != 0)
    return damaged(r, "member '%.60s' starts at byte %" PRIu64 ", which is not a multiple of %d", name, data, TENON_ARCHIVE_ALIGNMENT);
  out->data = r->data + data;
  out->size = record->size;
  out->crc = record->crc;
  return tenon_ok();
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const tenon_archive_member *)a)->name, ((const tenon_archive_member *)b)->name);
}

static int by_place(const void *a, const void *b) {
  const tenon_archive_member *x = a, *y = b;
  return x->data != y->data ? (x->data < y->data ? -1 : 1) : (x->size > y->size) - (x->size < y->size);
}

static tenon_status check_disjoint(const reader *r, tenon_archive *archive) {
  qsort(archive->members, archive->count, sizeof(*archive->members), by_place);
  for (size_t i = 1; i < archive->count; ++i) {
    const tenon_archive_member *a = &archive->members[i - 1], *b = &archive->members[i];
    if (a->data + a->size > b->data)
      return damaged(r, "members '%.40s' and '%.40s' overlap", a->name, b->name);
  }
  qsort(archive->members, archive->count, sizeof(*archive->members), by_name);
  for (size_t i = 1; i < archive->count; ++i)
    if (strcmp(archive->members[i - 1].name, archive->members[i].name) == 0)
      return damaged(r, "member '%.60s' is there twice", archive->members[i].name);
  return tenon_ok();
}

static tenon_status read_members(const reader *r, const directory *d, tenon_archive *archive) {
  uint64_t cursor = d->offset;
  char *name = archive->names;
  for (uint64_t i = 0; i < d->count; ++i) {
    record record = {0};
    TENON_TRY(read_record(r, d, &cursor, &record));
    if (!good_name(&record))
      return damaged(r, "the name of member %" PRIu64 " is not a plain relative path", i);
    tenon_archive_member *member = &archive->members[archive->count];
    member->name = name;
    memcpy(name, record.name, record.name_bytes);
    name[record.name_bytes] = 0;
    name += record.name_bytes + 1;
    TENON_TRY(locate(r, d, &record, member));
    ++archive->count;
  }
  if (cursor != d->offset + d->bytes)
    return damaged(r, "its table of contents lists fewer members than it has bytes for");
  return check_disjoint(r, archive);
}

tenon_status tenon_archive_open(const void *data, size_t size, const char *label, tenon_archive *out) {
  reader r = {data, size, label};
  directory d = {0, 0, 0};
  *out = (tenon_archive){NULL, 0, NULL};
  TENON_TRY(read_end(&r, &d));
  // Each record takes at least CENTRAL_BYTES and its name, so both allocations are bounded by the file's own size.
  if (d.count > MAX_MEMBERS || d.count > d.bytes / CENTRAL_BYTES)
    return damaged(&r, "it claims %" PRIu64 " members in a table of %" PRIu64 " bytes", d.count, d.bytes);
  out->members = calloc(d.count + 1, sizeof(*out->members));
  out->names = malloc(d.bytes + 1);
  tenon_status status =
      out->members && out->names ? read_members(&r, &d, out) : tenon_out_of_memory("the table of contents", (int64_t)d.bytes);
  if (status.code != TENON_OK)
    tenon_archive_close(out);
  return status;
}

void tenon_archive_close(tenon_archive *archive) {
  free(archive->members);
  free(archive->names);
  *archive = (tenon_archive){NULL, 0, NULL};
}

const tenon_archive_member *tenon_archive_find(const tenon_archive *archive, const char *name) {
  tenon_archive_member key = {name, NULL, 0, 0};
  return archive->count ? bsearch(&key, archive->members, archive->count, sizeof(key), by_name) : NULL;
}

tenon_status tenon_archive_verify(const tenon_archive_member *member) {
  uint32_t crc = tenon_crc32(member->data, member->size);
  if (crc == member->crc)
    return tenon_ok();
  return tenon_error(TENON_UNSUPPORTED, "member '%.80s' of the artifact is damaged: its checksum is %08x, but expects %08x", member->name,
                     (unsigned)crc, (unsigned)member->crc);
}
