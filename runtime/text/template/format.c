//===- format.c - numbers and texts in formats --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Python's "%s %d" % (a, b), with flags, width and precision.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/run_impl.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct conversion {
  bool left, plus, space, zero;
  int width;
  int precision; /* -1: none */
  char kind;
} conversion;

static void put_padded(template_run *run, const conversion *how, text_span text, bool number) {
  size_t count = template_count(text), missing = (size_t)how->width > count ? (size_t)how->width - count : 0;
  bool zeros = number && how->zero && !how->left;
  size_t sign = zeros && text.size && (text.data[0] == '-' || text.data[0] == '+' || text.data[0] == ' ');
  template_put(run, text.data, sign);
  for (size_t i = 0; i < missing && !how->left; ++i)
    template_put(run, zeros ? "0" : " ", 1);
  template_put(run, text.data + sign, text.size - sign);
  for (size_t i = 0; i < missing && how->left; ++i)
    template_put(run, " ", 1);
}

static void put_number(template_run *run, const conversion *how, const template_value *value) {
  if (!template_is_number(value)) {
    template_fail(run, TENON_UNSUPPORTED, "%%%c expects a number, but got a value of type %s", how->kind, template_kind_name(value));
    return;
  }
  char text[512], format[16];
  const char *sign = how->plus ? "+" : how->space ? " " : "";
  int precision = how->precision < 0 ? 6 : how->precision > 100 ? 100 : how->precision, size = 0;
  if (strchr("diu", how->kind)) {
    double real = value->kind == VALUE_REAL ? value->real : 0;
    if (!(real > -9e18 && real < 9e18)) {
      template_fail(run, TENON_UNSUPPORTED, "an integer beyond 64 bits");
      return;
    }
    snprintf(format, sizeof format, "%%%s%s", sign, PRId64);
    size = snprintf(text, sizeof text, format, value->kind == VALUE_REAL ? (int64_t)real : value->integer);
  } else if (strchr("xXo", how->kind) && template_is_integer(value)) {
    uint64_t magnitude = value->integer < 0 ? 0 - (uint64_t)value->integer : (uint64_t)value->integer;
    const char *shown = value->integer < 0 ? "-" : sign;
    size = snprintf(text, sizeof text, how->kind == 'x' ? "%s%" PRIx64 : how->kind == 'X' ? "%s%" PRIX64 : "%s%" PRIo64, shown, magnitude);
  } else {
    snprintf(format, sizeof format, "%%%s.*%c", sign, how->kind);
    size = snprintf(text, sizeof text, format, precision, template_as_real(value));
  }
  put_padded(run, how, (text_span){(const uint8_t *)text, (size_t)size}, true);
}

static void put_text(template_run *run, const conversion *how, const template_value *value) {
  text_span text = {NULL, 0};
  if (how->kind == 'r') {
    size_t begin = template_capture(run);
    template_write_repr(run, value);
    text = template_captured(run, begin).string;
  } else {
    text = template_text(run, value);
  }
  if (how->precision >= 0)
    text.size = template_offset(text, (size_t)how->precision);
  put_padded(run, how, text, false);
}

static int read_digits(text_span format, size_t *at) {
  int value = 0;
  for (; *at < format.size && format.data[*at] >= '0' && format.data[*at] <= '9'; ++*at)
    value = value < 100000 ? 10 * value + (format.data[*at] - '0') : value;
  return value;
}

// Behind the percent sign and a name in parentheses.
static conversion read_conversion(text_span format, size_t *at) {
  conversion how = {.precision = -1};
  for (; *at < format.size && format.data[*at] && strchr("-+ 0#", format.data[*at]); ++*at) {
    how.left |= format.data[*at] == '-';
    how.plus |= format.data[*at] == '+';
    how.space |= format.data[*at] == ' ';
    how.zero |= format.data[*at] == '0';
  }
  how.width = read_digits(format, at);
  if (*at < format.size && format.data[*at] == '.') {
    ++*at;
    how.precision = read_digits(format, at);
  }
  if (*at < format.size)
    how.kind = (char)format.data[(*at)++];
  return how;
}

// The value that comes next, or the one that is named.
static const template_value *next_value(template_run *run, text_span format, size_t *at, const template_value *arguments, size_t *used) {
  static const template_value none = {.kind = VALUE_NONE};
  if (*at < format.size && format.data[*at] == '(') {
    size_t end = template_find(format, template_span(")"), *at);
    if (end == SIZE_MAX || arguments->kind != VALUE_DICT) {
      template_fail(run, TENON_UNSUPPORTED, "a format with names expects a dict");
      return &none;
    }
    template_value key = template_string((text_span){format.data + *at + 1, end - *at - 1});
    const template_value *found = template_dict_get(run, arguments->dict, &key);
    *at = end + 1;
    *used = SIZE_MAX;
    if (!found)
      template_fail(run, TENON_UNSUPPORTED, "a format names '%.*s', which is not there", (int)key.string.size,
                    (const char *)key.string.data);
    return found ? found : &none;
  }
  if (arguments->kind == VALUE_TUPLE && *used < arguments->list->count)
    return &arguments->list->items[(*used)++];
  if (arguments->kind != VALUE_TUPLE && *used == 0) {
    ++*used;
    return arguments;
  }
  template_fail(run, TENON_UNSUPPORTED, "a format with more conversions than values");
  return &none;
}

static void convert(template_run *run, text_span format, size_t *at, const template_value *arguments, size_t *used) {
  if (*at < format.size && format.data[*at] == '%') {
    ++*at;
    template_put(run, "%", 1);
    return;
  }
  size_t named = *at < format.size && format.data[*at] == '(' ? template_find(format, template_span(")"), *at) : SIZE_MAX;
  size_t from = named == SIZE_MAX ? *at : named + 1;
  conversion how = read_conversion(format, &from);
  if (!how.kind || !strchr("srdiuxXoeEfFgG", how.kind)) {
    template_fail(run, TENON_UNSUPPORTED, "an unknown conversion in a format: '%%%c'", how.kind ? how.kind : ' ');
    return;
  }
  const template_value *value = next_value(run, format, at, arguments, used);
  *at = from;
  if (how.kind == 's' || how.kind == 'r')
    put_text(run, &how, value);
  else
    put_number(run, &how, value);
}

template_value template_percent(template_run *run, text_span format, const template_value *arguments) {
  size_t begin = template_capture(run), used = 0;
  for (size_t at = 0; at < format.size && template_step(run);) {
    const uint8_t *sign = memchr(format.data + at, '%', format.size - at);
    size_t end = sign ? (size_t)(sign - format.data) : format.size;
    template_put(run, format.data + at, end - at);
    at = end;
    if (!sign)
      break;
    ++at;
    convert(run, format, &at, arguments, &used);
  }
  size_t given = arguments->kind == VALUE_TUPLE ? arguments->list->count : arguments->kind == VALUE_DICT ? 0 : 1;
  if (used < given)
    template_fail(run, TENON_UNSUPPORTED, "a format with fewer conversions than values");
  return template_captured(run, begin);
}
