//===- decode_loop.c - decoding by hand, with marks and forks ------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Continues a prompt in three ways from one prefill: the likeliest tokens, then, after going back, a few random continuations, and at
// last one on a fork while the session itself stays where it was.
#include <stdio.h>
#include <stdlib.h>
#include <tenon/runtime/tenon.h>

enum { MAX_PROMPT = 256, LENGTH = 8, SAMPLES = 3 };

#define TRY(expression)                                                                                                                    \
  do {                                                                                                                                     \
    tenon_status status = (expression);                                                                                                    \
    if (status.code) return status;                                                                                                        \
  } while (0)

// The loop: each step chooses a token from the logits and appends it.
static tenon_status decode(tenon_session *session, const tenon_sample_options *options, const char *label) {
  printf("%s:", label);
  for (int i = 0; i < LENGTH; ++i) {
    int32_t token;
    TRY(tenon_session_step(session, options, &token));
    printf(" %d", token);
  }
  printf("\n");
  return (tenon_status){0};
}

static tenon_status explore(tenon_session *session, const int32_t *prompt, size_t count) {
  TRY(tenon_session_prefill(session, prompt, count));
  tenon_mark mark;
  TRY(tenon_session_mark(session, &mark));
  TRY(decode(session, NULL, "greedy"));
  for (int i = 0; i < SAMPLES; ++i) {
    tenon_sample_options options = {.temperature = 0.8f, .top_p = 0.95f, .seed = (uint64_t)i};
    TRY(tenon_session_rewind(session, mark)); /* as if nothing had been fed since, bit for bit */
    TRY(decode(session, &options, "sample"));
  }
  TRY(tenon_session_rewind(session, mark));
  tenon_session *fork;
  TRY(tenon_session_fork(session, &fork)); /* copies the state in use; goes its own way */
  tenon_status status = decode(fork, NULL, "fork  ");
  tenon_session_destroy(fork);
  return status;
}

static tenon_status run(const char *path, const int32_t *prompt, size_t count) {
  tenon_module *module;
  tenon_context *context = NULL;
  tenon_session *session = NULL;
  TRY(tenon_module_open(path, NULL, &module));
  tenon_status status = tenon_context_create(module, NULL, &context);
  if (!status.code) status = tenon_session_create(context, NULL, &session);
  if (!status.code) status = explore(session, prompt, count);
  tenon_session_destroy(session);
  tenon_context_destroy(context);
  tenon_module_close(module);
  return status;
}

int main(int argc, char **argv) {
  int32_t prompt[MAX_PROMPT];
  size_t count = 0;
  for (int i = 2; i < argc && count < MAX_PROMPT; ++i) prompt[count++] = (int32_t)strtol(argv[i], NULL, 10);
  if (count == 0) {
    fprintf(stderr, "usage: decode_loop MODEL.tenon TOKEN...\n");
    return TENON_USAGE;
  }
  tenon_status status = run(argv[1], prompt, count);
  if (status.code) fprintf(stderr, "decode_loop: %s\n", status.msg);
  return status.code;
}
