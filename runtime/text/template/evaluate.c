//===- evaluate.c - the value of an expression --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/tree_impl.h"

const template_value *template_lookup(const template_run *run, text_span name) {
  for (const template_scope *scope = run->scope; scope; scope = scope->parent)
    for (size_t i = 0; i < scope->count; ++i)
      if (template_same(scope->variables[i].name, name))
        return &scope->variables[i].value;
  return NULL;
}

static template_value evaluate_name(template_run *run, const template_node *node) {
  const template_value *found = template_lookup(run, node->name);
  if (found)
    return *found;
  const template_row *function = template_find_function(node->name);
  return function ? (template_value){.kind = VALUE_FUNCTION, .function = function} : template_undefined(node->name);
}

static template_value evaluate_list(template_run *run, const template_node *node) {
  template_value made = template_new_list(run, node->kind == NODE_TUPLE ? VALUE_TUPLE : VALUE_LIST, 0);
  for (const template_node *item = node->first; item && !template_failed(run); item = item->next) {
    template_value value = template_evaluate(run, item);
    template_list_add(run, made.list, value);
  }
  return made;
}

static template_value evaluate_dict(template_run *run, const template_node *node) {
  template_value made = template_new_dict(run, VALUE_DICT);
  for (const template_node *item = node->first; item && item->next && !template_failed(run); item = item->next->next) {
    template_value key = template_evaluate(run, item), value = template_evaluate(run, item->next);
    if (!template_failed(run))
      template_dict_set(run, made.dict, key, value);
  }
  return made;
}

static template_value evaluate_condition(template_run *run, const template_node *node) {
  template_value condition = template_evaluate(run, node->first);
  if (template_truth(&condition))
    return template_evaluate(run, node->second);
  return node->third ? template_evaluate(run, node->third) : template_undefined(template_span("an if without an else"));
}

static bool compare(template_run *run, int symbol, const template_value *left, const template_value *right) {
  switch (symbol) {
  case SYMBOL_EQUAL:
    return template_equal(run, left, right);
  case SYMBOL_UNEQUAL:
    return !template_equal(run, left, right);
  case SYMBOL_LESS:
    return template_order(run, left, right, "<") < 0;
  case SYMBOL_LESS_EQUAL:
    return template_order(run, left, right, "<=") <= 0;
  case SYMBOL_GREATER:
    return template_order(run, left, right, ">") > 0;
  case SYMBOL_GREATER_EQUAL:
    return template_order(run, left, right, ">=") >= 0;
  default:
    return template_contains(run, right, left) == (symbol == SYMBOL_IN);
  }
}

// a < b < c is a < b and b < c, each evaluated once.
static template_value evaluate_comparison(template_run *run, const template_node *node) {
  template_value left = template_evaluate(run, node->first);
  bool holds = true;
  for (const template_node *operand = node->second; operand && holds && !template_failed(run); operand = operand->next) {
    template_value right = template_evaluate(run, operand->first);
    run->line = node->line;
    holds = !template_failed(run) && compare(run, operand->symbol, &left, &right);
    left = right;
  }
  return template_boolean(holds);
}

static template_value evaluate_binary(template_run *run, const template_node *node) {
  template_value left = template_evaluate(run, node->first), right = template_evaluate(run, node->second);
  run->line = node->line;
  return template_failed(run) ? left : template_operate(run, node->symbol, &left, &right);
}

static template_value evaluate_concatenation(template_run *run, const template_node *node) {
  template_value left = template_evaluate(run, node->first), right = template_evaluate(run, node->second);
  run->line = node->line;
  if (template_failed(run))
    return left;
  if (left.kind != VALUE_STRING)
    left = template_string(template_text(run, &left));
  left.flags &= VALUE_ROOM;
  return template_joined(run, &left, template_text(run, &right));
}

static template_value evaluate_sign(template_run *run, const template_node *node) {
  template_value value = template_evaluate(run, node->first), zero = template_integer(0);
  run->line = node->line;
  if (template_failed(run))
    return value;
  if (value.kind == VALUE_REAL)
    return template_real(node->kind == NODE_NEGATE ? -value.real : value.real);
  if (!template_is_integer(&value)) {
    template_fail(run, TENON_UNSUPPORTED, "a sign before a value of type %s", template_kind_name(&value));
    return value;
  }
  return template_operate(run, node->kind == NODE_NEGATE ? SYMBOL_SUBTRACT : SYMBOL_ADD, &zero, &value);
}

static template_value evaluate_item(template_run *run, const template_node *node) {
  template_value value = template_evaluate(run, node->first);
  if (node->second && node->second->kind == NODE_SLICE) {
    const template_node *parts[3] = {node->second->first, node->second->second, node->second->third};
    template_value bounds[3];
    for (int i = 0; i < 3; ++i)
      bounds[i] = parts[i] ? template_evaluate(run, parts[i]) : (template_value){.kind = VALUE_ABSENT};
    run->line = node->line;
    return template_failed(run) ? value : template_slice(run, &value, bounds);
  }
  template_value key = template_evaluate(run, node->second);
  run->line = node->line;
  return template_failed(run) ? value : template_item(run, &value, &key);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static void add_named(template_run *run, template_arguments *arguments, size_t *capacity, template_variable argument) {
  for (size_t i = 0; i < arguments->named_count; ++i)
    if (template_same(arguments->named[i].name, argument.name))
      template_fail(run, TENON_UNSUPPORTED, "the argument '%.*s' is given twice", (int)argument.name.size,
                    (const char *)argument.name.data);
  template_work(run, 1 + arguments->named_count);
  template_variable *named = template_grow(run, arguments->named, arguments->named_count, capacity, sizeof *named);
  if (!named)
    return;
  arguments->named = named;
  named[arguments->named_count++] = argument;
}

static void add_all_named(template_run *run, template_arguments *arguments, size_t *capacity, const template_value *value) {
  if (value->kind != VALUE_DICT) {
    template_fail(run, TENON_UNSUPPORTED, "** expects a dict, but got a value of type %s", template_kind_name(value));
    return;
  }
  for (size_t i = 0; i < value->dict->count; ++i)
    if (value->dict->entries[i].key.kind == VALUE_STRING)
      add_named(run, arguments, capacity, (template_variable){value->dict->entries[i].key.string, value->dict->entries[i].value});
}

bool template_evaluate_arguments(template_run *run, const template_node *list, template_arguments *out) {
  *out = (template_arguments){0};
  size_t capacity = 0;
  template_list positional = {0};
  for (const template_node *argument = list; argument && !template_failed(run); argument = argument->next) {
    template_value value = template_evaluate(run, argument->first);
    if (template_failed(run))
      break;
    if (argument->symbol == SYMBOL_ALL_POSITIONAL) {
      const template_list *items = template_items(run, &value);
      for (size_t i = 0; i < items->count; ++i)
        template_list_add(run, &positional, items->items[i]);
    } else if (argument->symbol == SYMBOL_ALL_NAMED) {
      add_all_named(run, out, &capacity, &value);
    } else if (argument->name.size) {
      add_named(run, out, &capacity, (template_variable){argument->name, value});
    } else {
      template_list_add(run, &positional, value);
    }
  }
  out->positional = positional.items;
  out->count = positional.count;
  return !template_failed(run);
}

static template_value evaluate_call(template_run *run, const template_node *node) {
  template_arguments arguments;
  const template_node *callee = node->first;
  if (callee->kind == NODE_ATTRIBUTE) {
    // A method is called where it stands, without a value made of it.
    template_value self = template_evaluate(run, callee->first);
    bool unsafe = false;
    const template_row *method = self.kind == VALUE_UNDEFINED ? NULL : template_find_method(&self, callee->name, &unsafe);
    if (self.kind == VALUE_LOOP || method) {
      if (!template_evaluate_arguments(run, node->second, &arguments))
        return self;
      run->line = node->line;
      return method ? template_call_row(run, method, &self, &arguments) : template_loop_call(run, self.loop, callee->name, &arguments);
    }
    run->line = node->line;
    template_value member = template_attribute(run, &self, callee->name);
    return template_evaluate_arguments(run, node->second, &arguments) ? template_call(run, &member, &arguments) : member;
  }
  template_value function = template_evaluate(run, callee);
  if (!template_evaluate_arguments(run, node->second, &arguments))
    return function;
  run->line = node->line;
  return template_call(run, &function, &arguments);
}

static template_value evaluate_row(template_run *run, const template_node *node) {
  template_value self = node->first ? template_evaluate(run, node->first) : run->filtered;
  run->line = node->line;
  if (!node->row)
    template_fail(run, TENON_UNSUPPORTED, "unknown %s '%.*s'", node->kind == NODE_FILTER ? "filter" : "test",
                  node->name.size > 60 ? 60 : (int)node->name.size, (const char *)node->name.data);
  template_arguments arguments;
  if (!template_evaluate_arguments(run, node->second, &arguments))
    return self;
  run->line = node->line;
  return template_call_row(run, node->row, &self, &arguments);
}

static template_value evaluate_attribute(template_run *run, const template_node *node) {
  template_value value = template_evaluate(run, node->first);
  run->line = node->line;
  return template_failed(run) ? value : template_attribute(run, &value, node->name);
}

static template_value evaluate_logic(template_run *run, const template_node *node) {
  template_value left = template_evaluate(run, node->first);
  if (node->kind == NODE_NOT)
    return template_boolean(!template_truth(&left));
  return template_truth(&left) == (node->kind == NODE_AND) ? template_evaluate(run, node->second) : left;
}

static template_value evaluate_node(template_run *run, const template_node *node) {
  switch ((template_node_kind)node->kind) {
  case NODE_CONSTANT:
    return node->constant;
  case NODE_NAME:
    return evaluate_name(run, node);
  case NODE_LIST:
  case NODE_TUPLE:
    return evaluate_list(run, node);
  case NODE_DICT:
    return evaluate_dict(run, node);
  case NODE_CONDITION:
    return evaluate_condition(run, node);
  case NODE_OR:
  case NODE_AND:
  case NODE_NOT:
    return evaluate_logic(run, node);
  case NODE_COMPARE:
    return evaluate_comparison(run, node);
  case NODE_BINARY:
    return evaluate_binary(run, node);
  case NODE_CONCAT:
    return evaluate_concatenation(run, node);
  case NODE_NEGATE:
  case NODE_PLUS:
    return evaluate_sign(run, node);
  case NODE_ATTRIBUTE:
    return evaluate_attribute(run, node);
  case NODE_ITEM:
    return evaluate_item(run, node);
  case NODE_CALL:
    return evaluate_call(run, node);
  default:
    return evaluate_row(run, node);
  }
}

template_value template_evaluate(template_run *run, const template_node *node) {
  template_value value = template_none();
  run->line = node->line;
  if (template_deeper(run))
    value = evaluate_node(run, node);
  template_leave(run);
  return value;
}
