//===- characters.c - text as characters --------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strings are UTF-8; what is not is taken byte by byte. Python counts and cuts by character, so that is what happens here.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/run_impl.h"

typedef struct case_run {
  uint32_t first;
  uint16_t count;
  uint16_t step;
  int32_t distance;
} case_run;

#include "tenon/runtime/text/template/case_table.h"

size_t template_character(text_span text) {
  size_t size = text_character(text.data, text.size);
  return size ? size : 1;
}

uint32_t template_code_point(text_span text) {
  size_t size = text_character(text.data, text.size);
  if (size < 2)
    return text.data[0];
  uint32_t value = text.data[0] & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i)
    value = value << 6 | (text.data[i] & 0x3f);
  return value;
}

size_t template_encode(uint32_t code_point, uint8_t bytes[4]) {
  static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  size_t size = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  for (size_t i = size; i-- > 1; code_point >>= 6)
    bytes[i] = (uint8_t)(0x80 | (code_point & 0x3f));
  bytes[0] = (uint8_t)(lead[size] | code_point);
  return size;
}

size_t template_count(text_span text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size; ++count)
    at += text.data[at] < 0x80 ? 1 : template_character((text_span){text.data + at, text.size - at});
  return count;
}

size_t template_offset(text_span text, size_t character) {
  size_t at = 0;
  for (; character && at < text.size; --character)
    at += text.data[at] < 0x80 ? 1 : template_character((text_span){text.data + at, text.size - at});
  return at;
}

//===----------------------------------------------------------------------===//
// Kinds of characters
//===----------------------------------------------------------------------===//

bool template_is_space(uint32_t code_point) {
  return (code_point >= 0x09 && code_point <= 0x0d) || (code_point >= 0x1c && code_point <= 0x20) || code_point == 0x85 ||
         code_point == 0xa0 || code_point == 0x1680 || (code_point >= 0x2000 && code_point <= 0x200a) || code_point == 0x2028 ||
         code_point == 0x2029 || code_point == 0x202f || code_point == 0x205f || code_point == 0x3000;
}

// What repr() writes as it is: all but controls, formats, spaces other than the common one, and private characters.
bool template_printable(uint32_t code_point) {
  static const uint32_t hidden[][2] = {
      {0, 0x1f},        {0x7f, 0xa0},     {0xad, 0xad},     {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},      {0x70f, 0x70f},
      {0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200f}, {0x2028, 0x202f},   {0x205f, 0x206f},   {0x3000, 0x3000},    {0xd800, 0xf8ff},
      {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff},
  };
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; ++i)
    if (code_point >= hidden[i][0] && code_point <= hidden[i][1])
      return false;
  return true;
}

static uint32_t other_case(const case_run *runs, size_t count, uint32_t code_point) {
  size_t low = 0;
  while (low < count) {
    size_t middle = (low + count) / 2;
    if (runs[middle].first <= code_point)
      low = middle + 1;
    else
      count = middle;
  }
  if (!low)
    return code_point;
  // A run of every second character may have another one within it.
  for (size_t back = 1; back <= 2 && back <= low; ++back) {
    const case_run *run = &runs[low - back];
    uint32_t from = code_point - run->first;
    if (from % run->step == 0 && from / run->step < run->count)
      return (uint32_t)((int32_t)code_point + run->distance);
  }
  return code_point;
}

uint32_t template_upper(uint32_t code_point) {
  if (code_point < 0x80)
    return code_point >= 'a' && code_point <= 'z' ? code_point - 32 : code_point;
  return other_case(upper_runs, sizeof upper_runs / sizeof *upper_runs, code_point);
}

uint32_t template_lower(uint32_t code_point) {
  if (code_point < 0x80)
    return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
  return other_case(lower_runs, sizeof lower_runs / sizeof *lower_runs, code_point);
}

bool template_cased(uint32_t code_point) {
  return template_upper(code_point) != code_point || template_lower(code_point) != code_point || code_point == 0xdf;
}

// Beyond ASCII whatever prints, is no space and stands outside the blocks of punctuation and symbols.
bool template_letter(uint32_t code_point) {
  if (code_point < 0x80)
    return template_cased(code_point);
  bool symbol = code_point < 0xc0 ? code_point != 0xaa && code_point != 0xb5 && code_point != 0xba
                                  : code_point == 0xd7 || code_point == 0xf7 || (code_point >= 0x2000 && code_point < 0x2c00) ||
                                        (code_point >= 0x3001 && code_point < 0x3005) || (code_point >= 0x3008 && code_point < 0x3031) ||
                                        (code_point >= 0xff00 && code_point < 0xff21) || (code_point >= 0x1f000 && code_point < 0x20000);
  return !symbol && template_printable(code_point);
}

//===----------------------------------------------------------------------===//
// Ends and parts
//===----------------------------------------------------------------------===//

static bool strips(text_span character, const text_span *set) {
  return set ? template_find(*set, character, 0) != SIZE_MAX : template_is_space(template_code_point(character));
}

// The last character; bytes that are not part of one stand alone.
static text_span last_character(text_span text) {
  for (size_t size = 2; size <= 4 && size <= text.size; ++size) {
    text_span end = {text.data + text.size - size, size};
    if (text_character(end.data, end.size) == size)
      return end;
  }
  return (text_span){text.data + text.size - 1, 1};
}

text_span template_strip(text_span text, const text_span *set, int sides) {
  while (sides & STRIP_LEFT && text.size) {
    size_t size = template_character(text);
    if (!strips((text_span){text.data, size}, set))
      break;
    text = (text_span){text.data + size, text.size - size};
  }
  while (sides & STRIP_RIGHT && text.size) {
    text_span last = last_character(text);
    if (!strips(last, set))
      break;
    text.size -= last.size;
  }
  return text;
}

size_t template_find(text_span text, text_span part, size_t from) {
  if (!part.size)
    return from <= text.size ? from : SIZE_MAX;
  while (from + part.size <= text.size) {
    const uint8_t *first = memchr(text.data + from, part.data[0], text.size - from - part.size + 1);
    if (!first)
      break;
    from = (size_t)(first - text.data);
    if (memcmp(first, part.data, part.size) == 0)
      return from;
    ++from;
  }
  return SIZE_MAX;
}
