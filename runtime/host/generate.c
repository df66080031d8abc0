//===- generate.c - steps until something stops it -----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/session.h"

#include <stdbool.h>

static bool contains(const int32_t *tokens, int64_t count, int32_t token) {
  for (int64_t i = 0; i < count; ++i)
    if (tokens[i] == token)
      return true;
  return false;
}

static bool ends(const tenon_session *session, const tenon_generate_options *options, int32_t token) {
  if (contains(options->stop, options->stop_count, token))
    return true;
  return !options->ignore_eos && contains(session->generate->eos, session->generate->eos_count, token);
}

// The callback runs outside the context, so that it may use the session.
static tenon_status generate(tenon_session *session, const tenon_generate_options *options, tenon_token_fn fn, void *user,
                             tenon_generation *out) {
  for (;;) {
    out->reason = TENON_STOP_LENGTH;
    if (options->max_tokens > 0 && out->tokens >= options->max_tokens)
      return tenon_ok();
    out->reason = TENON_STOP_CONTEXT;
    if (tenon_session_position(session) >= session->slots.positions)
      return tenon_ok();
    int32_t token;
    TENON_TRY(tenon_session_step(session, &options->sample, &token));
    out->reason = TENON_STOP_EOS;
    if (ends(session, options, token))
      return tenon_ok();
    ++out->tokens;
    out->reason = TENON_STOP_CALLBACK;
    if (fn && fn(user, token) != 0)
      return tenon_ok();
  }
}

tenon_status tenon_session_generate(tenon_session *session, const tenon_generate_options *options, tenon_token_fn fn, void *user,
                                    tenon_generation *out) {
  static const tenon_generate_options defaults = {0};
  if (!session)
    return tenon_error(TENON_USAGE, "expects a session");
  if (!options)
    options = &defaults;
  if (options->max_tokens < 0)
    return tenon_error(TENON_USAGE, "expects max_tokens >= 0, but got %lld", (long long)options->max_tokens);
  if (options->stop_count < 0 || (options->stop_count > 0 && !options->stop))
    return tenon_error(TENON_USAGE, "expects stop tokens");
  tenon_generation generation = {0};
  tenon_status status = generate(session, options, fn, user, &generation);
  if (out)
    *out = generation;
  return status;
}
