//===- statements.c - run the statements of a template ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/tree_impl.h"

template_scope *template_push_scope(template_run *run, template_scope *parent) {
  template_scope *scope = template_allocate(run, 1, sizeof *scope);
  if (!scope)
    return parent;
  memset(scope, 0, sizeof *scope);
  scope->parent = parent;
  return scope;
}

//===----------------------------------------------------------------------===//
// Assignments
//===----------------------------------------------------------------------===//

static void assign_attribute(template_run *run, const template_node *target, template_value value) {
  template_value owner = template_evaluate(run, target->first);
  if (template_failed(run))
    return;
  if (owner.kind != VALUE_NAMESPACE)
    template_fail(run, TENON_UNSUPPORTED, "an attribute can be set of a namespace only, but got a value of type %s",
                  template_kind_name(&owner));
  else if (target->name.data[0] == '_')
    template_fail(run, TENON_UNSUPPORTED, "a namespace cannot have '%.*s'", (int)target->name.size, (const char *)target->name.data);
  else
    template_dict_set(run, owner.dict, template_string(target->name), value);
}

static void assign_items(template_run *run, const template_node *target, const template_value *value) {
  const template_list *items = template_items(run, value);
  size_t wanted = 0;
  for (const template_node *name = target->first; name; name = name->next)
    ++wanted;
  if (!template_failed(run) && wanted != items->count)
    template_fail(run, TENON_UNSUPPORTED, "expects %zu values to unpack, but got %zu", wanted, items->count);
  size_t at = 0;
  for (const template_node *name = target->first; name && !template_failed(run); name = name->next)
    template_assign(run, name, items->items[at++]);
}

void template_assign(template_run *run, const template_node *target, template_value value) {
  run->line = target->line;
  if (!template_deeper(run)) {
    template_leave(run);
    return;
  }
  if (target->kind == NODE_NAME)
    template_define(run, target->name, value);
  else if (target->kind == NODE_ATTRIBUTE)
    assign_attribute(run, target, value);
  else
    assign_items(run, target, &value);
  template_leave(run);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

static void execute_if(template_run *run, const template_node *node) {
  for (;; node = node->otherwise) {
    template_value condition = template_evaluate(run, node->first);
    if (template_failed(run))
      return;
    if (template_truth(&condition)) {
      template_execute(run, node->body);
      return;
    }
    if (!node->otherwise || !(node->otherwise->flags & IF_ELIF))
      break;
  }
  template_execute(run, node->otherwise);
}

static void execute_in_scope(template_run *run, const template_node *body) {
  template_scope *outer = run->scope;
  run->scope = template_push_scope(run, outer);
  template_execute(run, body);
  run->scope = outer;
}

// The text of a body, in its own scope.
static template_value body_text(template_run *run, const template_node *body) {
  size_t begin = template_capture(run);
  execute_in_scope(run, body);
  return template_captured(run, begin);
}

static template_value filtered(template_run *run, const template_node *filters, template_value text) {
  template_value outer = run->filtered;
  run->filtered = text;
  template_value value = template_evaluate(run, filters);
  run->filtered = outer;
  return value;
}

static void execute_set_block(template_run *run, const template_node *node) {
  template_value text = body_text(run, node->body);
  if (node->second)
    text = filtered(run, node->second, text);
  if (!template_failed(run))
    template_assign(run, node->first, text);
}

static void execute_filter_block(template_run *run, const template_node *node) {
  template_value text = body_text(run, node->body), value = filtered(run, node->second, text);
  template_write(run, &value);
}

// Values are those of the scope outside.
static void execute_with(template_run *run, const template_node *node) {
  template_scope *outer = run->scope, *inner = template_push_scope(run, outer);
  for (const template_node *assignment = node->first; assignment && !template_failed(run); assignment = assignment->next) {
    template_value value = template_evaluate(run, assignment->second);
    run->scope = inner;
    template_assign(run, assignment->first, value);
    run->scope = outer;
  }
  run->scope = inner;
  template_execute(run, node->body);
  run->scope = outer;
}

static void execute_output(template_run *run, const template_node *node) {
  template_value value = template_evaluate(run, node->first);
  run->line = node->line;
  if (!template_failed(run))
    template_write(run, &value);
}

static void execute_set(template_run *run, const template_node *node) {
  template_value value = template_evaluate(run, node->second);
  if (!template_failed(run))
    template_assign(run, node->first, value);
}

static void execute_node(template_run *run, const template_node *node) {
  switch ((template_node_kind)node->kind) {
  case NODE_TEXT:
    template_put(run, node->name.data, node->name.size);
    break;
  case NODE_OUTPUT:
    execute_output(run, node);
    break;
  case NODE_IF:
    execute_if(run, node);
    break;
  case NODE_FOR:
    template_execute_for(run, node);
    break;
  case NODE_SET:
    execute_set(run, node);
    break;
  case NODE_SET_BLOCK:
    execute_set_block(run, node);
    break;
  case NODE_MACRO:
    template_define(run, node->name, template_new_macro(run, node, node->name));
    break;
  case NODE_CALL_BLOCK:
    template_execute_call_block(run, node);
    break;
  case NODE_FILTER_BLOCK:
    execute_filter_block(run, node);
    break;
  case NODE_WITH:
    execute_with(run, node);
    break;
  case NODE_SCOPE:
    execute_in_scope(run, node->body);
    break;
  default:
    run->signal = node->kind == NODE_BREAK ? SIGNAL_BREAK : SIGNAL_CONTINUE;
  }
}

void template_execute(template_run *run, const template_node *body) {
  if (template_deeper(run))
    for (; body && !run->signal && template_step(run); body = body->next) {
      run->line = body->line;
      execute_node(run, body);
    }
  template_leave(run);
}
