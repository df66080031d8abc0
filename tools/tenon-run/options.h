//===- options.h - the command line of tenon-run -------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_OPTIONS_H
#define TENON_RUN_OPTIONS_H

#include "tenon/runtime/emu/emulator.h"
#include "tenon/runtime/tenon.h"

#include <stdbool.h>

enum { MAX_BINDINGS = 64 };

// --input=NAME=VALUE and its like.
typedef struct binding {
  const char *name; /* not terminated */
  size_t name_size;
  const char *value;
} binding;

typedef struct bindings {
  binding items[MAX_BINDINGS];
  int count;
} bindings;

// What to do: exactly one of these is asked for.
typedef enum action {
  ACTION_NONE,
  ACTION_PROMPT,
  ACTION_PROMPT_FILE,
  ACTION_CHAT,
  ACTION_INTERACTIVE,
  ACTION_TOKENS,
  ACTION_TOKENIZE,
  ACTION_TOKENIZE_FILE,
  ACTION_DETOKENIZE,
  ACTION_RENDER_CHAT,
  ACTION_ENTRY,
  ACTION_SELFTEST,
} action;

typedef enum stats_form { STATS_NONE, STATS_TEXT, STATS_JSON } stats_form;

typedef struct options {
  const char *file;
  action action;
  const char *action_name;
  const char *text; /* the action's argument */
  const char *logits;
  const char *code;
  const char *load_state;
  const char *save_state;
  int64_t max_tokens; /* -1: not given */
  tenon_sample_options sample;
  tenon_context_options context;
  tenon_emulator emulator; /* of --device=emu */
  const char *emu_report;
  bool print_tokens;
  stats_form stats;
  bindings inputs, outputs, expected;
  double tolerance;
  bool help, version;
} options;

// Reads the command line. Strings point into argv.
tenon_status options_parse(int argc, char **argv, options *out);
void options_print_help(void);

// Strict numbers: all of the text, in range.
tenon_status parse_integer(const char *what, const char *text, int64_t low, int64_t high, int64_t *out);
tenon_status parse_real(const char *what, const char *text, double *out);

// A usage error of the tool.
#define USAGE(...) tenon_failure(TENON_USAGE, __VA_ARGS__)
__attribute__((format(printf, 2, 3))) tenon_status tenon_failure(int32_t code, const char *format, ...);
tenon_status success(void);

#define TRY(expression)                                                                                                                    \
  do {                                                                                                                                     \
    tenon_status try_status = (expression);                                                                                                \
    if (try_status.code != TENON_OK)                                                                                                       \
      return try_status;                                                                                                                   \
  } while (0)

#endif /* TENON_RUN_OPTIONS_H */
