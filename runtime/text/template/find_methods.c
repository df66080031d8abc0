//===- find_methods.c - methods of strings that look into them ----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"

// The part of the text between two optional bounds, in characters as a slice takes them.
static text_span between(template_run *run, const template_value *self, const template_value *begin, const template_value *end) {
  if (begin->kind == VALUE_ABSENT && end->kind == VALUE_ABSENT)
    return self->string;
  const template_value bounds[3] = {*begin, *end, {.kind = VALUE_ABSENT}};
  template_value part = template_slice(run, self, bounds);
  return part.kind == VALUE_STRING ? part.string : (text_span){self->string.data, 0};
}

static bool has_affix(text_span text, text_span part, bool at_end) {
  return text.size >= part.size && template_same((text_span){at_end ? text.data + text.size - part.size : text.data, part.size}, part);
}

static template_value with_affix(template_run *run, const template_value *self, const template_value *given, bool at_end) {
  const char *what = at_end ? "endswith" : "startswith";
  text_span text = between(run, self, &given[1], &given[2]);
  if (given[0].kind != VALUE_TUPLE)
    return template_boolean(has_affix(text, template_want_text(run, &given[0], what), at_end));
  bool found = false;
  for (size_t i = 0; i < given[0].list->count && template_step(run); ++i)
    found |= has_affix(text, template_want_text(run, &given[0].list->items[i], what), at_end);
  return template_boolean(found);
}

CALLED(method_startswith) {
  UNUSED;
  return with_affix(run, self, given, false);
}

CALLED(method_endswith) {
  UNUSED;
  return with_affix(run, self, given, true);
}

// The last place of the part, as template_find.
static size_t find_last(text_span text, text_span part) {
  for (size_t at = text.size >= part.size ? text.size - part.size + 1 : 0; at-- > 0;)
    if (template_same((text_span){text.data + at, part.size}, part))
      return at;
  return SIZE_MAX;
}

static int64_t found_at(template_run *run, const template_value *self, const template_value *given, bool last) {
  text_span part = template_want_text(run, &given[0], "find"), text = between(run, self, &given[1], &given[2]);
  template_work(run, text.size / 16);
  size_t at = last ? find_last(text, part) : template_find(text, part, 0);
  if (at == SIZE_MAX || template_failed(run))
    return -1;
  return (int64_t)template_count((text_span){self->string.data, (size_t)(text.data - self->string.data) + at});
}

CALLED(method_find) {
  UNUSED;
  return template_integer(found_at(run, self, given, false));
}

CALLED(method_rfind) {
  UNUSED;
  return template_integer(found_at(run, self, given, true));
}

static template_value index_of(template_run *run, int64_t at) {
  if (at < 0)
    template_fail(run, TENON_UNSUPPORTED, "index of what is not there");
  return template_integer(at);
}

CALLED(method_index) {
  UNUSED;
  return index_of(run, found_at(run, self, given, false));
}

CALLED(method_rindex) {
  UNUSED;
  return index_of(run, found_at(run, self, given, true));
}

CALLED(method_count) {
  UNUSED;
  text_span part = template_want_text(run, &given[0], "count"), text = between(run, self, &given[1], &given[2]);
  if (!part.size)
    return template_integer((int64_t)template_count(text) + 1);
  int64_t count = 0;
  template_work(run, text.size / 16);
  for (size_t at = template_find(text, part, 0); at != SIZE_MAX && template_step(run); at = template_find(text, part, at + part.size))
    ++count;
  return template_integer(count);
}

//===----------------------------------------------------------------------===//
// Splitting
//===----------------------------------------------------------------------===//

static void add_part(template_run *run, template_value *parts, text_span text, size_t begin, size_t end) {
  template_list_add(run, parts->list, template_string((text_span){text.data + begin, end - begin}));
}

// At runs of white space, none of which is part of anything.
static template_value split_words(template_run *run, text_span text, int64_t most) {
  template_value parts = template_new_list(run, VALUE_LIST, 0);
  text = template_strip(text, NULL, STRIP_LEFT);
  while (text.size && template_step(run)) {
    size_t size = 0;
    while (size < text.size && !template_is_space(template_code_point((text_span){text.data + size, text.size - size})))
      size += template_character((text_span){text.data + size, text.size - size});
    bool last = !template_failed(run) && most >= 0 && (int64_t)parts.list->count == most;
    text_span rest = template_strip((text_span){text.data + size, text.size - size}, NULL, STRIP_LEFT);
    template_work(run, size / 16);
    add_part(run, &parts, text, 0, last ? text.size : size);
    text = last ? (text_span){text.data, 0} : rest;
  }
  return parts;
}

static void reverse(template_list *list) {
  for (size_t i = 0; i < list->count / 2; ++i) {
    template_value item = list->items[i];
    list->items[i] = list->items[list->count - 1 - i];
    list->items[list->count - 1 - i] = item;
  }
}

// The same from the end.
static template_value split_words_from_end(template_run *run, text_span text, int64_t most) {
  if (most < 0)
    return split_words(run, text, -1);
  template_value parts = template_new_list(run, VALUE_LIST, 0), words = split_words(run, text, -1);
  text = template_strip(text, NULL, STRIP_RIGHT);
  for (int64_t i = 0; i < most && text.size && !template_failed(run) && (size_t)i < words.list->count; ++i) {
    text_span word = words.list->items[words.list->count - 1 - (size_t)i].string;
    template_list_add(run, parts.list, template_string(word));
    text = template_strip((text_span){text.data, text.size - word.size}, NULL, STRIP_RIGHT);
  }
  if (template_strip(text, NULL, STRIP_LEFT).size)
    add_part(run, &parts, text, 0, text.size);
  if (!template_failed(run))
    reverse(parts.list);
  return parts;
}

static template_value split_at(template_run *run, text_span text, text_span separator, int64_t most, bool from_end) {
  template_value parts = template_new_list(run, VALUE_LIST, 0);
  if (!separator.size)
    template_fail(run, TENON_UNSUPPORTED, "a split at nothing");
  template_work(run, text.size / 16);
  size_t begin = 0, end = text.size;
  while (!template_failed(run) && (most < 0 || (int64_t)parts.list->count < most)) {
    text_span rest = {text.data + begin, end - begin};
    size_t at = from_end ? find_last(rest, separator) : template_find(rest, separator, 0);
    if (at == SIZE_MAX)
      break;
    if (from_end) {
      add_part(run, &parts, text, at + separator.size, end);
      end = at;
    } else {
      add_part(run, &parts, text, begin, begin + at);
      begin += at + separator.size;
    }
  }
  add_part(run, &parts, text, begin, end);
  if (from_end && !template_failed(run))
    reverse(parts.list);
  return parts;
}

static template_value split(template_run *run, const template_value *self, const template_value *given, bool from_end) {
  int64_t most = template_want_integer(run, &given[1], "split", -1);
  if (given[0].kind != VALUE_ABSENT && given[0].kind != VALUE_NONE)
    return split_at(run, self->string, template_want_text(run, &given[0], "split"), most, from_end);
  return from_end ? split_words_from_end(run, self->string, most) : split_words(run, self->string, most);
}

CALLED(method_split) {
  UNUSED;
  return split(run, self, given, false);
}

CALLED(method_rsplit) {
  UNUSED;
  return split(run, self, given, true);
}

CALLED(method_splitlines) {
  UNUSED;
  return template_split_lines(run, self->string, template_truth(&given[0]));
}

static template_value partition(template_run *run, const template_value *self, const template_value *given, bool last) {
  text_span text = self->string, part = template_want_text(run, &given[0], "partition");
  if (!part.size)
    template_fail(run, TENON_UNSUPPORTED, "a partition at nothing");
  size_t at = last ? find_last(text, part) : template_find(text, part, 0);
  template_value parts = template_new_list(run, VALUE_TUPLE, 3);
  bool found = at != SIZE_MAX;
  size_t first = found ? at : last ? 0 : text.size, second = found ? at + part.size : first;
  add_part(run, &parts, text, 0, first);
  add_part(run, &parts, text, first, second);
  add_part(run, &parts, text, second, text.size);
  return parts;
}

CALLED(method_partition) {
  UNUSED;
  return partition(run, self, given, false);
}

CALLED(method_rpartition) {
  UNUSED;
  return partition(run, self, given, true);
}

//===----------------------------------------------------------------------===//
// Kinds of characters
//===----------------------------------------------------------------------===//

static bool is_digit(uint32_t code_point) {
  return code_point >= '0' && code_point <= '9';
}

static bool is_alphanumeric(uint32_t code_point) {
  return template_letter(code_point) || is_digit(code_point);
}

static template_value all_are(template_run *run, text_span text, bool (*is)(uint32_t)) {
  bool all = text.size != 0;
  while (text.size && all && template_step(run)) {
    size_t size = template_character(text);
    all = is(template_code_point(text));
    text = (text_span){text.data + size, text.size - size};
  }
  return template_boolean(all);
}

CALLED(method_isdigit) {
  UNUSED;
  return all_are(run, self->string, is_digit);
}

CALLED(method_isalpha) {
  UNUSED;
  return all_are(run, self->string, template_letter);
}

CALLED(method_isalnum) {
  UNUSED;
  return all_are(run, self->string, is_alphanumeric);
}

CALLED(method_isspace) {
  UNUSED;
  return all_are(run, self->string, template_is_space);
}

CALLED(method_isupper) {
  UNUSED;
  return template_call_row(run, template_find_test(template_span("upper")), self, all);
}

CALLED(method_islower) {
  UNUSED;
  return template_call_row(run, template_find_test(template_span("lower")), self, all);
}

const template_row template_find_methods[] = {
    {"startswith", "prefix! start end", method_startswith},
    {"endswith", "suffix! start end", method_endswith},
    {"split", "sep maxsplit", method_split},
    {"rsplit", "sep maxsplit", method_rsplit},
    {"splitlines", "keepends", method_splitlines},
    {"find", "sub! start end", method_find},
    {"rfind", "sub! start end", method_rfind},
    {"index", "sub! start end", method_index},
    {"rindex", "sub! start end", method_rindex},
    {"count", "sub! start end", method_count},
    {"partition", "sep!", method_partition},
    {"rpartition", "sep!", method_rpartition},
    {"isdigit", "", method_isdigit},
    {"isnumeric", "", method_isdigit},
    {"isdecimal", "", method_isdigit},
    {"isalpha", "", method_isalpha},
    {"isalnum", "", method_isalnum},
    {"isspace", "", method_isspace},
    {"isupper", "", method_isupper},
    {"islower", "", method_islower},
    {NULL, NULL, NULL},
};
