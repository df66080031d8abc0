//===- session.h - one sequence of a language model ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sequence is what has been fed to the model (`sequence.position` tokens in the state) and, after a step, one pending token that was
// chosen but not fed yet. The logits of the last position are shared, not copied, between a session, its marks and its forks.
#ifndef TENON_RUNTIME_HOST_SESSION_H
#define TENON_RUNTIME_HOST_SESSION_H

#include "tenon/runtime/host/call.h"

typedef struct tenon_logits {
  _Alignas(64) atomic_int references;
  _Alignas(64) float values[];
} tenon_logits;

// Everything that a mark must bring back, besides the append slots, whose length is `position`.
typedef struct tenon_place {
  int64_t position;
  int32_t pending;      /* -1: none */
  tenon_logits *logits; /* of the last token fed; null: nothing to choose from */
} tenon_place;

typedef struct tenon_mark_record {
  int64_t id;
  tenon_place place;
  tenon_fixed *fixed; /* the fixed slots; null: there are none */
} tenon_mark_record;

struct tenon_session {
  tenon_context *context;
  const tenon_abi_generate *generate;
  tenon_slots slots;
  tenon_place place;
  int64_t chunk;
  int32_t *tokens;          /* of the call that is inside: `chunk` of them */
  tenon_mark_record *marks; /* ids ascend */
  int64_t mark_count;
  int64_t mark_room;
  int64_t next_mark;
  tenon_stats stats;
};

void tenon_logits_retain(tenon_logits *logits);
void tenon_logits_release(tenon_logits *logits);

// Drops the marks from `first` on.
void tenon_session_drop_marks(tenon_session *session, int64_t first);

// Feeds the pending token, if there is one.
tenon_status tenon_session_settle(tenon_session *session);

// Enters the session's context, evaluates, leaves, and returns the status from the function.
#define TENON_ENTERED(session, expression)                                                                                                 \
  do {                                                                                                                                     \
    if (!(session))                                                                                                                        \
      return tenon_error(TENON_USAGE, "expects a session");                                                                                \
    TENON_TRY(tenon_context_enter((session)->context));                                                                                    \
    tenon_status tenon_entered_status = (expression);                                                                                      \
    tenon_context_leave((session)->context);                                                                                               \
    return tenon_entered_status;                                                                                                           \
  } while (0)

#endif /* TENON_RUNTIME_HOST_SESSION_H */
