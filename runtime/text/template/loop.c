//===- loop.c - for loops and what they tell about themselves -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Items are filtered as the loop comes to them, so that a condition sees what the body did. Asking for the next item looks one ahead;
// asking for the length goes through all that is left.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

struct template_loop {
  const template_node *node;
  template_scope *outer;
  const template_list *items;
  size_t at; /* of the items */
  bool filters;
  bool has_after;
  template_value before, current, after;
  int64_t index;  /* from 0 */
  int64_t length; /* -1: not counted yet */
  template_value changed;
};

static bool passes(template_run *run, const template_loop *loop, template_value item) {
  template_scope *scope = run->scope;
  run->scope = template_push_scope(run, loop->outer);
  template_assign(run, loop->node->first, item);
  template_value condition = template_failed(run) ? template_none() : template_evaluate(run, loop->node->third);
  run->scope = scope;
  return template_truth(&condition);
}

// The next item that passes; false: there is none.
static bool pull(template_run *run, template_loop *loop, template_value *out) {
  while (loop->at < loop->items->count && template_step(run)) {
    template_value item = loop->items->items[loop->at++];
    if (!loop->filters || passes(run, loop, item)) {
      *out = item;
      return !template_failed(run);
    }
  }
  return false;
}

static bool advance(template_run *run, template_loop *loop) {
  template_value item;
  if (loop->has_after)
    item = loop->after;
  else if (!pull(run, loop, &item))
    return false;
  loop->has_after = false;
  loop->before = loop->current;
  loop->current = item;
  ++loop->index;
  return true;
}

static bool look_ahead(template_run *run, template_loop *loop) {
  if (!loop->has_after)
    loop->has_after = pull(run, loop, &loop->after);
  return loop->has_after;
}

static int64_t length(template_run *run, template_loop *loop) {
  if (loop->length >= 0)
    return loop->length;
  if (!loop->filters)
    return loop->length = (int64_t)loop->items->count;
  template_value rest = template_new_list(run, VALUE_LIST, 0), item;
  while (!template_failed(run) && pull(run, loop, &item))
    template_list_add(run, rest.list, item);
  if (template_failed(run))
    return 0;
  loop->items = rest.list;
  loop->at = 0;
  loop->filters = false;
  return loop->length = (int64_t)rest.list->count + loop->index + 1 + loop->has_after;
}

static void run_body(template_run *run, const template_node *node, template_loop *loop) {
  const template_value value = {.kind = VALUE_LOOP, .loop = loop};
  template_scope *scope = NULL;
  while (!template_failed(run) && advance(run, loop)) {
    if (!scope || scope->kept)
      scope = template_push_scope(run, loop->outer);
    scope->count = 0;
    run->scope = scope;
    template_define(run, template_span("loop"), value);
    template_assign(run, node->first, loop->current);
    template_execute(run, node->body);
    run->scope = loop->outer;
    template_signal signal = run->signal;
    run->signal = SIGNAL_NONE;
    if (signal == SIGNAL_BREAK)
      break;
  }
  run->scope = loop->outer;
}

void template_execute_for(template_run *run, const template_node *node) {
  template_value iterated = template_evaluate(run, node->second);
  template_loop *loop = template_allocate(run, 1, sizeof *loop);
  if (!loop)
    return;
  run->line = node->line;
  *loop = (template_loop){.node = node,
                          .outer = run->scope,
                          .items = template_items(run, &iterated),
                          .filters = node->third != NULL,
                          .index = -1,
                          .length = -1};
  run_body(run, node, loop);
  if (loop->index < 0 && !template_failed(run)) {
    run->scope = template_push_scope(run, loop->outer);
    template_execute(run, node->otherwise);
    run->scope = loop->outer;
  }
}

template_value template_loop_attribute(template_run *run, template_loop *loop, text_span name) {
  if (template_named(name, "index"))
    return template_integer(loop->index + 1);
  if (template_named(name, "index0"))
    return template_integer(loop->index);
  if (template_named(name, "first"))
    return template_boolean(loop->index == 0);
  if (template_named(name, "last"))
    return template_boolean(!look_ahead(run, loop));
  if (template_named(name, "length"))
    return template_integer(length(run, loop));
  if (template_named(name, "revindex"))
    return template_integer(length(run, loop) - loop->index);
  if (template_named(name, "revindex0"))
    return template_integer(length(run, loop) - loop->index - 1);
  if (template_named(name, "previtem"))
    return loop->index ? loop->before : template_undefined(template_span("there is no previous item"));
  if (template_named(name, "nextitem"))
    return look_ahead(run, loop) ? loop->after : template_undefined(template_span("there is no next item"));
  if (template_named(name, "depth") || template_named(name, "depth0"))
    return template_integer(name.size == 5);
  return (template_value){.kind = VALUE_ABSENT};
}

template_value template_loop_call(template_run *run, template_loop *loop, text_span name, const template_arguments *arguments) {
  if (template_named(name, "cycle") && arguments->count)
    return arguments->positional[(size_t)loop->index % arguments->count];
  if (!template_named(name, "changed")) {
    template_fail(run, TENON_UNSUPPORTED, "a loop has no method '%.*s'", name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
    return template_none();
  }
  template_value now = template_new_list(run, VALUE_TUPLE, 0);
  for (size_t i = 0; i < arguments->count && !template_failed(run); ++i)
    template_list_add(run, now.list, arguments->positional[i]);
  bool changed = loop->changed.kind == VALUE_ABSENT || !template_equal(run, &loop->changed, &now);
  loop->changed = now;
  return template_boolean(changed);
}
