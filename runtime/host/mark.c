//===- mark.c - places in a sequence to come back to ---------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/session.h"

#include <stdlib.h>
#include <string.h>

static void end_record(tenon_mark_record *record) {
  tenon_logits_release(record->place.logits);
  tenon_fixed_release(record->fixed);
}

void tenon_session_drop_marks(tenon_session *session, int64_t first) {
  while (session->mark_count > first)
    end_record(&session->marks[--session->mark_count]);
}

static tenon_status make_room(tenon_session *session) {
  if (session->mark_count < session->mark_room)
    return tenon_ok();
  int64_t room = session->mark_room ? 2 * session->mark_room : 8;
  tenon_mark_record *grown = realloc(session->marks, (size_t)room * sizeof(*grown));
  if (!grown)
    return tenon_out_of_memory("marks", room * (int64_t)sizeof(*grown));
  session->marks = grown;
  session->mark_room = room;
  return tenon_ok();
}

static tenon_status mark(tenon_session *session, tenon_mark *out) {
  TENON_TRY(make_room(session));
  tenon_mark_record *record = &session->marks[session->mark_count];
  record->fixed = tenon_fixed_retain(session->slots.fixed);
  record->id = ++session->next_mark;
  record->place = session->place;
  tenon_logits_retain(record->place.logits);
  ++session->mark_count;
  *out = (tenon_mark){record->id, tenon_session_position(session)};
  return tenon_ok();
}

// The index of a mark that is still alive.
static tenon_status find(const tenon_session *session, tenon_mark mark, int64_t *out) {
  for (int64_t i = 0; i < session->mark_count; ++i) {
    if (session->marks[i].id != mark.id)
      continue;
    *out = i;
    return tenon_ok();
  }
  return tenon_error(TENON_USAGE, "the mark at position %lld is not one of this session's, or has ended", (long long)mark.position);
}

static tenon_status rewind_to(tenon_session *session, tenon_mark mark) {
  int64_t index = 0;
  TENON_TRY(find(session, mark, &index));
  tenon_session_drop_marks(session, index + 1);
  const tenon_mark_record *record = &session->marks[index];
  tenon_logits_retain(record->place.logits);
  tenon_logits_release(session->place.logits);
  session->place = record->place;
  tenon_slots_share(&session->slots, record->fixed);
  return tenon_ok();
}

static tenon_status forget(tenon_session *session, tenon_mark mark) {
  int64_t index = 0;
  TENON_TRY(find(session, mark, &index));
  end_record(&session->marks[index]);
  --session->mark_count;
  memmove(&session->marks[index], &session->marks[index + 1], (size_t)(session->mark_count - index) * sizeof(*session->marks));
  return tenon_ok();
}

tenon_status tenon_session_mark(tenon_session *session, tenon_mark *out) {
  if (!out)
    return tenon_error(TENON_USAGE, "expects a place for the mark");
  TENON_ENTERED(session, mark(session, out));
}

tenon_status tenon_session_rewind(tenon_session *session, tenon_mark mark) {
  TENON_ENTERED(session, rewind_to(session, mark));
}

tenon_status tenon_session_forget(tenon_session *session, tenon_mark mark) {
  TENON_ENTERED(session, forget(session, mark));
}
