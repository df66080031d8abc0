//===- session.c - one sequence of a language model ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/session.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_CHUNK = 512, MAX_CHUNK = 1 << 20 };

//===----------------------------------------------------------------------===//
// Making and ending
//===----------------------------------------------------------------------===//

static tenon_status open_session(tenon_session *session, const tenon_session_options *options) {
  const tenon_abi_module *abi = session->context->abi;
  if (!abi->generate)
    return tenon_error(TENON_UNSUPPORTED, "module '%.80s' is not a language model", abi->name);
  session->generate = abi->generate;
  int64_t positions = options && options->max_positions ? options->max_positions : abi->generate->context;
  if (positions < 1 || positions > abi->generate->context)
    return tenon_error(TENON_USAGE, "expects max_positions from 1 to %lld, but got %lld", (long long)abi->generate->context,
                       (long long)positions);
  session->chunk = options && options->prefill_chunk ? options->prefill_chunk : DEFAULT_CHUNK;
  if (session->chunk < 1 || session->chunk > MAX_CHUNK)
    return tenon_error(TENON_USAGE, "expects prefill_chunk from 1 to %d, but got %lld", MAX_CHUNK, (long long)session->chunk);
  session->tokens = malloc((size_t)session->chunk * sizeof(int32_t));
  if (!session->tokens)
    return tenon_out_of_memory("tokens", session->chunk * 4);
  return tenon_slots_create(abi, tenon_context_memory(session->context), positions, &session->slots);
}

tenon_status tenon_session_create(tenon_context *context, const tenon_session_options *options, tenon_session **out) {
  if (!context || !out)
    return tenon_error(TENON_USAGE, "expects a context and a place for the session");
  *out = NULL;
  tenon_session *session = calloc(1, sizeof(*session));
  if (!session)
    return tenon_out_of_memory("a session", sizeof(*session));
  session->context = context;
  session->place.pending = -1;
  tenon_context_retain(context);
  tenon_status status = open_session(session, options);
  if (status.code != TENON_OK)
    tenon_session_destroy(session);
  else
    *out = session;
  return status;
}

void tenon_session_destroy(tenon_session *session) {
  if (!session)
    return;
  tenon_session_drop_marks(session, 0);
  tenon_logits_release(session->place.logits);
  tenon_slots_destroy(&session->slots);
  free(session->marks);
  free(session->tokens);
  tenon_context_destroy(session->context);
  free(session);
}

void tenon_logits_retain(tenon_logits *logits) {
  if (logits)
    atomic_fetch_add(&logits->references, 1);
}

void tenon_logits_release(tenon_logits *logits) {
  if (logits && atomic_fetch_sub(&logits->references, 1) == 1)
    free(logits);
}

//===----------------------------------------------------------------------===//
// Feeding
//===----------------------------------------------------------------------===//

// Logits that may be written: the session's own, or new ones if a mark or a fork shares them.
static tenon_status writable_logits(const tenon_session *session, tenon_logits **out) {
  *out = session->place.logits;
  if (*out && atomic_load(&(*out)->references) == 1)
    return tenon_ok();
  size_t bytes = sizeof(tenon_logits) + (size_t)session->generate->vocabulary * sizeof(float);
  *out = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!*out)
    return tenon_out_of_memory("logits", (int64_t)bytes);
  atomic_init(&(*out)->references, 1);
  return tenon_ok();
}

// Makes what writable_logits gave the session's own, or gives it back.
static void keep_logits(tenon_session *session, tenon_logits *logits, bool good) {
  if (logits == session->place.logits)
    return;
  tenon_logits_release(good ? session->place.logits : logits);
  if (good)
    session->place.logits = logits;
}

// One call of an entry with the first `count` of `session->tokens`; the logits go to `out`.
static tenon_status call_entry(tenon_session *session, int64_t index, int64_t count, float *out) {
  tenon_context *context = session->context;
  const tenon_abi_module *abi = context->abi;
  memset(context->symbols, 0, (size_t)abi->symbol_count * sizeof(int64_t));
  context->symbols[0] = count;
  const tenon_abi_entry_point *entry = &abi->entries[index];
  int64_t rows = entry->outputs[0].dims[0] < 0 ? count : 1;
  tenon_span input = {session->tokens, count * (int64_t)sizeof(int32_t), false};
  tenon_span output = {out, rows * session->generate->vocabulary * (int64_t)sizeof(float), false};
  TENON_TRY(tenon_slots_own(&session->slots, context->team));
  TENON_TRY(tenon_context_run(context, index, &input, &output, session->slots.slots, session->place.position));
  if (entry->flags & TENON_ABI_ENTRY_STATEFUL)
    session->place.position += count;
  session->place.pending = -1;
  return tenon_ok();
}

// Feeds `count` of `session->tokens` and keeps the logits of the last.
static tenon_status feed(tenon_session *session, int64_t count) {
  tenon_logits *logits;
  TENON_TRY(writable_logits(session, &logits));
  tenon_status status = call_entry(session, session->generate->step_entry, count, logits->values);
  keep_logits(session, logits, status.code == TENON_OK);
  return status;
}

tenon_status tenon_session_settle(tenon_session *session) {
  if (session->place.pending < 0)
    return tenon_ok();
  int64_t start = tenon_now_ns();
  session->tokens[0] = session->place.pending;
  TENON_TRY(feed(session, 1));
  session->stats.decode_ns += tenon_now_ns() - start;
  return tenon_ok();
}

static tenon_status check_room(const tenon_session *session, const int32_t *tokens, size_t n) {
  if (n > 0 && !tokens)
    return tenon_error(TENON_USAGE, "expects tokens");
  int64_t position = tenon_session_position(session), room = session->slots.positions;
  if (n > (size_t)(room - position))
    return tenon_error(TENON_RESOURCE, "%zu tokens do not fit: the session has %lld of at most %lld", n, (long long)position,
                       (long long)room);
  return tenon_check_tokens(session->context->abi, tokens, (int64_t)n);
}

// Moves tokens into `session->tokens`, behind the pending one; gives how many are there and how many were taken.
static int64_t gather(tenon_session *session, const int32_t *tokens, int64_t left, int64_t *taken) {
  int64_t count = 0;
  if (session->place.pending >= 0)
    session->tokens[count++] = session->place.pending;
  *taken = left < session->chunk - count ? left : session->chunk - count;
  memcpy(session->tokens + count, tokens, (size_t)*taken * sizeof(int32_t));
  return count + *taken;
}

static tenon_status prefill(tenon_session *session, const int32_t *tokens, size_t n) {
  TENON_TRY(check_room(session, tokens, n));
  int64_t start = tenon_now_ns();
  for (int64_t done = 0, taken; done < (int64_t)n; done += taken) {
    int64_t count = gather(session, tokens + done, (int64_t)n - done, &taken);
    TENON_TRY(feed(session, count));
    session->stats.prefill_tokens += count;
  }
  session->stats.prefill_ns += tenon_now_ns() - start;
  return tenon_ok();
}

// Scores with room for the last logits at hand. Without an entry that gives the logits of every position, tokens go one by one.
static tenon_status score_into(tenon_session *session, const int32_t *tokens, size_t n, float *out, tenon_logits *last) {
  const tenon_abi_generate *generate = session->generate;
  int64_t entry = generate->forward_entry < 0 ? generate->step_entry : generate->forward_entry;
  int64_t chunk = generate->forward_entry < 0 ? 1 : session->chunk, start = tenon_now_ns();
  for (int64_t done = 0, count; done < (int64_t)n; done += count) {
    count = (int64_t)n - done < chunk ? (int64_t)n - done : chunk;
    memcpy(session->tokens, tokens + done, (size_t)count * sizeof(int32_t));
    TENON_TRY(call_entry(session, entry, count, out + done * generate->vocabulary));
  }
  memcpy(last->values, out + ((int64_t)n - 1) * generate->vocabulary, (size_t)generate->vocabulary * sizeof(float));
  session->stats.prefill_tokens += (int64_t)n;
  session->stats.prefill_ns += tenon_now_ns() - start;
  return tenon_ok();
}

static tenon_status score(tenon_session *session, const int32_t *tokens, size_t n, float *out) {
  TENON_TRY(check_room(session, tokens, n));
  TENON_TRY(tenon_session_settle(session));
  if (n == 0)
    return tenon_ok();
  if (!out)
    return tenon_error(TENON_USAGE, "expects a place for the logits");
  tenon_logits *last;
  TENON_TRY(writable_logits(session, &last));
  tenon_status status = score_into(session, tokens, n, out, last);
  keep_logits(session, last, status.code == TENON_OK);
  return status;
}

static tenon_status need_logits(tenon_session *session) {
  TENON_TRY(tenon_session_settle(session));
  if (session->place.logits)
    return tenon_ok();
  return tenon_error(TENON_USAGE, "there is nothing to choose from: feed the session at least one token first");
}

static tenon_status step(tenon_session *session, const tenon_sample_options *options, int32_t *token) {
  if (!token)
    return tenon_error(TENON_USAGE, "expects a place for the token");
  int64_t position = tenon_session_position(session);
  if (position >= session->slots.positions)
    return tenon_error(TENON_RESOURCE, "the session is full: it has %lld tokens", (long long)position);
  TENON_TRY(need_logits(session));
  int64_t start = tenon_now_ns();
  float uniform = tenon_uniform(options ? options->seed : 0, (uint64_t)position);
  TENON_TRY(tenon_sample(session->place.logits->values, session->generate->vocabulary, options, uniform, token));
  session->place.pending = *token;
  ++session->stats.decode_tokens;
  session->stats.decode_ns += tenon_now_ns() - start;
  return tenon_ok();
}

//===----------------------------------------------------------------------===//
// The interface: each enters the context, does one thing and leaves
//===----------------------------------------------------------------------===//

int64_t tenon_session_position(const tenon_session *session) {
  return session ? session->place.position + (session->place.pending >= 0) : 0;
}

tenon_status tenon_session_prefill(tenon_session *session, const int32_t *tokens, size_t n) {
  TENON_ENTERED(session, prefill(session, tokens, n));
}

tenon_status tenon_session_score(tenon_session *session, const int32_t *tokens, size_t n, float *logits) {
  TENON_ENTERED(session, score(session, tokens, n, logits));
}

tenon_status tenon_session_step(tenon_session *session, const tenon_sample_options *options, int32_t *token) {
  TENON_ENTERED(session, step(session, options, token));
}

static tenon_status get_logits(tenon_session *session, const float **logits, int64_t *count) {
  if (!logits)
    return tenon_error(TENON_USAGE, "expects a place for the logits");
  TENON_TRY(need_logits(session));
  *logits = session->place.logits->values;
  if (count)
    *count = session->generate->vocabulary;
  return tenon_ok();
}

tenon_status tenon_session_logits(tenon_session *session, const float **logits, int64_t *count) {
  TENON_ENTERED(session, get_logits(session, logits, count));
}

static tenon_status call(tenon_session *session, int entry, DLManagedTensorVersioned *const *in, int n_in, DLManagedTensorVersioned **out,
                         int n_out) {
  const tenon_abi_entry_point *point;
  TENON_TRY(tenon_module_entry(session->context->module, entry, &point));
  bool stateful = (point->flags & TENON_ABI_ENTRY_STATEFUL) != 0;
  if (stateful)
    TENON_TRY(tenon_session_settle(session));
  tenon_sequence sequence = {&session->slots, session->place.position};
  TENON_TRY(tenon_call_checked(session->context, entry, &sequence, in, n_in, out, n_out));
  if (stateful)
    keep_logits(session, NULL, true);
  session->place.position = sequence.position;
  return tenon_ok();
}

tenon_status tenon_session_call(tenon_session *session, int entry, DLManagedTensorVersioned *const *in, int n_in,
                                DLManagedTensorVersioned **out, int n_out) {
  TENON_ENTERED(session, call(session, entry, in, n_in, out, n_out));
}

static tenon_status fork_session(tenon_session *session, tenon_session **out) {
  tenon_session_options options = {session->slots.positions, session->chunk};
  tenon_session *forked;
  TENON_TRY(tenon_session_create(session->context, &options, &forked));
  tenon_status status = tenon_slots_fork(&session->slots, session->place.position, &forked->slots);
  if (status.code != TENON_OK) {
    tenon_session_destroy(forked);
    return status;
  }
  forked->place = session->place;
  tenon_logits_retain(forked->place.logits);
  ++session->stats.forks;
  *out = forked;
  return status;
}

tenon_status tenon_session_fork(tenon_session *session, tenon_session **out) {
  if (!out)
    return tenon_error(TENON_USAGE, "expects a place for the session");
  *out = NULL;
  TENON_ENTERED(session, fork_session(session, out));
}

tenon_status tenon_session_stats(const tenon_session *session, tenon_stats *out) {
  if (!session || !out)
    return tenon_error(TENON_USAGE, "expects a session and a place for its statistics");
  *out = session->stats;
  out->load_ns = session->context->module->load_ns;
  out->weights_bytes = session->context->abi->weights_bytes;
  out->state_bytes = tenon_slots_used(&session->slots, session->place.position);
  out->arena_bytes = tenon_context_arena_bytes(session->context);
  out->threads = tenon_context_threads(session->context);
  return tenon_ok();
}
