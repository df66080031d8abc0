//===- selftest.c - compares the artifact with its golden data -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/session.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 32 /* positions whose logits are held at a time */ };

// A golden file whose sizes have been checked.
typedef struct golden {
  const char *name;
  tenon_abi_golden header;
  const int32_t *tokens;
  const tenon_abi_golden_logit *logits;
} golden;

static tenon_status read_golden(const tenon_archive_member *member, golden *out) {
  TENON_TRY(tenon_archive_verify(member));
  out->name = member->name;
  if (member->size < sizeof(out->header))
    return tenon_error(TENON_UNSUPPORTED, "'%.80s' is too short", member->name);
  memcpy(&out->header, member->data, sizeof(out->header));
  const tenon_abi_golden *h = &out->header;
  if (h->magic != TENON_ABI_GOLDEN_MAGIC || h->version != TENON_ABI_GOLDEN_VERSION)
    return tenon_error(TENON_UNSUPPORTED, "'%.80s' is not golden data of version %d", member->name, TENON_ABI_GOLDEN_VERSION);
  if (h->token_count < 1 || h->logit_count < 0 || !(h->tolerance >= 0) ||
      member->size != sizeof(*h) + (uint64_t)h->token_count * sizeof(int32_t) + (uint64_t)h->logit_count * sizeof(tenon_abi_golden_logit))
    return tenon_error(TENON_UNSUPPORTED, "'%.80s' has sizes that contradict each other", member->name);
  out->tokens = (const int32_t *)(member->data + sizeof(*h));
  out->logits = (const tenon_abi_golden_logit *)(out->tokens + h->token_count);
  return tenon_ok();
}

static tenon_status check_golden(const golden *golden, const tenon_abi_module *abi) {
  for (int32_t i = 0; i < golden->header.logit_count; ++i) {
    const tenon_abi_golden_logit *logit = &golden->logits[i];
    if (logit->position < 0 || logit->position >= golden->header.token_count || logit->token < 0 ||
        logit->token >= abi->generate->vocabulary)
      return tenon_error(TENON_UNSUPPORTED, "logit %d of '%.80s' is of no position or token", i, golden->name);
  }
  return tenon_ok();
}

// Compares what the file expects of positions [first, first + count), whose logits are in `rows`.
static void compare(const golden *golden, const float *rows, int64_t first, int64_t count, int64_t vocabulary, tenon_report *report) {
  for (int32_t i = 0; i < golden->header.logit_count; ++i) {
    const tenon_abi_golden_logit *logit = &golden->logits[i];
    if (logit->position < first || logit->position >= first + count)
      continue;
    double error = fabs((double)rows[(logit->position - first) * vocabulary + logit->token] - (double)logit->value);
    bool good = error <= report->tolerance;
    ++report->checked;
    report->failed += !good;
    if (!(error <= report->max_error))
      report->max_error = error;
  }
}

static tenon_status run_session(tenon_session *session, const golden *golden, tenon_report *report) {
  int64_t vocabulary = session->generate->vocabulary;
  float *rows = malloc((size_t)(PIECE * vocabulary) * sizeof(float));
  if (!rows)
    return tenon_out_of_memory("logits", PIECE * vocabulary * 4);
  tenon_status status = tenon_ok();
  for (int64_t first = 0, count; first < golden->header.token_count && status.code == TENON_OK; first += count) {
    count = golden->header.token_count - first < PIECE ? golden->header.token_count - first : PIECE;
    status = tenon_session_score(session, golden->tokens + first, (size_t)count, rows);
    if (status.code == TENON_OK)
      compare(golden, rows, first, count, vocabulary, report);
  }
  free(rows);
  return status;
}

static tenon_status run_golden(tenon_context *context, const golden *golden, tenon_report *report) {
  TENON_TRY(check_golden(golden, context->abi));
  tenon_session_options options = {.max_positions = golden->header.token_count};
  tenon_session *session;
  TENON_TRY(tenon_session_create(context, &options, &session));
  tenon_status status = run_session(session, golden, report);
  tenon_session_destroy(session);
  return status;
}

static bool is_golden(const tenon_archive_member *member) {
  size_t length = strlen(member->name);
  return length > 11 && strncmp(member->name, "golden/", 7) == 0 && strcmp(member->name + length - 4, ".bin") == 0;
}

// Runs all files even after one differs, so that the report is complete.
static tenon_status run_all(tenon_context *context, tenon_report_fn fn, void *user) {
  const tenon_archive *archive = &context->module->archive;
  int64_t files = 0, failed = 0, checked = 0;
  for (size_t i = 0; i < archive->count; ++i) {
    if (!is_golden(&archive->members[i]))
      continue;
    golden golden;
    TENON_TRY(read_golden(&archive->members[i], &golden));
    tenon_report report = {.name = golden.name, .tolerance = (double)golden.header.tolerance};
    TENON_TRY(run_golden(context, &golden, &report));
    if (fn)
      fn(user, &report);
    ++files;
    failed += report.failed;
    checked += report.checked;
  }
  if (files == 0)
    return tenon_error(TENON_UNSUPPORTED, "the artifact has no golden data to test itself with");
  if (failed == 0)
    return tenon_ok();
  return tenon_error(TENON_MISMATCH, "%lld of %lld golden numbers are out of tolerance", (long long)failed, (long long)checked);
}

tenon_status tenon_module_selftest(tenon_module *module, tenon_report_fn report, void *user) {
  if (!module)
    return tenon_error(TENON_USAGE, "expects a module");
  if (!module->abi->generate)
    return tenon_error(TENON_UNSUPPORTED, "only language models have golden data so far");
  tenon_context *context;
  TENON_TRY(tenon_context_create(module, NULL, &context));
  tenon_status status = run_all(context, report, user);
  tenon_context_destroy(context);
  return status;
}
