//===- embed.c - a model inside another program --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   cc -std=c11 embed.c $(pkg-config --cflags --libs tenon) -o embed && ./embed model.tenon 5 17 3
#include <stdio.h>
#include <stdlib.h>
#include <tenon/runtime/tenon.h>

enum { MAX_PROMPT = 256 };

// Called with each token as soon as it is chosen; anything but 0 would stop.
static int print_token(void *user, int32_t token) {
  (void)user;
  printf("%d\n", token);
  return 0;
}

static tenon_status answer(tenon_context *context, const int32_t *prompt, size_t count) {
  tenon_session *session;
  tenon_status status = tenon_session_create(context, NULL, &session);
  if (status.code) return status;
  tenon_generate_options options = {.max_tokens = 16};
  status = tenon_session_prefill(session, prompt, count);
  if (!status.code) status = tenon_session_generate(session, &options, print_token, NULL, NULL);
  tenon_session_destroy(session);
  return status;
}

static tenon_status run(const char *path, const int32_t *prompt, size_t count) {
  tenon_module *module;
  tenon_context *context;
  tenon_status status = tenon_module_open(path, NULL, &module); /* maps the file, picks the code for this processor */
  if (status.code) return status;
  status = tenon_context_create(module, NULL, &context); /* starts the threads */
  tenon_module_close(module);                            /* the context keeps it open */
  if (status.code) return status;
  status = answer(context, prompt, count);
  tenon_context_destroy(context);
  return status;
}

int main(int argc, char **argv) {
  int32_t prompt[MAX_PROMPT];
  size_t count = 0;
  for (int i = 2; i < argc && count < MAX_PROMPT; ++i) prompt[count++] = (int32_t)strtol(argv[i], NULL, 10);
  if (count == 0) {
    fprintf(stderr, "usage: embed MODEL.tenon TOKEN...\n");
    return TENON_USAGE;
  }
  tenon_status status = run(argv[1], prompt, count);
  if (status.code) fprintf(stderr, "embed: %s\n", status.msg); /* every failure comes with a sentence */
  return status.code;
}
