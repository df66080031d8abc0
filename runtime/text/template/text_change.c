//===- text_change.c - what filters and methods do to text --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"

static uint32_t changed(uint32_t code_point, template_case how, bool first, bool behind_cased) {
  switch (how) {
  case CASE_UPPER:
    return template_upper(code_point);
  case CASE_LOWER:
    return template_lower(code_point);
  case CASE_CAPITAL:
    return first ? template_upper(code_point) : template_lower(code_point);
  case CASE_TITLE:
    return behind_cased ? template_lower(code_point) : template_upper(code_point);
  case CASE_SWAPPED:
    return template_upper(code_point) != code_point ? template_upper(code_point) : template_lower(code_point);
  }
  return code_point;
}

template_value template_change_case(template_run *run, text_span text, template_case how) {
  size_t begin = template_capture(run);
  bool first = true, behind_cased = false;
  while (text.size && template_step(run)) {
    size_t size = template_character(text);
    uint32_t code_point = template_code_point(text), other = changed(code_point, how, first, behind_cased);
    uint8_t bytes[4];
    if (code_point == 0xdf && changed('a', how, first, behind_cased) == 'A')
      template_put_text(run, how == CASE_CAPITAL || how == CASE_TITLE ? "Ss" : "SS"); // the sharp s has no upper case of its own
    else if (size == 1 && code_point >= 0x80)
      template_put(run, text.data, 1);
    else
      template_put(run, bytes, template_encode(other, bytes));
    first = false;
    behind_cased = template_cased(code_point);
    text = (text_span){text.data + size, text.size - size};
  }
  return template_captured(run, begin);
}

template_value template_replace(template_run *run, text_span text, text_span old, text_span made, int64_t count) {
  size_t begin = template_capture(run), at = 0;
  template_work(run, text.size / 16);
  while (count && template_step(run)) {
    size_t found = template_find(text, old, at);
    if (found == SIZE_MAX)
      break;
    template_put(run, text.data + at, found - at);
    template_put(run, made.data, made.size);
    at = found + old.size;
    if (!old.size) {
      // Nothing is found before every character and at the end.
      if (at == text.size)
        break;
      size_t size = template_character((text_span){text.data + at, text.size - at});
      template_put(run, text.data + at, size);
      at += size;
    }
    --count;
  }
  template_put(run, text.data + at, text.size - at);
  return template_captured(run, begin);
}

template_value template_padded(template_run *run, text_span text, int64_t width, text_span fill, int place) {
  int64_t count = (int64_t)template_count(text), missing = width > count ? width - count : 0;
  // Python puts the odd blank on the left where the width is odd too.
  int64_t left = place < 0 ? 0 : place > 0 ? missing : missing / 2 + (missing & width & 1);
  size_t begin = template_capture(run);
  for (int64_t i = 0; i < left && template_step(run); ++i)
    template_put(run, fill.data, fill.size);
  template_put(run, text.data, text.size);
  for (int64_t i = left; i < missing && template_step(run); ++i)
    template_put(run, fill.data, fill.size);
  return template_captured(run, begin);
}

static bool ends_line(uint32_t code_point) {
  return (code_point >= 0x0a && code_point <= 0x0d) || (code_point >= 0x1c && code_point <= 0x1e) || code_point == 0x85 ||
         code_point == 0x2028 || code_point == 0x2029;
}

template_value template_split_lines(template_run *run, text_span text, bool kept) {
  template_value lines = template_new_list(run, VALUE_LIST, 0);
  while (text.size && template_step(run)) {
    size_t at = 0, end = 0;
    for (; at < text.size && !end;) {
      text_span rest = {text.data + at, text.size - at};
      size_t size = template_character(rest);
      if (ends_line(template_code_point(rest)))
        end = size + (rest.data[0] == '\r' && rest.size > 1 && rest.data[1] == '\n');
      else
        at += size;
    }
    template_work(run, at / 16);
    template_list_add(run, lines.list, template_string((text_span){text.data, at + (kept ? end : 0)}));
    text = (text_span){text.data + at + end, text.size - at - end};
  }
  return lines;
}
