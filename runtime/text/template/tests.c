//===- tests.c - x is something -----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"

CALLED(is_defined) {
  UNUSED;
  return template_boolean(self->kind != VALUE_UNDEFINED);
}

CALLED(is_undefined) {
  UNUSED;
  return template_boolean(self->kind == VALUE_UNDEFINED);
}

CALLED(is_none) {
  UNUSED;
  return template_boolean(self->kind == VALUE_NONE);
}

CALLED(is_boolean) {
  UNUSED;
  return template_boolean(self->kind == VALUE_BOOLEAN);
}

CALLED(is_true) {
  UNUSED;
  return template_boolean(self->kind == VALUE_BOOLEAN && self->integer);
}

CALLED(is_false) {
  UNUSED;
  return template_boolean(self->kind == VALUE_BOOLEAN && !self->integer);
}

CALLED(is_integer) {
  UNUSED;
  return template_boolean(self->kind == VALUE_INTEGER || self->kind == VALUE_LONG);
}

CALLED(is_float) {
  UNUSED;
  return template_boolean(self->kind == VALUE_REAL);
}

CALLED(is_number) {
  UNUSED;
  return template_boolean(template_is_number(self) || self->kind == VALUE_LONG);
}

CALLED(is_string) {
  UNUSED;
  return template_boolean(self->kind == VALUE_STRING);
}

CALLED(is_mapping) {
  UNUSED;
  return template_boolean(self->kind == VALUE_DICT);
}

CALLED(is_sequence) {
  UNUSED;
  return template_boolean(self->kind == VALUE_UNDEFINED || self->kind == VALUE_STRING || template_is_sequence(self) ||
                          self->kind == VALUE_RANGE || self->kind == VALUE_DICT);
}

CALLED(is_iterable) {
  UNUSED;
  return template_boolean(template_iterable(self) || self->kind == VALUE_LOOP);
}

CALLED(is_callable) {
  UNUSED;
  return template_boolean(template_callable(self));
}

CALLED(is_escaped) {
  UNUSED;
  return template_boolean(self->kind == VALUE_STRING && self->flags & VALUE_SAFE);
}

// The remainder of a division by an integer.
static int64_t remainder_of(template_run *run, const template_value *value, int64_t divisor) {
  if (!template_is_integer(value) || !divisor)
    template_fail(run, TENON_UNSUPPORTED, "the test of a remainder expects integers, but got a value of type %s",
                  template_kind_name(value));
  return template_failed(run) || divisor == -1 ? 0 : value->integer % divisor;
}

CALLED(is_odd) {
  UNUSED;
  return template_boolean(remainder_of(run, self, 2) != 0);
}

CALLED(is_even) {
  UNUSED;
  return template_boolean(remainder_of(run, self, 2) == 0);
}

CALLED(is_divisible) {
  UNUSED;
  return template_boolean(remainder_of(run, self, template_want_integer(run, &given[0], "divisibleby", 1)) == 0);
}

CALLED(is_equal) {
  UNUSED;
  return template_boolean(template_equal(run, self, &given[0]));
}

CALLED(is_unequal) {
  UNUSED;
  return template_boolean(!template_equal(run, self, &given[0]));
}

CALLED(is_less) {
  UNUSED;
  return template_boolean(template_order(run, self, &given[0], "<") < 0);
}

CALLED(is_less_or_equal) {
  UNUSED;
  return template_boolean(template_order(run, self, &given[0], "<=") <= 0);
}

CALLED(is_greater) {
  UNUSED;
  return template_boolean(template_order(run, self, &given[0], ">") > 0);
}

CALLED(is_greater_or_equal) {
  UNUSED;
  return template_boolean(template_order(run, self, &given[0], ">=") >= 0);
}

CALLED(is_in) {
  UNUSED;
  return template_boolean(template_contains(run, &given[0], self));
}

// The same object: none and booleans are, other scalars mostly not, so only what cannot be mistaken is said to be.
CALLED(is_same) {
  UNUSED;
  bool same = self->kind == given[0].kind && self->kind != VALUE_REAL && self->kind != VALUE_LONG;
  bool held = template_is_sequence(self) || self->kind == VALUE_DICT || self->kind == VALUE_NAMESPACE;
  return template_boolean(same && (held ? self->list == given[0].list : template_equal(run, self, &given[0])));
}

// Whether there is a character with case and all that have are of this one.
static bool all_of_case(template_run *run, const template_value *value, uint32_t (*other)(uint32_t)) {
  text_span text = template_text(run, value);
  bool any = false;
  while (text.size && template_step(run)) {
    uint32_t code_point = template_code_point(text);
    size_t size = template_character(text);
    if (other(code_point) != code_point)
      return false;
    any |= template_cased(code_point);
    text = (text_span){text.data + size, text.size - size};
  }
  return any;
}

CALLED(is_lower) {
  UNUSED;
  return template_boolean(all_of_case(run, self, template_lower));
}

CALLED(is_upper) {
  UNUSED;
  return template_boolean(all_of_case(run, self, template_upper));
}

CALLED(is_filter) {
  UNUSED;
  return template_boolean(self->kind == VALUE_STRING && template_find_filter(self->string));
}

CALLED(is_test) {
  UNUSED;
  return template_boolean(self->kind == VALUE_STRING && template_find_test(self->string));
}

const template_row *template_find_test(text_span name) {
  static const template_row tests[] = {
      {"defined", "", is_defined},
      {"undefined", "", is_undefined},
      {"none", "", is_none},
      {"boolean", "", is_boolean},
      {"true", "", is_true},
      {"false", "", is_false},
      {"integer", "", is_integer},
      {"float", "", is_float},
      {"number", "", is_number},
      {"string", "", is_string},
      {"mapping", "", is_mapping},
      {"sequence", "", is_sequence},
      {"iterable", "", is_iterable},
      {"callable", "", is_callable},
      {"escaped", "", is_escaped},
      {"odd", "", is_odd},
      {"even", "", is_even},
      {"divisibleby", "num!", is_divisible},
      {"eq", "other!", is_equal},
      {"equalto", "other!", is_equal},
      {"==", "other!", is_equal},
      {"ne", "other!", is_unequal},
      {"!=", "other!", is_unequal},
      {"lt", "other!", is_less},
      {"lessthan", "other!", is_less},
      {"<", "other!", is_less},
      {"le", "other!", is_less_or_equal},
      {"<=", "other!", is_less_or_equal},
      {"gt", "other!", is_greater},
      {"greaterthan", "other!", is_greater},
      {">", "other!", is_greater},
      {"ge", "other!", is_greater_or_equal},
      {">=", "other!", is_greater_or_equal},
      {"in", "seq!", is_in},
      {"sameas", "other!", is_same},
      {"lower", "", is_lower},
      {"upper", "", is_upper},
      {"filter", "", is_filter},
      {"test", "", is_test},
      {NULL, NULL, NULL},
  };
  return template_find_row(tests, name);
}
