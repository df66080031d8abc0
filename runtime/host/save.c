//===- save.c - a sequence kept in a file --------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A saved state is: the header, the logits of the last token if there are any, what each slot uses in the module's order, and the CRC-32
// of all that. All numbers are little-endian, as the artifacts that it belongs to.
#include "tenon/runtime/host/session.h"
#include "tenon/runtime/io/crc32.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 };
static const char magic[8] = "TENNSTAT";

typedef struct header {
  char magic[8];
  int32_t version;
  int32_t pending; /* the token that was chosen and not fed; -1: none */
  uint64_t artifact;
  int64_t position;
  int64_t logits; /* how many; 0: none */
  int64_t state;  /* bytes of all slots */
} header;

// A digest of the artifact's table of contents: every member with its size and checksum, whose data it stands for.
static uint64_t artifact_digest(const tenon_module *module) {
  uint64_t digest = 0xcbf29ce484222325;
  for (size_t i = 0; i < module->archive.count; ++i) {
    const tenon_archive_member *member = &module->archive.members[i];
    uint64_t numbers[] = {member->size, member->crc};
    const unsigned char *parts[] = {(const unsigned char *)member->name, (const unsigned char *)numbers};
    size_t sizes[] = {strlen(member->name) + 1, sizeof(numbers)};
    for (int part = 0; part < 2; ++part)
      for (size_t j = 0; j < sizes[part]; ++j)
        digest = (digest ^ parts[part][j]) * 0x100000001b3;
  }
  return digest;
}

//===----------------------------------------------------------------------===//
// Saving
//===----------------------------------------------------------------------===//

typedef struct writer {
  tenon_write_fn write;
  void *user;
  uint32_t crc;
} writer;

static tenon_status put(writer *w, const void *data, int64_t size) {
  if (w->write(w->user, data, (size_t)size) != 0)
    return tenon_error(TENON_USAGE, "the state could not be written: the callback failed");
  w->crc = tenon_crc32_more(w->crc, data, (size_t)size);
  return tenon_ok();
}

// Bytes of a slot that are held on the host at a time, where it lies on a device.
enum { PIECE = 1 << 20 };

static tenon_status put_slot(writer *w, const tenon_slots *slots, int64_t slot, int64_t positions) {
  tenon_device *device = slots->append.device;
  int64_t bytes = tenon_slot_used(slots, slot, positions);
  if (!device)
    return put(w, slots->slots[slot], bytes);
  char *piece = malloc(PIECE);
  tenon_status status = piece ? tenon_ok() : tenon_out_of_memory("a piece of the state", PIECE);
  for (int64_t done = 0, count; done < bytes && status.code == TENON_OK; done += count) {
    count = bytes - done < PIECE ? bytes - done : PIECE;
    status = tenon_memory_read(device, piece, (const char *)slots->slots[slot] + done, count);
    if (status.code == TENON_OK)
      status = put(w, piece, count);
  }
  free(piece);
  return status;
}

static tenon_status save(tenon_session *session, tenon_write_fn write, void *user) {
  const tenon_place *place = &session->place;
  const tenon_slots *slots = &session->slots;
  header head = {.version = VERSION,
                 .pending = place->pending,
                 .artifact = artifact_digest(session->context->module),
                 .position = place->position,
                 .logits = place->logits ? session->generate->vocabulary : 0,
                 .state = tenon_slots_used(slots, place->position)};
  memcpy(head.magic, magic, sizeof(magic));
  writer w = {write, user, 0};
  TENON_TRY(put(&w, &head, sizeof(head)));
  if (place->logits)
    TENON_TRY(put(&w, place->logits->values, head.logits * (int64_t)sizeof(float)));
  for (int64_t i = 0; i < slots->abi->state_count; ++i)
    TENON_TRY(put_slot(&w, slots, i, place->position));
  uint32_t crc = w.crc;
  return put(&w, &crc, sizeof(crc));
}

tenon_status tenon_session_save(tenon_session *session, tenon_write_fn write, void *user) {
  if (!write)
    return tenon_error(TENON_USAGE, "expects a function that writes");
  TENON_ENTERED(session, save(session, write, user));
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

typedef struct reader {
  tenon_read_fn read;
  void *user;
  uint32_t crc;
} reader;

static tenon_status take(reader *r, void *data, int64_t size) {
  if (r->read(r->user, data, (size_t)size) != 0)
    return tenon_error(TENON_UNSUPPORTED, "the state could not be read: the callback failed, or the file ends too early");
  r->crc = tenon_crc32_more(r->crc, data, (size_t)size);
  return tenon_ok();
}

static tenon_status take_slot(reader *r, tenon_slots *slots, int64_t slot, int64_t positions) {
  tenon_device *device = slots->append.device;
  int64_t bytes = tenon_slot_used(slots, slot, positions);
  if (!device)
    return take(r, slots->slots[slot], bytes);
  char *piece = malloc(PIECE);
  tenon_status status = piece ? tenon_ok() : tenon_out_of_memory("a piece of the state", PIECE);
  for (int64_t done = 0, count; done < bytes && status.code == TENON_OK; done += count) {
    count = bytes - done < PIECE ? bytes - done : PIECE;
    status = take(r, piece, count);
    if (status.code == TENON_OK)
      status = tenon_memory_write(device, (char *)slots->slots[slot] + done, piece, count);
  }
  free(piece);
  return status;
}

static tenon_status check_header(const tenon_session *session, const header *head) {
  const tenon_abi_generate *generate = session->generate;
  if (memcmp(head->magic, magic, sizeof(magic)) != 0)
    return tenon_error(TENON_UNSUPPORTED, "expects a state saved by tenon_session_save, but got other data");
  if (head->version != VERSION)
    return tenon_error(TENON_UNSUPPORTED, "expects a state of version %d, but got version %d", VERSION, (int)head->version);
  if (head->artifact != artifact_digest(session->context->module))
    return tenon_error(TENON_UNSUPPORTED, "the state belongs to another artifact: expects %016llx, but got %016llx",
                       (unsigned long long)artifact_digest(session->context->module), (unsigned long long)head->artifact);
  if (head->position < 0 || head->pending < -1 || head->pending >= generate->vocabulary ||
      (head->logits != 0 && head->logits != generate->vocabulary))
    return tenon_error(TENON_UNSUPPORTED, "the state is damaged: position %lld, pending token %d, %lld logits", (long long)head->position,
                       (int)head->pending, (long long)head->logits);
  if (head->position > session->slots.positions - (head->pending >= 0))
    return tenon_error(TENON_RESOURCE, "the state of %lld tokens does not fit: the session has room for %lld", (long long)head->position,
                       (long long)session->slots.positions);
  if (head->state != tenon_slots_used(&session->slots, head->position))
    return tenon_error(TENON_UNSUPPORTED, "the state is damaged: expects %lld bytes of slots, but got %lld",
                       (long long)tenon_slots_used(&session->slots, head->position), (long long)head->state);
  return tenon_ok();
}

// Reads what follows the header into slots and logits of its own.
static tenon_status take_contents(reader *r, const header *head, tenon_slots *slots, tenon_logits **logits) {
  if (head->logits) {
    size_t bytes = sizeof(tenon_logits) + (size_t)head->logits * sizeof(float);
    *logits = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!*logits)
      return tenon_out_of_memory("logits", (int64_t)bytes);
    atomic_init(&(*logits)->references, 1);
    TENON_TRY(take(r, (*logits)->values, head->logits * (int64_t)sizeof(float)));
  }
  for (int64_t i = 0; i < slots->abi->state_count; ++i)
    TENON_TRY(take_slot(r, slots, i, head->position));
  uint32_t expected = r->crc, crc = 0;
  TENON_TRY(take(r, &crc, sizeof(crc)));
  if (crc != expected)
    return tenon_error(TENON_UNSUPPORTED, "the state is damaged: expects the checksum %08x, but got %08x", expected, crc);
  return tenon_ok();
}

static tenon_status load(tenon_session *session, tenon_read_fn read, void *user) {
  reader r = {read, user, 0};
  header head;
  TENON_TRY(take(&r, &head, sizeof(head)));
  TENON_TRY(check_header(session, &head));
  tenon_slots slots;
  tenon_logits *logits = NULL;
  tenon_status status = tenon_slots_create(session->slots.abi, session->slots.append.device, session->slots.positions, &slots);
  if (status.code != TENON_OK)
    return status;
  status = take_contents(&r, &head, &slots, &logits);
  if (status.code != TENON_OK) {
    tenon_slots_destroy(&slots);
    tenon_logits_release(logits);
    return status;
  }
  tenon_session_drop_marks(session, 0);
  tenon_slots_destroy(&session->slots);
  tenon_logits_release(session->place.logits);
  session->slots = slots;
  session->place = (tenon_place){head.position, head.pending, logits};
  return status;
}

tenon_status tenon_session_load(tenon_session *session, tenon_read_fn read, void *user) {
  if (!read)
    return tenon_error(TENON_USAGE, "expects a function that reads");
  TENON_ENTERED(session, load(session, read, user));
}
