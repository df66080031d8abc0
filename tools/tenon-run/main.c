//===- main.c - runs a compiled model ------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Standard output carries the result only; statistics and messages go to standard error. The exit code is the status's code.
#include "emulate.h"
#include "entry.h"
#include "generate.h"
#include "state.h"
#include "stats.h"
#include "tenon/runtime/abi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The evaluator needs the compiler's libraries, which this tool must not; it is the program beside this one.
static tenon_status run_interpreter(int argc, char **argv) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 32);
  if (length < 0)
    return tenon_failure(TENON_INTERNAL, "cannot find this program: %s", strerror(errno));
  path[length] = 0;
  char *slash = strrchr(path, '/');
  strcpy(slash ? slash + 1 : path, "tenon-interp");
  // "tenon-run --interp MODEL ..." becomes "tenon-interp MODEL ...".
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], "--interp", 8) != 0)
      continue;
    if (argv[i][8] == '=')
      argv[i] += 9;
    else
      memmove(&argv[i], &argv[i + 1], (size_t)(argc - i) * sizeof(*argv));
    break;
  }
  argv[0] = path;
  execv(path, argv);
  return tenon_failure(TENON_UNSUPPORTED, "cannot run the evaluator '%.150s': %s; it comes with the compiler", path, strerror(errno));
}

static bool wants_interpreter(int argc, char **argv) {
  for (int i = 1; i < argc; ++i)
    if (strcmp(argv[i], "--interp") == 0 || strncmp(argv[i], "--interp=", 9) == 0)
      return true;
  return false;
}

static void print_report(void *user, const tenon_report *report) {
  (void)user;
  printf("%s: %lld of %lld numbers within %g, largest difference %g\n", report->name, (long long)(report->checked - report->failed),
         (long long)report->checked, report->tolerance, report->max_error);
}

static tenon_status run_session(const options *o, const tenon_tokenizer *tokenizer, const tenon_module_info *info, tenon_context *context,
                                int64_t start) {
  tenon_session *session;
  int64_t first = 0;
  // A number that is none belongs to one position only if each is fed by itself.
  tenon_session_options options = {.prefill_chunk = o->context.check_finite ? 1 : 0};
  TRY(tenon_session_create(context, &options, &session));
  tenon_status status = load_state(o, session);
  if (status.code == TENON_OK)
    status = o->action == ACTION_INTERACTIVE ? run_chat(o, tokenizer, info, session, &first)
                                             : run_generation(o, tokenizer, info, session, &first);
  if (status.code == TENON_OK)
    status = save_state(o, session);
  tenon_stats stats;
  if (tenon_session_stats(session, &stats).code == TENON_OK)
    stats_print(o->stats, info, &stats, first ? first - start : 0);
  tenon_session_destroy(session);
  return status;
}

static tenon_status run_context(const options *o, const tenon_tokenizer *tokenizer, tenon_module *module, int64_t start) {
  tenon_module_info info;
  TRY(tenon_module_get_info(module, &info));
  tenon_context_options options = o->context;
  emulation emulation;
  emulate(o, &options, &emulation);
  tenon_context *context;
  TRY(tenon_context_create(module, &options, &context));
  tenon_status status = o->action == ACTION_ENTRY ? run_entry(o, module, context) : run_session(o, tokenizer, &info, context, start);
  tenon_context_destroy(context);
  return emulation_end(o, &emulation, status);
}

// True if the action reads or writes text.
static bool needs_tokenizer(const options *o) {
  switch (o->action) {
  case ACTION_ENTRY:
  case ACTION_SELFTEST:
    return false;
  case ACTION_TOKENS:
    return !o->print_tokens && o->max_tokens != 0 && !(o->logits && o->max_tokens < 0);
  default:
    return true;
  }
}

static tenon_status run_action(const options *o, tenon_module *module, int64_t start) {
  if (o->action == ACTION_SELFTEST)
    return tenon_module_selftest(module, print_report, NULL);
  tenon_tokenizer *tokenizer = NULL;
  if (needs_tokenizer(o))
    TRY(open_tokenizer(module, &tokenizer));
  bool text_only = o->action >= ACTION_TOKENIZE && o->action <= ACTION_RENDER_CHAT;
  tenon_status status = text_only ? run_text_action(o, tokenizer) : run_context(o, tokenizer, module, start);
  tenon_tokenizer_close(tokenizer);
  return status;
}

static tenon_status run(int argc, char **argv, int64_t start) {
  if (wants_interpreter(argc, argv))
    return run_interpreter(argc, argv);
  options o;
  TRY(options_parse(argc, argv, &o));
  if (o.help) {
    options_print_help();
    return success();
  }
  if (o.version) {
    printf("tenon %d.%d (runs artifacts of ABI %d.%d)\n", TENON_VERSION_MAJOR, TENON_VERSION_MINOR, TENON_ABI_MAJOR, TENON_ABI_MINOR);
    return success();
  }
  tenon_open_options open = {o.code};
  tenon_module *module;
  TRY(tenon_module_open(o.file, &open, &module));
  tenon_status status = run_action(&o, module, start);
  tenon_module_close(module);
  return status;
}

int main(int argc, char **argv) {
  tenon_status status = run(argc, argv, now_ns());
  if (fflush(stdout) != 0 && status.code == TENON_OK)
    status = USAGE("cannot write to standard output: %s", strerror(errno));
  if (status.code != TENON_OK)
    fprintf(stderr, "tenon-run: error: %s\n", status.msg);
  return status.code;
}
