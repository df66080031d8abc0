//===- unicode.c - properties and normal forms of characters ------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables are utf8proc's. Its function for whole strings is not used: it orders marks by insertion, which a long run of them makes
// slow, and it refuses bytes that are no UTF-8.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <utf8proc.h>

static utf8proc_category_t category(uint32_t character) {
  return character > 0x10ffff ? UTF8PROC_CATEGORY_CN : utf8proc_category((utf8proc_int32_t)character);
}

bool text_is_space(uint32_t character) {
  if (character < 0x80)
    return character == ' ' || (character >= 9 && character <= 13);
  switch (character) {
  case 0x85:
  case 0xa0:
  case 0x1680:
  case 0x2028:
  case 0x2029:
  case 0x202f:
  case 0x205f:
  case 0x3000:
    return true;
  default:
    return character >= 0x2000 && character <= 0x200a;
  }
}

bool text_is_mark(uint32_t character) {
  utf8proc_category_t is = category(character);
  return is == UTF8PROC_CATEGORY_MN || is == UTF8PROC_CATEGORY_MC || is == UTF8PROC_CATEGORY_ME;
}

bool text_is_nonspacing_mark(uint32_t character) {
  return character >= 0x300 && category(character) == UTF8PROC_CATEGORY_MN;
}

// Letters in a circle or square are alphabetic although their category is that of symbols.
static bool is_enclosed_letter(uint32_t character) {
  return (character >= 0x24b6 && character <= 0x24e9) || (character >= 0x1f130 && character <= 0x1f149) ||
         (character >= 0x1f150 && character <= 0x1f169) || (character >= 0x1f170 && character <= 0x1f189);
}

bool text_is_word(uint32_t character) {
  if (character == 0x200c || character == 0x200d || is_enclosed_letter(character))
    return true;
  switch (category(character)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_PC:
    return true;
  default:
    return false;
  }
}

bool text_is_control(uint32_t character) {
  if (character == '\t' || character == '\n' || character == '\r')
    return false;
  switch (category(character)) {
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CO:
  case UTF8PROC_CATEGORY_CS:
    return true;
  default:
    return false;
  }
}

bool text_joins(uint32_t left, uint32_t right, int32_t *state) {
  if (left > 0x10ffff || right > 0x10ffff) {
    *state = 0;
    return false;
  }
  return !utf8proc_grapheme_break_stateful((utf8proc_int32_t)left, (utf8proc_int32_t)right, state);
}

void text_append_lowercase(text_buffer *out, uint32_t character) {
  // The one character whose lower case is two.
  if (character == 0x130) {
    text_append(out, "i\xcc\x87", 3);
    return;
  }
  text_append_character(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)character));
}

//===----------------------------------------------------------------------===//
// Normal forms
//===----------------------------------------------------------------------===//

// Characters of a text that is taken apart.
typedef struct characters {
  int32_t *data;
  size_t size;
  size_t capacity;
  bool failed;
} characters;

static void take_apart(characters *to, uint32_t character, utf8proc_option_t options) {
  // No character becomes more than 18.
  enum { MOST = 32 };
  if (to->capacity - to->size < MOST) {
    size_t capacity = 2 * to->capacity + 256;
    int32_t *data = realloc(to->data, capacity * sizeof *data);
    if (!data) {
      to->failed = true;
      return;
    }
    to->data = data;
    to->capacity = capacity;
  }
  int boundary = 0;
  utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)character, to->data + to->size, MOST, options, &boundary);
  if (count < 0 || count > MOST)
    to->failed = true;
  else
    to->size += (size_t)count;
}

static int combining_class(int32_t character) {
  return utf8proc_get_property(character)->combining_class;
}

// Orders a run of marks by class; marks of one class stay in their order. Counts, so that long runs stay quick.
static bool order_run(int32_t *data, size_t size) {
  if (size < 2)
    return true;
  size_t starts[257] = {0};
  for (size_t i = 0; i < size; ++i)
    ++starts[combining_class(data[i]) + 1];
  for (int i = 0; i < 256; ++i)
    starts[i + 1] += starts[i];
  int32_t few[64], *ordered = size <= 64 ? few : malloc(size * sizeof *ordered);
  if (!ordered)
    return false;
  for (size_t i = 0; i < size; ++i)
    ordered[starts[combining_class(data[i])]++] = data[i];
  memcpy(data, ordered, size * sizeof *ordered);
  if (ordered != few)
    free(ordered);
  return true;
}

static void order_marks(characters *text) {
  for (size_t at = 0; at < text->size && !text->failed;) {
    size_t end = at;
    while (end < text->size && combining_class(text->data[end]))
      ++end;
    text->failed = !order_run(text->data + at, end - at);
    at = end + 1;
  }
}

static void append_well_formed(text_buffer *out, text_span text, uint32_t options) {
  utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
  if (options & TENON_TEXT_FORM_COMPATIBLE)
    how |= UTF8PROC_COMPAT;
  characters parts = {0};
  for (size_t at = 0, length; at < text.size && !parts.failed; at += length)
    take_apart(&parts, text_read(text.data + at, text.size - at, &length), how);
  order_marks(&parts);
  if (!parts.failed && (options & TENON_TEXT_FORM_COMPOSE)) {
    utf8proc_ssize_t size = utf8proc_normalize_utf32(parts.data, (utf8proc_ssize_t)parts.size, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    parts.failed = size < 0;
    parts.size = size < 0 ? 0 : (size_t)size;
  }
  for (size_t i = 0; i < parts.size; ++i)
    text_append_character(out, (uint32_t)parts.data[i]);
  out->failed |= parts.failed;
  free(parts.data);
}

static size_t ascii_prefix(text_span text) {
  size_t at = 0;
  uint64_t word;
  for (; text.size - at >= sizeof word; at += sizeof word) {
    memcpy(&word, text.data + at, sizeof word);
    if (word & UINT64_C(0x8080808080808080))
      break;
  }
  while (at < text.size && text.data[at] < 0x80)
    ++at;
  return at;
}

// ASCII has no other form; its last character before something else may be a base of marks.
void text_append_form(text_buffer *out, text_span text, uint32_t options) {
  while (text.size && !out->failed) {
    size_t plain = ascii_prefix(text);
    if (plain < text.size && plain)
      --plain;
    text_append(out, text.data, plain);
    text = (text_span){text.data + plain, text.size - plain};
    // Up to the next two ASCII characters in a row: between those nothing combines.
    size_t end = text.size ? 1 : 0;
    while (end < text.size && (text.data[end] >= 0x80 || text.data[end - 1] >= 0x80))
      ++end;
    if (end < text.size)
      --end;
    size_t valid = text_valid_prefix(text.data, end);
    append_well_formed(out, (text_span){text.data, valid}, options);
    while (valid < end && !text_character(text.data + valid, text.size - valid)) {
      text_append(out, text.data + valid, 1);
      ++valid;
    }
    text = (text_span){text.data + valid, text.size - valid};
  }
}
