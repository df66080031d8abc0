//===- charsmap.c - SentencePiece's precompiled map of characters -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The map is a size, a double array of that size that tells which beginnings of a text are replaced, and the replacements, each ended by
// a NUL. A unit of the array holds its label (bits 0 to 7 and 31), whether a string ends at it (bit 8) and the distance to its children
// (bits 10 to 30, in steps of 256 if bit 9 is set); behind a string's end the unit's low 31 bits are where its replacement lies.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

static uint32_t unit_count(text_span map) {
  return text_load_u32(map.data) / 4;
}

static text_span replacements(text_span map) {
  size_t begin = 4 + 4 * (size_t)unit_count(map);
  return (text_span){map.data + begin, map.size - begin};
}

tenon_status text_check_charsmap(text_span map) {
  if (map.size < 8 || text_load_u32(map.data) % 4 || text_load_u32(map.data) < 4 || text_load_u32(map.data) > map.size - 4 ||
      replacements(map).size == 0 || map.data[map.size - 1] != 0)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: its map of characters does not hold together");
  return text_ok();
}

// Where the replacement of a beginning of text lies: the longest that there is one for, or the shortest. False if there is none.
static bool find_prefix(text_span map, text_span text, bool longest, size_t *length, uint32_t *at) {
  uint32_t count = unit_count(map), node = 0;
  bool found = false;
  uint32_t unit = text_load_u32(map.data + 4);
  node ^= (unit >> 10) << ((unit & (1u << 9)) >> 6);
  for (size_t i = 0; i < text.size && text.data[i]; ++i) {
    node ^= text.data[i];
    if (node >= count)
      break;
    unit = text_load_u32(map.data + 4 + 4 * (size_t)node);
    if ((unit & (1u << 31 | 0xff)) != text.data[i])
      break;
    node ^= (unit >> 10) << ((unit & (1u << 9)) >> 6);
    if (node >= count)
      break;
    if (unit >> 8 & 1) {
      *at = text_load_u32(map.data + 4 + 4 * (size_t)node) & 0x7fffffffu;
      *length = i + 1;
      found = true;
      if (!longest)
        break;
    }
  }
  return found && *at < replacements(map).size;
}

static void append_replacement(text_buffer *out, text_span map, uint32_t at) {
  text_span all = replacements(map);
  const uint8_t *begin = all.data + at;
  text_append(out, begin, (size_t)((const uint8_t *)memchr(begin, 0, all.size - at) - begin));
}

// SentencePiece's own way: at every place the longest beginning.
static void append_by_prefixes(text_buffer *out, text_span map, text_span text) {
  for (size_t at = 0, length = 0; at < text.size; at += length) {
    uint32_t replacement = 0;
    text_span rest = {text.data + at, text.size - at};
    if (find_prefix(map, rest, true, &length, &replacement)) {
      append_replacement(out, map, replacement);
    } else {
      text_read(rest.data, rest.size, &length);
      text_append(out, rest.data, length);
    }
  }
}

static bool append_if_mapped(text_buffer *out, text_span map, text_span text) {
  size_t length = 0;
  uint32_t replacement = 0;
  if (!find_prefix(map, text, false, &length, &replacement))
    return false;
  append_replacement(out, map, replacement);
  return true;
}

// The way of Hugging Face's tokenizers: short user-perceived characters as a whole, all others by their code points.
static void append_grapheme(text_buffer *out, text_span map, text_span grapheme) {
  if (grapheme.size < 6 && append_if_mapped(out, map, grapheme))
    return;
  for (size_t at = 0, length; at < grapheme.size; at += length) {
    text_read(grapheme.data + at, grapheme.size - at, &length);
    text_span character = {grapheme.data + at, length};
    if (!append_if_mapped(out, map, character))
      text_append(out, character.data, character.size);
  }
}

static void append_by_graphemes(text_buffer *out, text_span map, text_span text) {
  int32_t state = 0;
  for (size_t begin = 0; begin < text.size;) {
    size_t length;
    uint32_t left = text_read(text.data + begin, text.size - begin, &length);
    size_t end = begin + length;
    while (end < text.size) {
      uint32_t right = text_read(text.data + end, text.size - end, &length);
      if (!text_joins(left, right, &state))
        break;
      left = right;
      end += length;
    }
    append_grapheme(out, map, (text_span){text.data + begin, end - begin});
    begin = end;
  }
}

void text_append_mapped(text_buffer *out, text_span map, text_span text, bool graphemes) {
  if (graphemes)
    append_by_graphemes(out, map, text);
  else
    append_by_prefixes(out, map, text);
}
