//===- sequence_bits.c - one sequence, reached in many ways --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sequence_bits MODEL.tenon [TOKENS]: whichever way a session comes to a sequence of tokens, its logits must have the same bits: for any
// size of the calls and any number of threads, by scoring every position, after going back from other tokens, on a fork, on a fork that
// outlives its origin, and by loading what another session has saved. Prints one line for each way; the exit code is 3 if one differs.
#include "tenon/runtime/tenon.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 12 };

// The sequence, and what every way to it must give.
typedef struct expectation {
  int32_t *prompt;
  size_t count;
  int64_t vocabulary;
  float *prompt_logits;
  int32_t continuation[STEPS];
  float *final_logits;
} expectation;

// A failure ends the program: there is nothing to clean up in a test.
static void need(tenon_status status) {
  if (status.code == TENON_OK)
    return;
  fprintf(stderr, "sequence_bits: %s\n", status.msg);
  exit(status.code);
}

static tenon_session *new_session(tenon_context *context, int64_t chunk) {
  tenon_session_options options = {0, chunk};
  tenon_session *session;
  need(tenon_session_create(context, &options, &session));
  return session;
}

static const float *logits_of(tenon_session *session) {
  const float *logits;
  need(tenon_session_logits(session, &logits, NULL));
  return logits;
}

static bool same(const expectation *e, const float *a, const float *b) {
  return memcmp(a, b, (size_t)e->vocabulary * sizeof(float)) == 0;
}

// Compares the session, which is at the end of the prompt, and its continuation.
static bool check(const expectation *e, tenon_session *session, const char *way) {
  bool good = same(e, logits_of(session), e->prompt_logits);
  for (int i = 0; i < STEPS; ++i) {
    int32_t token;
    need(tenon_session_step(session, NULL, &token));
    good &= token == e->continuation[i];
  }
  good &= same(e, logits_of(session), e->final_logits);
  printf("%s: %s\n", way, good ? "same bits" : "DIFFERENT");
  return good;
}

static float *copy_logits(const expectation *e, tenon_session *session) {
  float *copy = malloc((size_t)e->vocabulary * sizeof(float));
  if (!copy)
    exit(TENON_RESOURCE);
  return memcpy(copy, logits_of(session), (size_t)e->vocabulary * sizeof(float));
}

// The plain way: one call, one thread.
static void expect(expectation *e, tenon_module *module) {
  tenon_context_options options = {.threads = 1};
  tenon_context *context;
  need(tenon_context_create(module, &options, &context));
  tenon_session *session = new_session(context, (int64_t)e->count);
  need(tenon_session_prefill(session, e->prompt, e->count));
  e->prompt_logits = copy_logits(e, session);
  for (int i = 0; i < STEPS; ++i)
    need(tenon_session_step(session, NULL, &e->continuation[i]));
  e->final_logits = copy_logits(e, session);
  tenon_session_destroy(session);
  tenon_context_destroy(context);
}

static bool check_chunks(const expectation *e, tenon_context *context) {
  const int64_t chunks[] = {1, 2, 7, 33, (int64_t)e->count / 2};
  bool good = true;
  for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); ++i) {
    char way[64];
    snprintf(way, sizeof(way), "%d threads, calls of %lld", tenon_context_threads(context), (long long)chunks[i]);
    tenon_session *session = new_session(context, chunks[i]);
    need(tenon_session_prefill(session, e->prompt, e->count));
    good &= check(e, session, way);
    tenon_session_destroy(session);
  }
  return good;
}

static bool check_scoring(const expectation *e, tenon_context *context) {
  float *rows = malloc(e->count * (size_t)e->vocabulary * sizeof(float));
  if (!rows)
    exit(TENON_RESOURCE);
  tenon_session *session = new_session(context, 0);
  need(tenon_session_score(session, e->prompt, e->count, rows));
  bool good = check(e, session, "scoring every position");
  tenon_session_destroy(session);
  free(rows);
  return good;
}

static bool check_marks(const expectation *e, tenon_context *context) {
  tenon_session *session = new_session(context, 0), *fork;
  tenon_mark mark;
  need(tenon_session_prefill(session, e->prompt, e->count));
  need(tenon_session_mark(session, &mark));
  // Other tokens, more than a block of positions, so that the state holds leftovers of them.
  for (int i = 0; i < 2; ++i) {
    need(tenon_session_prefill(session, e->prompt, e->count / 2 + (size_t)i));
    need(tenon_session_rewind(session, mark));
  }
  bool good = check(e, session, "after going back");
  need(tenon_session_rewind(session, mark));
  need(tenon_session_fork(session, &fork));
  need(tenon_session_prefill(session, e->prompt, 3));
  good &= check(e, fork, "on a fork");
  tenon_session_destroy(fork);
  // Both go on in turns, from a state that they share until then; the origin ends before its fork.
  need(tenon_session_rewind(session, mark));
  need(tenon_session_fork(session, &fork));
  good &= check(e, session, "beside a fork");
  tenon_session_destroy(session);
  good &= check(e, fork, "on a fork that is left");
  tenon_session_destroy(fork);
  return good;
}

// Bytes kept in memory.
typedef struct bytes {
  char data[1 << 22];
  size_t size, taken;
} bytes;

static int put(void *user, const void *data, size_t size) {
  bytes *kept = user;
  if (size > sizeof(kept->data) - kept->size)
    return 1;
  memcpy(kept->data + kept->size, data, size);
  kept->size += size;
  return 0;
}

static int take(void *user, void *data, size_t size) {
  bytes *kept = user;
  if (size > kept->size - kept->taken)
    return 1;
  memcpy(data, kept->data + kept->taken, size);
  kept->taken += size;
  return 0;
}

// Loads into a session that was somewhere else.
static bool check_saved(const expectation *e, tenon_context *context) {
  bytes *kept = calloc(1, sizeof(*kept));
  if (!kept)
    exit(TENON_RESOURCE);
  tenon_session *session = new_session(context, 0), *other = new_session(context, 0);
  need(tenon_session_prefill(session, e->prompt, e->count));
  need(tenon_session_save(session, put, kept));
  tenon_session_destroy(session);
  need(tenon_session_prefill(other, e->prompt, e->count / 3));
  need(tenon_session_load(other, take, kept));
  bool good = check(e, other, "saved and loaded");
  tenon_session_destroy(other);
  free(kept);
  return good;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: sequence_bits MODEL.tenon [TOKENS]\n");
    return TENON_USAGE;
  }
  tenon_module *module;
  tenon_module_info info;
  need(tenon_module_open(argv[1], NULL, &module));
  need(tenon_module_get_info(module, &info));
  expectation e = {.count = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 100, .vocabulary = info.vocabulary};
  e.prompt = malloc((e.count + 1) * sizeof(int32_t));
  if (!e.prompt)
    return TENON_RESOURCE;
  for (size_t i = 0; i < e.count; ++i)
    e.prompt[i] = (int32_t)((i * 7919 + 13) % (size_t)info.vocabulary);
  expect(&e, module);

  bool good = true;
  for (int threads = 1; threads <= 3; ++threads) {
    tenon_context_options options = {.threads = threads};
    tenon_context *context;
    need(tenon_context_create(module, &options, &context));
    good &= check_chunks(&e, context);
    good &= check_scoring(&e, context);
    good &= check_marks(&e, context);
    good &= check_saved(&e, context);
    tenon_context_destroy(context);
  }
  tenon_module_close(module);
  free(e.prompt_logits);
  free(e.final_logits);
  free(e.prompt);
  return good ? TENON_OK : TENON_MISMATCH;
}
