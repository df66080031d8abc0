//===- text_filters.c - filters of text ---------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"
#include "tenon/runtime/text/template/json_impl.h"
#include "tenon/runtime/text/template/tree_impl.h"

CALLED(filter_string) {
  UNUSED;
  return self->kind == VALUE_STRING ? *self : template_string(template_text(run, self));
}

CALLED(filter_upper) {
  UNUSED;
  return template_change_case(run, template_text(run, self), CASE_UPPER);
}

CALLED(filter_lower) {
  UNUSED;
  return template_change_case(run, template_text(run, self), CASE_LOWER);
}

CALLED(filter_capitalize) {
  UNUSED;
  return template_change_case(run, template_text(run, self), CASE_CAPITAL);
}

// Words begin behind white space, hyphens and opening brackets.
CALLED(filter_title) {
  UNUSED;
  text_span text = template_text(run, self);
  size_t begin = template_capture(run);
  while (text.size && template_step(run)) {
    size_t end = 0;
    bool separator = false;
    for (size_t at = 0; at <= text.size; end = at) {
      text_span rest = {text.data + at, text.size - at};
      bool separates = rest.size && (template_is_space(template_code_point(rest)) || strchr("-({[<", rest.data[0]) != NULL);
      if (!rest.size || (at && separates != separator))
        break;
      separator = separates;
      at += template_character(rest);
    }
    template_value word = template_change_case(run, (text_span){text.data, end}, CASE_CAPITAL);
    template_put(run, word.string.data, word.string.size);
    text = (text_span){text.data + end, text.size - end};
  }
  return template_captured(run, begin);
}

CALLED(filter_trim) {
  UNUSED;
  text_span text = template_text(run, self), set;
  if (given[0].kind == VALUE_STRING)
    set = given[0].string;
  template_work(run, text.size / 16);
  return template_string(template_strip(text, given[0].kind == VALUE_STRING ? &set : NULL, STRIP_LEFT | STRIP_RIGHT));
}

CALLED(filter_replace) {
  UNUSED;
  int64_t count = given[2].kind == VALUE_NONE ? -1 : template_want_integer(run, &given[2], "replace", -1);
  return template_replace(run, template_text(run, self), template_text(run, &given[0]), template_text(run, &given[1]), count);
}

CALLED(filter_safe) {
  UNUSED;
  template_value text = filter_string(run, self, given, all);
  text.flags |= VALUE_SAFE;
  return text;
}

CALLED(filter_forceescape) {
  UNUSED;
  static const struct {
    char plain;
    const char *written;
  } characters[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\'', "&#39;"}, {'"', "&#34;"}};
  text_span text = template_text(run, self);
  size_t begin = template_capture(run);
  for (size_t i = 0; i < text.size && template_step(run); ++i) {
    const char *written = NULL;
    for (size_t k = 0; k < sizeof characters / sizeof *characters; ++k)
      if ((char)text.data[i] == characters[k].plain)
        written = characters[k].written;
    template_put(run, written ? (const void *)written : &text.data[i], written ? strlen(written) : 1);
  }
  template_value escaped = template_captured(run, begin);
  escaped.flags |= VALUE_SAFE;
  return escaped;
}

CALLED(filter_escape) {
  UNUSED;
  return self->kind == VALUE_STRING && self->flags & VALUE_SAFE ? *self : filter_forceescape(run, self, given, all);
}

CALLED(filter_format) {
  UNUSED;
  text_span format = template_text(run, self);
  template_value values = template_new_list(run, VALUE_TUPLE, 0);
  if (template_failed(run))
    return values;
  if (all->named_count) {
    values = template_new_dict(run, VALUE_DICT);
    for (size_t i = 0; i < all->named_count && !template_failed(run); ++i)
      template_dict_set(run, values.dict, template_string(all->named[i].name), all->named[i].value);
  }
  for (size_t i = 0; i < all->count && values.kind == VALUE_TUPLE; ++i)
    template_list_add(run, values.list, all->positional[i]);
  return template_failed(run) ? values : template_percent(run, format, &values);
}

CALLED(filter_center) {
  UNUSED;
  return template_padded(run, template_text(run, self), template_want_integer(run, &given[0], "center", 80), template_span(" "), 0);
}

CALLED(filter_indent) {
  UNUSED;
  text_span text = template_want_text(run, self, "indent"), blanks = given[0].kind == VALUE_STRING ? given[0].string : template_span("");
  template_value space = template_literal(" ");
  if (given[0].kind != VALUE_STRING) {
    template_value width = template_integer(template_want_integer(run, &given[0], "indent", 4)), one = space;
    space = template_operate(run, SYMBOL_MULTIPLY, &one, &width);
    blanks = space.string;
  }
  template_value ended = template_string(text), lines;
  ended = template_joined(run, &ended, template_span("\n"));
  lines = template_split_lines(run, ended.string, false);
  size_t begin = template_capture(run);
  for (size_t i = 0; !template_failed(run) && i < lines.list->count; ++i) {
    text_span line = lines.list->items[i].string;
    if (i)
      template_put_text(run, "\n");
    if (i ? template_truth(&given[2]) || line.size : template_truth(&given[1]))
      template_put(run, blanks.data, blanks.size);
    template_put(run, line.data, line.size);
  }
  return template_captured(run, begin);
}

CALLED(filter_truncate) {
  UNUSED;
  text_span text = template_want_text(run, self, "truncate"), end = template_span("...");
  if (given[2].kind != VALUE_ABSENT)
    end = template_want_text(run, &given[2], "truncate");
  int64_t length = template_want_integer(run, &given[0], "truncate", 255), shown = (int64_t)template_count(end);
  int64_t leeway = given[3].kind == VALUE_NONE ? 5 : template_want_integer(run, &given[3], "truncate", 5);
  if (length < shown || leeway < 0)
    template_fail(run, TENON_UNSUPPORTED, "truncate expects a length of at least its end's");
  if (template_failed(run) || (int64_t)template_count(text) - leeway <= length)
    return *self;
  template_value kept = template_string((text_span){text.data, template_offset(text, (size_t)(length - shown))});
  if (!template_truth(&given[1]))
    for (size_t at = kept.string.size; at-- > 0;)
      if (kept.string.data[at] == ' ') {
        kept.string.size = at;
        break;
      }
  return template_joined(run, &kept, end);
}

// A word is letters, digits and underscores.
CALLED(filter_wordcount) {
  UNUSED;
  text_span text = template_text(run, self);
  int64_t count = 0;
  bool within = false;
  while (text.size && template_step(run)) {
    uint32_t code_point = template_code_point(text);
    size_t size = template_character(text);
    bool word = template_letter(code_point) || (code_point >= '0' && code_point <= '9') || code_point == '_';
    count += word && !within;
    within = word;
    text = (text_span){text.data + size, text.size - size};
  }
  return template_integer(count);
}

CALLED(filter_urlencode) {
  UNUSED;
  text_span text = template_text(run, self);
  size_t begin = template_capture(run);
  for (size_t i = 0; i < text.size && template_step(run); ++i) {
    uint8_t byte = text.data[i];
    static const char digits[] = "0123456789ABCDEF";
    bool plain =
        (byte >= '0' && byte <= '9') || (byte && strchr("_.-~/", byte)) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80);
    template_put(run, plain ? (const char[]){(char)byte} : (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, plain ? 1 : 3);
  }
  return template_captured(run, begin);
}

// json.dumps; its separators are a pair.
CALLED(filter_tojson) {
  UNUSED;
  const template_value *indent = &given[1], *separators = &given[2];
  json_style style = {.ascii = template_truth(&given[0]), .sorted = template_truth(&given[3])};
  style.indented = indent->kind != VALUE_ABSENT && indent->kind != VALUE_NONE;
  style.between = template_span(style.indented ? "," : ", ");
  style.behind_key = template_span(": ");
  if (indent->kind == VALUE_STRING)
    style.indent = indent->string;
  else if (style.indented) {
    template_value width = template_integer(template_want_integer(run, indent, "tojson", 0)), one = template_literal(" ");
    style.indent = template_operate(run, SYMBOL_MULTIPLY, &one, &width).string;
  }
  if (template_is_sequence(separators) && separators->list->count == 2) {
    style.between = template_want_text(run, &separators->list->items[0], "tojson");
    style.behind_key = template_want_text(run, &separators->list->items[1], "tojson");
  } else if (separators->kind != VALUE_ABSENT && separators->kind != VALUE_NONE) {
    template_fail(run, TENON_UNSUPPORTED, "the separators of tojson are two strings");
  }
  size_t begin = template_capture(run);
  template_write_json(run, &style, self, 0);
  return template_captured(run, begin);
}

const template_row template_text_filters[] = {
    {"string", "", filter_string},
    {"upper", "", filter_upper},
    {"lower", "", filter_lower},
    {"capitalize", "", filter_capitalize},
    {"title", "", filter_title},
    {"trim", "chars", filter_trim},
    {"replace", "old! new! count", filter_replace},
    {"safe", "", filter_safe},
    {"escape", "", filter_escape},
    {"e", "", filter_escape},
    {"forceescape", "", filter_forceescape},
    {"format", "*", filter_format},
    {"center", "width", filter_center},
    {"indent", "width first blank", filter_indent},
    {"truncate", "length killwords end leeway", filter_truncate},
    {"wordcount", "", filter_wordcount},
    {"urlencode", "", filter_urlencode},
    {"tojson", "ensure_ascii indent separators sort_keys", filter_tojson},
    {NULL, NULL, NULL},
};
