//===- options.c - the command line of tenon-run -------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "tenon-run runs a compiled model.\n"
    "\n"
    "  tenon-run smollm2.tenon --chat=\"Explain what a compiler does, in one sentence.\"\n"
    "\n"
    "usage: tenon-run FILE.tenon WHAT [OPTIONS]\n"
    "       tenon-run --interp MODEL.mlir ...      the same options, by the evaluator (runs tenon-interp)\n"
    "\n"
    "what to do, one of\n"
    "  --prompt=TEXT           continue the text\n"
    "  --prompt-file=F         continue the contents of a file (-: standard input)\n"
    "  --chat=TEXT             answer the text as a chat's first message\n"
    "  --interactive           chat: one message a line from standard input, until its end\n"
    "  --tokens=5,17,3         continue these tokens\n"
    "  --tokenize=TEXT         print the text's tokens     --tokenize-file=F  those of a file\n"
    "  --detokenize=5,17,3     write the bytes of these tokens\n"
    "  --render-chat=F.json    print the prompt of [{\"role\": ..., \"content\": ...}, ...], or of\n"
    "                          {\"messages\": [...], \"tools\": [...], and any variable of the template}\n"
    "  --entry=NAME            call an entry with --input=NAME=VALUE ..., where VALUE is 1x4xf32=1,2,3,4 or @FILE.npy\n"
    "      --output=NAME=@F.npy       write an output (default: print all)\n"
    "      --expected=NAME=@F.npy     compare an output; differences exit with 3\n"
    "      --tolerance=X              largest absolute difference allowed (default 1e-4)\n"
    "  --selftest              compare the artifact's golden data\n"
    "\n"
    "generation\n"
    "  --max-tokens=N          default: until the model ends its answer or the context is full\n"
    "  --temperature=X         default 0: always the likeliest token\n"
    "  --top-k=N --top-p=X --min-p=X --seed=N\n"
    "  --print-tokens          print the generated ids, comma separated, instead of text\n"
    "  --logits=OUT.npy        write the logits after every token of the input, float32 [tokens, vocabulary];\n"
    "                          nothing is generated unless --max-tokens is given too\n"
    "  --save-state=F          keep the sequence in a file when it ends, --load-state=F  go on from there\n"
    "\n"
    "running\n"
    "  --threads=N             default: the available physical cores\n"
    "  --device=cpu|cuda|emu|auto   default cpu; emu interprets the artifact's PTX, auto takes a card if one is usable\n"
    "  --emu-checks=all|races|uninitialised   what the emulator looks for beside what always ends a launch: addresses\n"
    "                          outside of buffers, deadlocks, divergence; findings exit with 3\n"
    "  --emu-layer=TEXT        look at launches whose layer contains this only, --emu-report=F.json  write the findings\n"
    "  --emu-seed=N            the order in which warps run, default 0: in turns\n"
    "  --check-finite          look at recurrent state and logits after each token, fed one at a time; what is not\n"
    "                          a finite number exits with 3 and names the first layer's state and the position\n"
    "  --code=NAME             use this code object of the artifact (x86-64-v3, x86-64-v4, native)\n"
    "  --stats=json|text       statistics on standard error\n"
    "  --version               print the versions of the tool and of the artifacts that it runs\n"
    "\n"
    "exit codes: 0 done, 1 usage, 2 unsupported or damaged input, 3 numbers differ, 4 out of memory or context, 70 a defect of Tenon\n";

void options_print_help(void) {
  fputs(help, stdout);
}

tenon_status tenon_failure(int32_t code, const char *format, ...) {
  tenon_status status = {.code = code};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(status.msg, sizeof(status.msg), format, arguments);
  va_end(arguments);
  return status;
}

tenon_status success(void) {
  return (tenon_status){.code = TENON_OK};
}

tenon_status parse_integer(const char *what, const char *text, int64_t low, int64_t high, int64_t *out) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (end == text || *end != 0 || errno != 0 || value < low || value > high)
    return USAGE("%s expects a whole number from %lld to %lld, but got '%.40s'", what, (long long)low, (long long)high, text);
  *out = value;
  return success();
}

tenon_status parse_real(const char *what, const char *text, double *out) {
  char *end;
  errno = 0;
  double value = strtod(text, &end);
  if (end == text || *end != 0 || errno != 0)
    return USAGE("%s expects a number, but got '%.40s'", what, text);
  *out = value;
  return success();
}

static tenon_status parse_float(const char *what, const char *text, float *out) {
  double value = 0;
  TRY(parse_real(what, text, &value));
  if (value < 0)
    return USAGE("%s expects a number of at least 0, but got '%.40s'", what, text);
  *out = (float)value;
  return success();
}

static tenon_status parse_int32(const char *what, const char *text, int32_t *out) {
  int64_t value = 0;
  TRY(parse_integer(what, text, 0, INT32_MAX, &value));
  *out = (int32_t)value;
  return success();
}

static tenon_status parse_device(const char *text, int32_t *out) {
  static const char *const names[] = {"cpu", "cuda", "emu", "auto"};
  for (int32_t i = 0; i < 4; ++i) {
    if (strcmp(text, names[i]) != 0)
      continue;
    *out = i;
    return success();
  }
  return USAGE("--device expects cpu, cuda, emu or auto, but got '%.40s'", text);
}

static tenon_status parse_checks(const char *text, uint32_t *out) {
  static const char *const names[] = {"races", "uninitialised", "all"};
  static const uint32_t checks[] = {EMU_CHECK_RACES, EMU_CHECK_UNINITIALISED, EMU_CHECK_ALL};
  for (int i = 0; i < 3; ++i)
    if (strcmp(text, names[i]) == 0) {
      *out = checks[i];
      return success();
    }
  return USAGE("--emu-checks expects all, races or uninitialised, but got '%.40s'", text);
}

static tenon_status parse_stats(const char *text, stats_form *out) {
  if (strcmp(text, "json") != 0 && strcmp(text, "text") != 0)
    return USAGE("--stats expects json or text, but got '%.40s'", text);
  *out = strcmp(text, "json") == 0 ? STATS_JSON : STATS_TEXT;
  return success();
}

static tenon_status add_binding(const char *what, const char *text, bindings *out) {
  const char *equal = strchr(text, '=');
  if (!equal || equal == text)
    return USAGE("%s expects NAME=VALUE, but got '%.60s'", what, text);
  if (out->count == MAX_BINDINGS)
    return USAGE("there are more than %d times %s", MAX_BINDINGS, what);
  out->items[out->count++] = (binding){text, (size_t)(equal - text), equal + 1};
  return success();
}

static tenon_status set_action(options *o, action action, const char *name, const char *text) {
  if (o->action != ACTION_NONE)
    return USAGE("%s and %s exclude each other", o->action_name, name);
  o->action = action;
  o->action_name = name;
  o->text = text;
  return success();
}

static const struct {
  const char *name;
  action action;
} actions[] = {
    {"--prompt", ACTION_PROMPT},
    {"--prompt-file", ACTION_PROMPT_FILE},
    {"--chat", ACTION_CHAT},
    {"--interactive", ACTION_INTERACTIVE},
    {"--tokens", ACTION_TOKENS},
    {"--tokenize", ACTION_TOKENIZE},
    {"--detokenize", ACTION_DETOKENIZE},
    {"--tokenize-file", ACTION_TOKENIZE_FILE},
    {"--entry", ACTION_ENTRY},
    {"--render-chat", ACTION_RENDER_CHAT},
    {"--selftest", ACTION_SELFTEST},
};

// Options that are no action but have a value. *known says whether this was one.
static tenon_status set_value(options *o, const char *name, const char *value, bool *known) {
  *known = true;
#define OPTION(spelling, parse)                                                                                                            \
  if (strcmp(name, spelling) == 0)                                                                                                         \
  return parse
  OPTION("--max-tokens", parse_integer(name, value, 0, INT64_MAX, &o->max_tokens));
  OPTION("--temperature", parse_float(name, value, &o->sample.temperature));
  OPTION("--top-k", parse_int32(name, value, &o->sample.top_k));
  OPTION("--top-p", parse_float(name, value, &o->sample.top_p));
  OPTION("--min-p", parse_float(name, value, &o->sample.min_p));
  OPTION("--seed", parse_integer(name, value, 0, INT64_MAX, (int64_t *)&o->sample.seed));
  OPTION("--threads", parse_int32(name, value, &o->context.threads));
  OPTION("--device", parse_device(value, &o->context.device));
  OPTION("--emu-checks", parse_checks(value, &o->emulator.checks));
  OPTION("--emu-layer", (o->emulator.layer = value, success()));
  OPTION("--emu-report", (o->emu_report = value, success()));
  OPTION("--emu-seed", parse_integer(name, value, 0, INT64_MAX, (int64_t *)&o->emulator.seed));
  OPTION("--stats", parse_stats(value, &o->stats));
  OPTION("--input", add_binding(name, value, &o->inputs));
  OPTION("--output", add_binding(name, value, &o->outputs));
  OPTION("--expected", add_binding(name, value, &o->expected));
  OPTION("--tolerance", parse_real(name, value, &o->tolerance));
  OPTION("--logits", (o->logits = value, success()));
  OPTION("--code", (o->code = value, success()));
  OPTION("--load-state", (o->load_state = value, success()));
  OPTION("--save-state", (o->save_state = value, success()));
#undef OPTION
  *known = false;
  return success();
}

static bool takes_value(const char *name) {
  static const char *const flags[] = {"--interactive", "--selftest", "--print-tokens", "--check-finite", "--help", "--version"};
  for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); ++i)
    if (strcmp(name, flags[i]) == 0)
      return false;
  return true;
}

static tenon_status set_option(options *o, const char *name, const char *value) {
  if (!takes_value(name) && value)
    return USAGE("%s takes no value", name);
  if (strcmp(name, "--help") == 0)
    o->help = true;
  if (strcmp(name, "--version") == 0)
    o->version = true;
  if (strcmp(name, "--print-tokens") == 0)
    o->print_tokens = true;
  if (strcmp(name, "--check-finite") == 0)
    o->context.check_finite = 1;
  for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); ++i)
    if (strcmp(name, actions[i].name) == 0)
      return set_action(o, actions[i].action, actions[i].name, value);
  if (!value)
    return success();
  bool known;
  TRY(set_value(o, name, value, &known));
  return known ? success() : USAGE("unknown option '%.60s'; tenon-run --help lists them", name);
}

static tenon_status check(const options *o) {
  if (o->help || o->version)
    return success();
  if (!o->file)
    return USAGE("expects an artifact; tenon-run --help shows how");
  if (o->action == ACTION_NONE)
    return USAGE("expects something to do, such as --prompt=TEXT; tenon-run --help lists what");
  bool generates = o->action >= ACTION_PROMPT && o->action <= ACTION_TOKENS;
  if (o->logits && (!generates || o->action == ACTION_INTERACTIVE))
    return USAGE("--logits needs a prompt");
  if ((o->load_state || o->save_state) && !generates)
    return USAGE("--load-state and --save-state need something to generate from, such as --prompt=TEXT");
  if (o->action != ACTION_ENTRY && o->inputs.count + o->outputs.count + o->expected.count > 0)
    return USAGE("--input, --output and --expected need --entry");
  return success();
}

tenon_status options_parse(int argc, char **argv, options *out) {
  *out = (options){.max_tokens = -1, .tolerance = 1e-4};
  for (int i = 1; i < argc; ++i) {
    char *argument = argv[i];
    if (strncmp(argument, "--", 2) != 0) {
      if (out->file)
        return USAGE("expects one artifact, but got '%.60s' and '%.60s'", out->file, argument);
      out->file = argument;
      continue;
    }
    // "--name=value", or "--name value" for those that take one.
    char *equal = strchr(argument, '='), name[64];
    size_t length = equal ? (size_t)(equal - argument) : strlen(argument);
    if (length >= sizeof(name))
      return USAGE("unknown option '%.60s'; tenon-run --help lists them", argument);
    memcpy(name, argument, length);
    name[length] = 0;
    const char *value = equal ? equal + 1 : NULL;
    if (!value && takes_value(name)) {
      if (i + 1 == argc)
        return USAGE("unknown option, or one that expects a value: '%.60s'; tenon-run --help lists them", name);
      value = argv[++i];
    }
    TRY(set_option(out, name, value));
  }
  return check(out);
}
