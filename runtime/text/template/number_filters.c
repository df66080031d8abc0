//===- number_filters.c - filters of numbers ----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"
#include "tenon/runtime/text/template/tree_impl.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

CALLED(filter_abs) {
  UNUSED;
  if (self->kind == VALUE_REAL)
    return template_real(fabs(self->real));
  template_value zero = template_integer(0);
  if (!template_is_integer(self)) {
    template_fail(run, TENON_UNSUPPORTED, "abs of a value of type %s", template_kind_name(self));
    return zero;
  }
  return template_operate(run, self->integer < 0 ? SYMBOL_SUBTRACT : SYMBOL_ADD, &zero, self);
}

// The text without white space around it and underscores between digits, terminated; null if it is too long to be a number.
static const char *number_text(text_span text, char room[128]) {
  text = template_strip(text, NULL, STRIP_LEFT | STRIP_RIGHT);
  size_t size = 0;
  if (!text.size || text.size > 120)
    return NULL;
  for (size_t i = 0; i < text.size; ++i) {
    bool between = i && i + 1 < text.size && text.data[i - 1] != '_' && text.data[i + 1] != '_';
    if (text.data[i] == '_' && between)
      continue;
    if (!text.data[i] || text.data[i] >= 0x80 || text.data[i] == '_' || template_is_space(text.data[i]))
      return NULL;
    room[size++] = (char)text.data[i];
  }
  room[size] = 0;
  return room;
}

static bool read_integer(text_span text, int base, int64_t *out) {
  char room[128], *end;
  const char *digits = number_text(text, room);
  if (!digits)
    return false;
  // Python reads 0b and 0o too, where the base is theirs; C does not.
  const char *behind_sign = digits + (*digits == '-' || *digits == '+');
  int letter = behind_sign[0] == '0' ? behind_sign[1] | 0x20 : 0;
  bool prefixed = (base == 2 && letter == 'b') || (base == 8 && letter == 'o');
  if (prefixed)
    memmove(room + (behind_sign - digits), behind_sign + 2, strlen(behind_sign + 2) + 1);
  errno = 0;
  *out = strtoll(digits, &end, base);
  return !errno && end != digits && !*end;
}

static bool read_real(text_span text, double *out) {
  char room[128], *end;
  const char *digits = number_text(text, room);
  if (!digits || strpbrk(digits, "xXpP("))
    return false;
  *out = strtod(digits, &end);
  return end != digits && !*end;
}

static template_value truncated(template_run *run, double number) {
  if (!(number > -9.2e18 && number < 9.2e18))
    template_fail(run, TENON_UNSUPPORTED, "an integer beyond 64 bits");
  return template_integer(template_failed(run) ? 0 : (int64_t)number);
}

static bool refuse_undefined(template_run *run, const template_value *value) {
  if (value->kind == VALUE_UNDEFINED)
    template_fail(run, TENON_UNSUPPORTED, "'%.*s' is undefined", value->string.size > 100 ? 100 : (int)value->string.size,
                  (const char *)value->string.data);
  return value->kind == VALUE_UNDEFINED;
}

CALLED(filter_int) {
  UNUSED;
  template_value otherwise = given[0].kind == VALUE_ABSENT ? template_integer(0) : given[0];
  int64_t base = template_want_integer(run, &given[1], "int", 10), integer;
  double real;
  if (refuse_undefined(run, self) || template_failed(run))
    return otherwise;
  if (template_is_integer(self))
    return template_integer(self->integer);
  if (self->kind == VALUE_LONG)
    return *self;
  if (self->kind == VALUE_REAL)
    return isfinite(self->real) ? truncated(run, self->real) : otherwise;
  if (self->kind != VALUE_STRING)
    return otherwise;
  if (base >= 0 && base <= 36 && base != 1 && read_integer(self->string, (int)base, &integer))
    return template_integer(integer);
  return read_real(self->string, &real) && isfinite(real) ? truncated(run, real) : otherwise;
}

CALLED(filter_float) {
  UNUSED;
  template_value otherwise = given[0].kind == VALUE_ABSENT ? template_real(0) : given[0];
  double real;
  if (refuse_undefined(run, self))
    return otherwise;
  if (template_is_number(self))
    return template_real(template_as_real(self));
  bool text = self->kind == VALUE_STRING || self->kind == VALUE_LONG;
  return text && read_real(self->string, &real) ? template_real(real) : otherwise;
}

// The nearest number with so many digits, of two the even one: what printing it rounds to.
static double rounded(double number, int64_t precision) {
  char text[512];
  if (!isfinite(number) || precision > 300)
    return number;
  if (precision < 0) {
    double scale = pow(10, (double)-precision);
    return isfinite(scale) ? nearbyint(number / scale) * scale : 0;
  }
  snprintf(text, sizeof text, "%.*f", (int)(precision > 100 ? 100 : precision), number);
  return strtod(text, NULL);
}

CALLED(filter_round) {
  UNUSED;
  int64_t precision = template_want_integer(run, &given[0], "round", 0);
  text_span method = given[1].kind == VALUE_ABSENT ? template_span("common") : template_want_text(run, &given[1], "round");
  if (!template_is_number(self))
    template_fail(run, TENON_UNSUPPORTED, "round of a value of type %s", template_kind_name(self));
  if (template_failed(run))
    return *self;
  if (template_named(method, "common")) {
    if (self->kind == VALUE_REAL)
      return template_real(rounded(self->real, precision));
    return precision < 0 ? template_integer((int64_t)rounded((double)self->integer, precision)) : template_integer(self->integer);
  }
  double scale = pow(10, (double)precision), scaled = template_as_real(self) * scale;
  if (template_named(method, "ceil"))
    return template_real(ceil(scaled) / scale);
  if (!template_named(method, "floor"))
    template_fail(run, TENON_UNSUPPORTED, "round knows the methods common, ceil and floor");
  return template_real(floor(scaled) / scale);
}

const template_row template_number_filters[] = {
    {"abs", "", filter_abs},
    {"int", "default base", filter_int},
    {"float", "default", filter_float},
    {"round", "precision method", filter_round},
    {NULL, NULL, NULL},
};
