//===- string_methods.c - methods of strings that make text -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"

static template_value stripped(template_run *run, const template_value *self, const template_value *given, int sides) {
  text_span set;
  bool all = given[0].kind == VALUE_ABSENT || given[0].kind == VALUE_NONE;
  if (!all)
    set = template_want_text(run, &given[0], "strip");
  template_work(run, self->string.size / 16);
  return template_string(template_strip(self->string, all ? NULL : &set, sides));
}

CALLED(method_strip) {
  UNUSED;
  return stripped(run, self, given, STRIP_LEFT | STRIP_RIGHT);
}

CALLED(method_lstrip) {
  UNUSED;
  return stripped(run, self, given, STRIP_LEFT);
}

CALLED(method_rstrip) {
  UNUSED;
  return stripped(run, self, given, STRIP_RIGHT);
}

CALLED(method_upper) {
  UNUSED;
  return template_change_case(run, self->string, CASE_UPPER);
}

CALLED(method_lower) {
  UNUSED;
  return template_change_case(run, self->string, CASE_LOWER);
}

CALLED(method_capitalize) {
  UNUSED;
  return template_change_case(run, self->string, CASE_CAPITAL);
}

CALLED(method_title) {
  UNUSED;
  return template_change_case(run, self->string, CASE_TITLE);
}

CALLED(method_swapcase) {
  UNUSED;
  return template_change_case(run, self->string, CASE_SWAPPED);
}

CALLED(method_replace) {
  UNUSED;
  return template_replace(run, self->string, template_want_text(run, &given[0], "replace"), template_want_text(run, &given[1], "replace"),
                          template_want_integer(run, &given[2], "replace", -1));
}

CALLED(method_join) {
  UNUSED;
  const template_list *items = template_items(run, &given[0]);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i)
    template_want_text(run, &items->items[i], "join of a string");
  return template_failed(run) ? *self : template_join(run, self->string, items);
}

static text_span fill_of(template_run *run, const template_value *given) {
  text_span fill = given->kind == VALUE_ABSENT ? template_span(" ") : template_want_text(run, given, "the fill");
  if (template_count(fill) != 1)
    template_fail(run, TENON_UNSUPPORTED, "a fill is one character");
  return fill;
}

CALLED(method_ljust) {
  UNUSED;
  return template_padded(run, self->string, template_want_integer(run, &given[0], "ljust", 0), fill_of(run, &given[1]), -1);
}

CALLED(method_rjust) {
  UNUSED;
  return template_padded(run, self->string, template_want_integer(run, &given[0], "rjust", 0), fill_of(run, &given[1]), 1);
}

CALLED(method_center) {
  UNUSED;
  return template_padded(run, self->string, template_want_integer(run, &given[0], "center", 0), fill_of(run, &given[1]), 0);
}

CALLED(method_zfill) {
  UNUSED;
  text_span text = self->string;
  int64_t width = template_want_integer(run, &given[0], "zfill", 0);
  size_t sign = text.size && (text.data[0] == '-' || text.data[0] == '+');
  template_value digits =
      template_padded(run, (text_span){text.data + sign, text.size - sign}, width - (int64_t)sign, template_span("0"), 1);
  template_value signs = template_string((text_span){text.data, sign});
  return template_joined(run, &signs, digits.string);
}

CALLED(method_removeprefix) {
  UNUSED;
  text_span part = template_want_text(run, &given[0], "removeprefix"), text = self->string;
  bool found = text.size >= part.size && template_same((text_span){text.data, part.size}, part);
  return template_string(found ? (text_span){text.data + part.size, text.size - part.size} : text);
}

CALLED(method_removesuffix) {
  UNUSED;
  text_span part = template_want_text(run, &given[0], "removesuffix"), text = self->string;
  bool found = text.size >= part.size && template_same((text_span){text.data + text.size - part.size, part.size}, part);
  return template_string(found ? (text_span){text.data, text.size - part.size} : text);
}

//===----------------------------------------------------------------------===//
// format
//===----------------------------------------------------------------------===//

// The value of the field between braces: {}, {0} or {name}.
static const template_value *field_value(template_run *run, text_span field, const template_arguments *all, size_t *next) {
  static const template_value none = {.kind = VALUE_NONE};
  size_t place = field.size ? 0 : (*next)++;
  bool digits = true;
  for (size_t i = 0; i < field.size && digits; ++i) {
    digits = field.data[i] >= '0' && field.data[i] <= '9' && i < 6;
    place = 10 * place + (size_t)(field.data[i] - '0');
  }
  if (digits && place < all->count)
    return &all->positional[place];
  for (size_t i = 0; i < all->named_count; ++i)
    if (template_same(all->named[i].name, field))
      return &all->named[i].value;
  template_fail(run, TENON_UNSUPPORTED, "a format's field '{%.*s}' has no value, or a form that is not supported",
                field.size > 60 ? 60 : (int)field.size, (const char *)field.data);
  return &none;
}

CALLED(method_format) {
  UNUSED;
  text_span text = self->string;
  size_t begin = template_capture(run), next = 0;
  for (size_t at = 0; at < text.size && template_step(run);) {
    uint8_t byte = text.data[at];
    if (byte != '{' && byte != '}') {
      template_put(run, &byte, 1);
      ++at;
    } else if (at + 1 < text.size && text.data[at + 1] == byte) {
      template_put(run, &byte, 1);
      at += 2;
    } else {
      size_t end = byte == '{' ? template_find(text, template_span("}"), at) : SIZE_MAX;
      if (end == SIZE_MAX) {
        template_fail(run, TENON_UNSUPPORTED, "a format with a single brace");
        break;
      }
      template_write(run, field_value(run, (text_span){text.data + at + 1, end - at - 1}, all, &next));
      at = end + 1;
    }
  }
  return template_captured(run, begin);
}

const template_row template_string_methods[] = {
    {"strip", "chars", method_strip},
    {"lstrip", "chars", method_lstrip},
    {"rstrip", "chars", method_rstrip},
    {"upper", "", method_upper},
    {"lower", "", method_lower},
    {"casefold", "", method_lower},
    {"capitalize", "", method_capitalize},
    {"title", "", method_title},
    {"swapcase", "", method_swapcase},
    {"replace", "old! new! count", method_replace},
    {"join", "iterable!", method_join},
    {"ljust", "width! fillchar", method_ljust},
    {"rjust", "width! fillchar", method_rjust},
    {"center", "width! fillchar", method_center},
    {"zfill", "width!", method_zfill},
    {"removeprefix", "prefix!", method_removeprefix},
    {"removesuffix", "suffix!", method_removesuffix},
    {"format", "*", method_format},
    {NULL, NULL, NULL},
};
