//===- stats.c - what a run took -----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "stats.h"

#include <stdio.h>
#include <sys/resource.h>

static double milliseconds(int64_t ns) {
  return (double)ns / 1e6;
}

static double per_second(int64_t count, int64_t ns) {
  return ns > 0 ? (double)count * 1e9 / (double)ns : 0;
}

static int64_t peak_bytes(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}

// A JSON string; names in artifacts may contain anything.
static void print_string(const char *key, const char *text) {
  fprintf(stderr, "\"%s\": \"", key);
  for (; *text; ++text) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf(stderr, "\\%c", c);
    else if (c < 0x20)
      fprintf(stderr, "\\u%04x", c);
    else
      fputc(c, stderr);
  }
  fputs("\", ", stderr);
}

static void print_json(const tenon_module_info *info, const tenon_stats *s, int64_t first_ns) {
  fputc('{', stderr);
  print_string("model", info->name);
  print_string("code", info->code);
  print_string("target", info->target);
  fprintf(stderr, "\"threads\": %d, \"load_ms\": %.3f, \"first_token_ms\": %.3f, ", s->threads, milliseconds(s->load_ns),
          milliseconds(first_ns));
  fprintf(stderr, "\"prefill_tokens\": %lld, \"prefill_ms\": %.3f, \"prefill_tokens_per_second\": %.2f, ", (long long)s->prefill_tokens,
          milliseconds(s->prefill_ns), per_second(s->prefill_tokens, s->prefill_ns));
  fprintf(stderr, "\"decode_tokens\": %lld, \"decode_ms\": %.3f, \"decode_tokens_per_second\": %.2f, ", (long long)s->decode_tokens,
          milliseconds(s->decode_ns), per_second(s->decode_tokens, s->decode_ns));
  fprintf(stderr, "\"weights_bytes\": %lld, \"state_bytes\": %lld, \"arena_bytes\": %lld, \"peak_rss_bytes\": %lld}\n",
          (long long)s->weights_bytes, (long long)s->state_bytes, (long long)s->arena_bytes, (long long)peak_bytes());
}

static void print_text(const tenon_module_info *info, const tenon_stats *s, int64_t first_ns) {
  fprintf(stderr, "code     %s (%s), %d threads\n", info->code, info->target, s->threads);
  fprintf(stderr, "load     %.1f ms, first token after %.1f ms\n", milliseconds(s->load_ns), milliseconds(first_ns));
  fprintf(stderr, "prefill  %lld tokens, %.1f tok/s\n", (long long)s->prefill_tokens, per_second(s->prefill_tokens, s->prefill_ns));
  fprintf(stderr, "decode   %lld tokens, %.1f tok/s\n", (long long)s->decode_tokens, per_second(s->decode_tokens, s->decode_ns));
  fprintf(stderr, "memory   weights %.1f MB mapped, state %.1f MB, arena %.1f MB, peak %.1f MB\n", (double)s->weights_bytes / 1e6,
          (double)s->state_bytes / 1e6, (double)s->arena_bytes / 1e6, (double)peak_bytes() / 1e6);
}

void stats_print(stats_form form, const tenon_module_info *info, const tenon_stats *stats, int64_t first_ns) {
  if (form == STATS_JSON)
    print_json(info, stats, first_ns);
  if (form == STATS_TEXT)
    print_text(info, stats, first_ns);
}
