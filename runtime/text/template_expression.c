//===- template_expression.c - operators in chat templates --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function a level of precedence, each of which parses and evaluates at once. With `active` false nothing is computed and nothing
// but syntax can fail: that is how the untaken side of and, or and if-else is passed over.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template_impl.h"

#include <string.h>

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

static template_value joined(template_run *run, text_span left, text_span right) {
  uint8_t *made = template_allocate(run, left.size + right.size);
  if (!made)
    return template_undefined();
  if (left.size)
    memcpy(made, left.data, left.size);
  if (right.size)
    memcpy(made + left.size, right.data, right.size);
  return template_string(made, left.size + right.size);
}

static template_value arithmetic(template_run *run, uint8_t symbol, const template_value *left, const template_value *right,
                                 text_span where) {
  if (symbol == '~') {
    text_span first = template_print(run, left), second = template_print(run, right);
    return joined(run, first, second);
  }
  if (symbol == '+' && left->kind == VALUE_STRING && right->kind == VALUE_STRING)
    return joined(run, left->string, right->string);
  const int64_t bound = INT64_C(1) << 40;
  bool small = left->integer > -bound && left->integer < bound && right->integer > -bound && right->integer < bound;
  if (left->kind == VALUE_INTEGER && right->kind == VALUE_INTEGER && small) {
    if (symbol == '+')
      return template_integer(left->integer + right->integer);
    if (symbol == '-')
      return template_integer(left->integer - right->integer);
    if (right->integer > 0) {
      int64_t remainder = left->integer % right->integer;
      return template_integer(remainder < 0 ? remainder + right->integer : remainder);
    }
  }
  template_refuse(run, where,
                  left->kind == VALUE_UNDEFINED || right->kind == VALUE_UNDEFINED ? "an operator on something undefined"
                                                                                  : "an operator on these operands");
  return template_undefined();
}

// `symbols` of one level of precedence over `operand`, the next.
static template_value evaluate_left(template_run *run, text_span *rest, bool active, const char *symbols,
                                    template_value (*operand)(template_run *, text_span *, bool)) {
  template_value left = operand(run, rest, active);
  while (template_step(run)) {
    text_span where = *rest;
    template_token token = template_peek(*rest);
    if (token.kind != TOKEN_SYMBOL || token.text.size != 1 || !strchr(symbols, token.text.data[0]))
      break;
    template_next_token(rest);
    template_value right = operand(run, rest, active);
    if (active && !run->failure.code)
      left = arithmetic(run, token.text.data[0], &left, &right, where);
  }
  return left;
}

static template_value evaluate_product(template_run *run, text_span *rest, bool active) {
  return evaluate_left(run, rest, active, "%", template_evaluate_postfix);
}

static template_value evaluate_sum(template_run *run, text_span *rest, bool active) {
  // A sign is one of the few places where a number stands alone: messages[-1].
  if (template_accept(rest, "-")) {
    template_value value = evaluate_product(run, rest, active);
    if (active && value.kind != VALUE_INTEGER)
      template_refuse(run, *rest, "a minus before something that is not a number");
    return template_integer(-value.integer);
  }
  return evaluate_left(run, rest, active, "+-", evaluate_product);
}

static template_value evaluate_concatenation(template_run *run, text_span *rest, bool active) {
  return evaluate_left(run, rest, active, "~", evaluate_sum);
}

static bool equal(const template_value *left, const template_value *right) {
  bool numbers =
      (left->kind == VALUE_INTEGER || left->kind == VALUE_BOOLEAN) && (right->kind == VALUE_INTEGER || right->kind == VALUE_BOOLEAN);
  if (numbers)
    return left->integer == right->integer;
  if (left->kind != right->kind)
    return false;
  if (left->kind == VALUE_STRING)
    return text_same(left->string, right->string);
  return left->integer == right->integer && left->first == right->first && left->last == right->last;
}

static bool contains(template_run *run, const template_value *container, const template_value *item, text_span where) {
  if (item->kind == VALUE_STRING && container->kind == VALUE_MESSAGE)
    return text_named(item->string, "role") || text_named(item->string, "content");
  if (item->kind == VALUE_STRING && container->kind == VALUE_STRING) {
    text_span text = container->string, part = item->string;
    for (size_t i = 0; i + part.size <= text.size; ++i)
      if (!part.size || memcmp(text.data + i, part.data, part.size) == 0)
        return true;
    return false;
  }
  template_refuse(run, where, "membership");
  return false;
}

static bool compares(template_run *run, template_token sign, const template_value *left, const template_value *right, text_span where) {
  if (template_is(sign, "=="))
    return equal(left, right);
  if (template_is(sign, "!="))
    return !equal(left, right);
  if (left->kind != VALUE_INTEGER || right->kind != VALUE_INTEGER) {
    template_refuse(run, where, "an order of things that are not numbers");
    return false;
  }
  bool or_equal = sign.text.size == 2 && left->integer == right->integer;
  return or_equal || (sign.text.data[0] == '<' ? left->integer < right->integer : left->integer > right->integer);
}

static template_value evaluate_comparison(template_run *run, text_span *rest, bool active) {
  template_value left = evaluate_concatenation(run, rest, active);
  if (!template_step(run))
    return template_undefined();
  text_span where = *rest, after = *rest;
  template_token sign = template_next_token(&after);
  bool negated = template_is(sign, "not") && template_accept(&after, "in");
  if (negated || template_is(sign, "in")) {
    *rest = after;
    template_value right = evaluate_concatenation(run, rest, active);
    return active && !run->failure.code ? template_boolean(contains(run, &right, &left, where) != negated) : template_undefined();
  }
  static const char *const signs[] = {"==", "!=", "<", ">", "<=", ">="};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; ++i)
    if (template_is(sign, signs[i])) {
      *rest = after;
      template_value right = evaluate_concatenation(run, rest, active);
      return active && !run->failure.code ? template_boolean(compares(run, sign, &left, &right, where)) : template_undefined();
    }
  return left;
}

static template_value evaluate_not(template_run *run, text_span *rest, bool active) {
  bool negated = false, any = false;
  while (template_step(run) && template_accept(rest, "not")) {
    negated = !negated;
    any = true;
  }
  template_value value = evaluate_comparison(run, rest, active);
  return any ? template_boolean(template_truth(&value) != negated) : value;
}

static template_value evaluate_and(template_run *run, text_span *rest, bool active) {
  template_value left = evaluate_not(run, rest, active);
  while (template_step(run) && template_accept(rest, "and")) {
    bool decides = template_truth(&left);
    template_value right = evaluate_not(run, rest, active && decides);
    left = decides ? right : left;
  }
  return left;
}

static template_value evaluate_or(template_run *run, text_span *rest, bool active) {
  template_value left = evaluate_and(run, rest, active);
  while (template_step(run) && template_accept(rest, "or")) {
    bool decides = !template_truth(&left);
    template_value right = evaluate_and(run, rest, active && decides);
    left = decides ? right : left;
  }
  return left;
}

// a if c else b: the condition stands behind what it guards, so that a is first passed over and evaluated afterwards.
template_value template_evaluate(template_run *run, text_span *rest, bool active) {
  if (!template_step(run) || ++run->depth > TEMPLATE_DEPTH) {
    template_refuse(run, *rest, "an expression nested too deeply");
    return template_undefined();
  }
  text_span start = *rest;
  evaluate_or(run, rest, false);
  template_value value = template_undefined();
  if (!template_accept(rest, "if")) {
    if (active && !run->failure.code) {
      *rest = start;
      value = evaluate_or(run, rest, true);
    }
  } else {
    template_value condition = evaluate_or(run, rest, active);
    bool taken = active && template_truth(&condition);
    if (taken && !run->failure.code)
      value = evaluate_or(run, &start, true);
    if (template_accept(rest, "else")) {
      template_value other = template_evaluate(run, rest, active && !taken);
      value = taken ? value : other;
    }
  }
  --run->depth;
  return value;
}
