//===- operate.c - arithmetic -------------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As Python does it: division gives reals, floors go down, a remainder has the sign of the divisor. Integers have 64 bits; what would
// need more fails.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

#include <math.h>

static const char *const signs[] = {
    [SYMBOL_ADD] = "+",    [SYMBOL_SUBTRACT] = "-", [SYMBOL_MULTIPLY] = "*", [SYMBOL_DIVIDE] = "/",
    [SYMBOL_FLOOR] = "//", [SYMBOL_MODULO] = "%",   [SYMBOL_POWER] = "**",
};

static template_value wide(template_run *run, bool overflows, int64_t value) {
  if (overflows)
    template_fail(run, TENON_UNSUPPORTED, "an integer beyond 64 bits");
  return template_integer(overflows ? 0 : value);
}

static template_value divided_by_zero(template_run *run) {
  template_fail(run, TENON_UNSUPPORTED, "a division by zero");
  return template_integer(0);
}

static template_value power(template_run *run, int64_t base, int64_t exponent) {
  if (exponent < 0)
    return base ? template_real(pow((double)base, (double)exponent)) : divided_by_zero(run);
  int64_t value = 1;
  bool overflows = false;
  while (exponent && !overflows) {
    if (exponent & 1)
      overflows = __builtin_mul_overflow(value, base, &value);
    exponent >>= 1;
    if (exponent)
      overflows |= __builtin_mul_overflow(base, base, &base);
  }
  return wide(run, overflows, value);
}

static template_value operate_integers(template_run *run, int symbol, int64_t left, int64_t right) {
  int64_t value = 0;
  bool overflows = false;
  switch (symbol) {
  case SYMBOL_ADD:
    overflows = __builtin_add_overflow(left, right, &value);
    return wide(run, overflows, value);
  case SYMBOL_SUBTRACT:
    overflows = __builtin_sub_overflow(left, right, &value);
    return wide(run, overflows, value);
  case SYMBOL_MULTIPLY:
    overflows = __builtin_mul_overflow(left, right, &value);
    return wide(run, overflows, value);
  case SYMBOL_DIVIDE:
    return right ? template_real((double)left / (double)right) : divided_by_zero(run);
  case SYMBOL_POWER:
    return power(run, left, right);
  default:
    break;
  }
  if (!right)
    return divided_by_zero(run);
  if (right == -1) { // the one division that could overflow
    overflows = symbol == SYMBOL_FLOOR && __builtin_sub_overflow(INT64_C(0), left, &value);
    return wide(run, overflows, value);
  }
  bool below = left % right != 0 && (left < 0) != (right < 0);
  return template_integer(symbol == SYMBOL_FLOOR ? left / right - below : left % right + (below ? right : 0));
}

static template_value operate_reals(template_run *run, int symbol, double left, double right) {
  switch (symbol) {
  case SYMBOL_ADD:
    return template_real(left + right);
  case SYMBOL_SUBTRACT:
    return template_real(left - right);
  case SYMBOL_MULTIPLY:
    return template_real(left * right);
  case SYMBOL_POWER:
    return template_real(pow(left, right));
  default:
    break;
  }
  if (right == 0)
    return divided_by_zero(run);
  if (symbol == SYMBOL_DIVIDE)
    return template_real(left / right);
  double rest = fmod(left, right);
  if (rest != 0 && (rest < 0) != (right < 0))
    rest += right;
  return template_real(symbol == SYMBOL_MODULO ? (rest != 0 ? rest : copysign(0, right)) : round((left - rest) / right));
}

static template_value repeat(template_run *run, const template_value *value, int64_t times) {
  times = times < 0 ? 0 : times;
  if (value->kind == VALUE_STRING) {
    size_t size = value->string.size, total = 0;
    if (__builtin_mul_overflow(size, (size_t)times, &total))
      total = SIZE_MAX / 4;
    uint8_t *bytes = template_bytes(run, total);
    for (size_t i = 0; bytes && size && i < (size_t)times; ++i)
      memcpy(bytes + i * size, value->string.data, size);
    return template_string((text_span){bytes, bytes ? total : 0});
  }
  template_value made = template_new_list(run, (template_kind)value->kind, 0);
  for (int64_t i = 0; i < times && value->list->count && !template_failed(run); ++i)
    for (size_t k = 0; k < value->list->count; ++k)
      template_list_add(run, made.list, value->list->items[k]);
  return made;
}

static template_value add_lists(template_run *run, const template_value *left, const template_value *right) {
  template_value made = template_new_list(run, (template_kind)left->kind, left->list->count + right->list->count);
  for (size_t i = 0; i < left->list->count && !template_failed(run); ++i)
    template_list_add(run, made.list, left->list->items[i]);
  for (size_t i = 0; i < right->list->count && !template_failed(run); ++i)
    template_list_add(run, made.list, right->list->items[i]);
  return made;
}

static template_value escaped(template_run *run, const template_value *value) {
  template_arguments none = {0};
  return value->flags & VALUE_SAFE ? *value : template_call_row(run, template_find_filter(template_span("escape")), value, &none);
}

// Text that is escaped already escapes what it is joined with.
static template_value add_strings(template_run *run, const template_value *left, const template_value *right) {
  if (!((left->flags | right->flags) & VALUE_SAFE))
    return template_joined(run, left, right->string);
  template_value first = escaped(run, left), second = escaped(run, right);
  template_value made = template_joined(run, &first, second.string);
  made.flags |= VALUE_SAFE;
  return made;
}

static bool can_repeat(const template_value *value) {
  return value->kind == VALUE_STRING || template_is_sequence(value);
}

template_value template_operate(template_run *run, int symbol, const template_value *left, const template_value *right) {
  if (template_is_integer(left) && template_is_integer(right))
    return operate_integers(run, symbol, left->integer, right->integer);
  if (template_is_number(left) && template_is_number(right))
    return operate_reals(run, symbol, template_as_real(left), template_as_real(right));
  if (symbol == SYMBOL_ADD && left->kind == VALUE_STRING && right->kind == VALUE_STRING)
    return add_strings(run, left, right);
  if (symbol == SYMBOL_ADD && template_is_sequence(left) && left->kind == right->kind)
    return add_lists(run, left, right);
  if (symbol == SYMBOL_MULTIPLY && can_repeat(left) && template_is_integer(right))
    return repeat(run, left, right->integer);
  if (symbol == SYMBOL_MULTIPLY && template_is_integer(left) && can_repeat(right))
    return repeat(run, right, left->integer);
  if (symbol == SYMBOL_MODULO && left->kind == VALUE_STRING)
    return template_percent(run, left->string, right);
  const template_value *missing = left->kind == VALUE_UNDEFINED ? left : right;
  if (missing->kind == VALUE_UNDEFINED)
    template_fail(run, TENON_UNSUPPORTED, "'%s' of '%.*s', which is undefined", signs[symbol],
                  missing->string.size > 60 ? 60 : (int)missing->string.size, (const char *)missing->string.data);
  else
    template_fail(run, TENON_UNSUPPORTED, "'%s' has no meaning between %s and %s", signs[symbol], template_kind_name(left),
                  template_kind_name(right));
  return template_none();
}
