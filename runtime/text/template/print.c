//===- print.c - values as Python prints them ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/run_impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// Digits behind one another, the point behind the first of them if there are more: the exponent's digits of %e are taken apart.
static size_t write_fixed(const char *digits, int count, int exponent, bool negative, char *text) {
  size_t size = 0;
  if (negative)
    text[size++] = '-';
  for (int place = exponent < 0 ? 0 : exponent; place >= exponent - count + 1 || place >= -1; --place) {
    if (place == -1)
      text[size++] = '.';
    int at = exponent - place;
    text[size++] = at >= 0 && at < count ? digits[at] : '0';
  }
  text[size] = 0;
  return size;
}

size_t template_real_text(double number, char *text) {
  if (isnan(number) || isinf(number))
    return (size_t)snprintf(text, 32, "%s", isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
  char scientific[40], digits[24];
  int precision = 0;
  do
    snprintf(scientific, sizeof scientific, "%.*e", precision, number);
  while (strtod(scientific, NULL) != number && ++precision < 17);
  const char *mark = strchr(scientific, 'e');
  int exponent = atoi(mark + 1), count = 0;
  for (const char *at = scientific; at < mark; ++at)
    if (*at >= '0' && *at <= '9')
      digits[count++] = *at;
  if (exponent < -4 || exponent >= 16)
    return (size_t)snprintf(text, 32, "%s", scientific);
  return write_fixed(digits, count, exponent, scientific[0] == '-', text);
}

static void write_escape(template_run *run, uint32_t code_point) {
  char text[16];
  snprintf(text, sizeof text, code_point < 0x100 ? "\\x%02x" : code_point < 0x10000 ? "\\u%04x" : "\\U%08x", code_point);
  template_put_text(run, text);
}

static void write_quoted(template_run *run, text_span text) {
  bool single = memchr(text.data ? (const void *)text.data : "", '\'', text.size) != NULL;
  bool both = single && memchr(text.data, '"', text.size) != NULL;
  const char quote = single && !both ? '"' : '\'';
  template_put(run, &quote, 1);
  while (text.size && template_step(run)) {
    size_t size = template_character(text);
    uint32_t code_point = template_code_point(text);
    const char escape[3] = {'\\', code_point == '\n' ? 'n' : code_point == '\r' ? 'r' : code_point == '\t' ? 't' : (char)code_point, 0};
    if (code_point == '\n' || code_point == '\r' || code_point == '\t' || code_point == '\\' || (code_point == '\'' && quote == '\''))
      template_put(run, escape, 2);
    else if (size == 1 && code_point >= 0x80)
      template_put(run, text.data, 1); // not UTF-8: as it is
    else if (!template_printable(code_point))
      write_escape(run, code_point);
    else
      template_put(run, text.data, size);
    text = (text_span){text.data + size, text.size - size};
  }
  template_put(run, &quote, 1);
}

static void write_items(template_run *run, const template_list *list) {
  for (size_t i = 0; i < list->count && template_step(run); ++i) {
    if (i)
      template_put_text(run, ", ");
    template_write_repr(run, &list->items[i]);
  }
}

static void write_list(template_run *run, const template_value *value) {
  const template_list *list = value->list;
  if (value->kind == VALUE_VIEW) {
    template_put_text(run, list->name);
    template_put_text(run, "(");
  }
  template_put_text(run, value->kind == VALUE_TUPLE ? "(" : "[");
  write_items(run, list);
  template_put_text(run, value->kind == VALUE_TUPLE ? list->count == 1 ? ",)" : ")" : "]");
  if (value->kind == VALUE_VIEW)
    template_put_text(run, ")");
}

static void write_dict(template_run *run, const template_dict *dict) {
  template_put_text(run, "{");
  for (size_t i = 0; i < dict->count && template_step(run); ++i) {
    if (i)
      template_put_text(run, ", ");
    template_write_repr(run, &dict->entries[i].key);
    template_put_text(run, ": ");
    template_write_repr(run, &dict->entries[i].value);
  }
  template_put_text(run, "}");
}

static void write_range(template_run *run, const template_range *range) {
  char text[80];
  bool plain = range->step == 1;
  snprintf(text, sizeof text, plain ? "range(%" PRId64 ", %" PRId64 ")" : "range(%" PRId64 ", %" PRId64 ", %" PRId64 ")", range->start,
           range->stop, range->step);
  template_put_text(run, text);
}

static void write_number(template_run *run, const template_value *value) {
  char text[40];
  if (value->kind == VALUE_REAL)
    template_real_text(value->real, text);
  else
    snprintf(text, sizeof text, "%" PRId64, value->integer);
  template_put_text(run, text);
}

void template_write_repr(template_run *run, const template_value *value) {
  if (!template_deeper(run)) {
    template_leave(run);
    return;
  }
  switch ((template_kind)value->kind) {
  case VALUE_NONE:
    template_put_text(run, "None");
    break;
  case VALUE_BOOLEAN:
    template_put_text(run, value->integer ? "True" : "False");
    break;
  case VALUE_INTEGER:
  case VALUE_REAL:
    write_number(run, value);
    break;
  case VALUE_LONG:
    template_put(run, value->string.data, value->string.size);
    break;
  case VALUE_STRING:
    write_quoted(run, value->string);
    break;
  case VALUE_LIST:
  case VALUE_TUPLE:
  case VALUE_VIEW:
    write_list(run, value);
    break;
  case VALUE_DICT:
    write_dict(run, value->dict);
    break;
  case VALUE_RANGE:
    write_range(run, value->range);
    break;
  case VALUE_UNDEFINED:
    template_put_text(run, "Undefined");
    break;
  default:
    template_fail(run, TENON_UNSUPPORTED, "a value of type %s cannot be printed", template_kind_name(value));
  }
  template_leave(run);
}

void template_write(template_run *run, const template_value *value) {
  if (value->kind == VALUE_STRING)
    template_put(run, value->string.data, value->string.size);
  else if (value->kind == VALUE_UNDEFINED && value->flags & VALUE_UNSAFE)
    template_fail(run, TENON_UNSUPPORTED, "the sandbox forbids '%.*s'", (int)value->string.size, (const char *)value->string.data);
  else if (value->kind != VALUE_UNDEFINED)
    template_write_repr(run, value);
}

text_span template_text(template_run *run, const template_value *value) {
  if (value->kind == VALUE_STRING)
    return value->string;
  size_t begin = template_capture(run);
  template_write(run, value);
  return template_captured(run, begin).string;
}
