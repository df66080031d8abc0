//===- template_eval.c - run a chat template's statements ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block runs until a statement that closes it or begins its next part, which its caller then reads. A block that is not taken is
// passed over by counting if and for alone, so that it may contain what is not supported.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template_impl.h"

// The statement at run->at: its name, and what stands behind it.
static template_token statement_name(const template_run *run, text_span *rest) {
  *rest = run->segments[run->at].inner;
  return template_next_token(rest);
}

static bool closes_block(template_token name) {
  return template_is(name, "elif") || template_is(name, "else") || template_is(name, "endif") || template_is(name, "endfor");
}

static void expect_end(template_run *run, text_span rest) {
  if (!run->failure.code && template_peek(rest).kind != TOKEN_END)
    template_refuse(run, rest, "the rest of the tag");
}

// Goes on to the statement that closes the block or begins its next part.
static void skip_block(template_run *run) {
  int depth = 0;
  for (; run->at < run->count && template_step(run); ++run->at) {
    if (run->segments[run->at].kind != SEGMENT_STATEMENT)
      continue;
    text_span rest;
    template_token name = statement_name(run, &rest);
    if (template_is(name, "if") || template_is(name, "for"))
      ++depth;
    else if (closes_block(name) && depth == 0)
      return;
    else if (template_is(name, "endif") || template_is(name, "endfor"))
      --depth;
  }
}

static void run_block(template_run *run);

// {% if %} ... {% elif %} ... {% else %} ... {% endif %}, from behind the if.
static void run_if(template_run *run, text_span rest) {
  bool done = false, last = false;
  text_span opening = rest;
  for (;;) {
    bool taken = !done;
    if (taken && !last) {
      template_value condition = template_evaluate(run, &rest, true);
      taken = template_truth(&condition);
    }
    if (!done)
      expect_end(run, rest);
    done |= taken;
    if (taken)
      run_block(run);
    else
      skip_block(run);
    if (run->failure.code)
      return;
    template_token name = {TOKEN_END, {0}};
    if (run->at < run->count)
      name = statement_name(run, &rest);
    bool more = !last && (template_is(name, "elif") || template_is(name, "else"));
    if (!more && !template_is(name, "endif")) {
      template_refuse(run, opening, "an if that does not close");
      return;
    }
    ++run->at;
    if (!more)
      return;
    last = template_is(name, "else");
  }
}

static void set_loop(template_run *run, text_span name, const template_value *messages, size_t at) {
  static const uint8_t loop[] = "loop";
  template_define(
      run, (text_span){loop, sizeof loop - 1},
      (template_value){.kind = VALUE_LOOP, .integer = (int64_t)(at - messages->first), .first = messages->first, .last = messages->last});
  template_define(run, name, (template_value){.kind = VALUE_MESSAGE, .first = at});
}

// {% for name in messages %} ... {% endfor %}, from behind the for.
static void run_for(template_run *run, text_span rest) {
  text_span opening = rest;
  template_token name = template_next_token(&rest);
  if (name.kind != TOKEN_NAME) {
    template_refuse(run, opening, "the loop");
    return;
  }
  template_expect(run, &rest, "in", "the loop");
  template_value messages = template_evaluate(run, &rest, true);
  expect_end(run, rest);
  if (!run->failure.code && messages.kind != VALUE_MESSAGES)
    template_refuse(run, opening, "a loop over something else than messages");
  if (run->failure.code)
    return;

  size_t body = run->at, outer_scope = run->scope, outer_count = run->variable_count;
  run->scope = outer_count;
  if (messages.first == messages.last)
    skip_block(run);
  for (size_t at = messages.first; at < messages.last && template_step(run); ++at) {
    run->at = body;
    set_loop(run, name.text, &messages, at);
    run_block(run);
    run->variable_count = outer_count;
  }
  run->scope = outer_scope;
  if (run->failure.code)
    return;
  if (run->at == run->count || !template_is(statement_name(run, &rest), "endfor"))
    template_refuse(run, opening, "a for that does not close, or has an else");
  ++run->at;
}

// {% set name = expression %}
static void run_set(template_run *run, text_span rest) {
  text_span opening = rest;
  template_token name = template_next_token(&rest);
  if (name.kind != TOKEN_NAME || !template_accept(&rest, "=")) {
    template_refuse(run, opening, "the assignment");
    return;
  }
  template_value value = template_evaluate(run, &rest, true);
  expect_end(run, rest);
  if (!run->failure.code)
    template_define(run, name.text, value);
}

static void run_statement(template_run *run, template_token name, text_span rest) {
  if (template_is(name, "if"))
    run_if(run, rest);
  else if (template_is(name, "for"))
    run_for(run, rest);
  else if (template_is(name, "set"))
    run_set(run, rest);
  else if (!template_is(name, "generation") && !template_is(name, "endgeneration")) // marks for training
    template_refuse(run, name.text, "the statement");
}

static void print(template_run *run, text_span rest) {
  template_value value = template_evaluate(run, &rest, true);
  expect_end(run, rest);
  if (run->failure.code)
    return;
  text_span text = template_print(run, &value);
  text_append(&run->out, text.data, text.size);
}

static void run_block(template_run *run) {
  if (++run->depth > TEMPLATE_DEPTH) {
    template_refuse(run, run->source, "blocks nested too deeply");
    return;
  }
  while (run->at < run->count && template_step(run)) {
    const template_segment *segment = &run->segments[run->at];
    text_span rest = segment->inner;
    template_token name = {TOKEN_END, {0}};
    if (segment->kind == SEGMENT_STATEMENT)
      name = template_next_token(&rest);
    if (closes_block(name))
      break;
    ++run->at;
    if (segment->kind == SEGMENT_TEXT)
      text_append(&run->out, segment->inner.data, segment->inner.size);
    else if (segment->kind == SEGMENT_OUTPUT)
      print(run, rest);
    else
      run_statement(run, name, rest);
  }
  --run->depth;
}

void template_execute(template_run *run) {
  run_block(run);
  if (!run->failure.code && run->at < run->count)
    template_refuse(run, run->segments[run->at].inner, "the statement, which closes nothing,");
}
