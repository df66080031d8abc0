//===- json_write.c - values as json.dumps writes them ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/json_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void write_character(template_run *run, uint32_t code_point) {
  char text[16];
  if (code_point < 0x10000)
    snprintf(text, sizeof text, "\\u%04x", code_point);
  else
    snprintf(text, sizeof text, "\\u%04x\\u%04x", 0xd800 + ((code_point - 0x10000) >> 10), 0xdc00 + ((code_point - 0x10000) & 0x3ff));
  template_put_text(run, text);
}

static void write_string(template_run *run, const json_style *style, text_span text) {
  static const char plain[] = "\"\\\n\r\t\f\b", written[] = "\"\\nrtfb";
  template_put_text(run, "\"");
  size_t begin = 0, at = 0;
  while (at < text.size && template_step(run)) {
    text_span rest = {text.data + at, text.size - at};
    const size_t size = template_character(rest);
    const uint32_t code_point = template_code_point(rest);
    const char *known = code_point && code_point < 0x80 ? strchr(plain, (int)code_point) : NULL;
    bool escaped = known || code_point < 0x20 || (style->ascii && code_point >= 0x80);
    if (escaped) {
      template_put(run, text.data + begin, at - begin);
      begin = at + size;
    }
    if (known)
      template_put(run, (const char[]){'\\', written[known - plain]}, 2);
    else if (escaped)
      write_character(run, code_point);
    at += size;
  }
  template_put(run, text.data + begin, at - begin);
  template_put_text(run, "\"");
}

static void write_line(template_run *run, const json_style *style, int level) {
  if (!style->indented)
    return;
  template_put_text(run, "\n");
  for (int i = 0; i < level; ++i)
    template_put(run, style->indent.data, style->indent.size);
}

static void write_scalar(template_run *run, const json_style *style, const template_value *value) {
  if (value->kind == VALUE_STRING)
    write_string(run, style, value->string);
  else if (value->kind == VALUE_NONE)
    template_put_text(run, "null");
  else if (value->kind == VALUE_BOOLEAN)
    template_put_text(run, value->integer ? "true" : "false");
  else if (value->kind == VALUE_REAL && !isfinite(value->real))
    template_put_text(run, isnan(value->real) ? "NaN" : value->real < 0 ? "-Infinity" : "Infinity");
  else if (value->kind == VALUE_INTEGER || value->kind == VALUE_REAL || value->kind == VALUE_LONG)
    template_write(run, value);
  else
    template_fail(run, TENON_UNSUPPORTED, "tojson of a value of type %s", template_kind_name(value));
}

// Keys are strings; numbers and words become them.
static void write_key(template_run *run, const json_style *style, const template_value *key) {
  bool quoted = key->kind != VALUE_STRING;
  if (quoted)
    template_put_text(run, "\"");
  write_scalar(run, style, key);
  if (quoted)
    template_put_text(run, "\"");
}

static void write_list(template_run *run, const json_style *style, const template_list *list, int level) {
  template_put_text(run, "[");
  for (size_t i = 0; i < list->count && template_step(run); ++i) {
    if (i)
      template_put(run, style->between.data, style->between.size);
    write_line(run, style, level + 1);
    template_write_json(run, style, &list->items[i], level + 1);
  }
  if (list->count)
    write_line(run, style, level);
  template_put_text(run, "]");
}

// The entries in the order of their keys, as a list of places: insertion into what is sorted.
static size_t *sorted_keys(template_run *run, const template_dict *dict) {
  size_t *order = template_allocate(run, dict->count + 1, sizeof *order);
  for (size_t i = 0; order && i < dict->count && !template_failed(run); ++i) {
    size_t at = i;
    for (; at && template_step(run) && template_order(run, &dict->entries[i].key, &dict->entries[order[at - 1]].key, "<") < 0; --at)
      order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

static void write_dict(template_run *run, const json_style *style, const template_dict *dict, int level) {
  size_t *order = style->sorted ? sorted_keys(run, dict) : NULL;
  template_put_text(run, "{");
  for (size_t i = 0; i < dict->count && template_step(run); ++i) {
    const template_entry *entry = &dict->entries[order ? order[i] : i];
    if (i)
      template_put(run, style->between.data, style->between.size);
    write_line(run, style, level + 1);
    write_key(run, style, &entry->key);
    template_put(run, style->behind_key.data, style->behind_key.size);
    template_write_json(run, style, &entry->value, level + 1);
  }
  if (dict->count)
    write_line(run, style, level);
  template_put_text(run, "}");
}

void template_write_json(template_run *run, const json_style *style, const template_value *value, int level) {
  if (template_deeper(run)) {
    if (template_is_sequence(value))
      write_list(run, style, value->list, level);
    else if (value->kind == VALUE_DICT)
      write_dict(run, style, value->dict, level);
    else
      write_scalar(run, style, value);
  }
  template_leave(run);
}

text_span template_json(template_run *run, const template_value *value) {
  const json_style style = {.between = template_span(", "), .behind_key = template_span(": ")};
  size_t begin = template_capture(run);
  template_write_json(run, &style, value, 0);
  return template_captured(run, begin).string;
}
