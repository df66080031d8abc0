//===- normalize.c - change text as the tokenizer wants it --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each step reads one buffer and writes the other. Bytes that are no UTF-8 pass every step as they are.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

// What a text may grow to: steps that replace letters by words, one after the other, would not end.
#define GROWTH 64
#define GROWTH_BYTES 65536

static bool is_cjk(uint32_t character) {
  static const uint32_t ranges[][2] = {{0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xf900, 0xfaff},   {0x20000, 0x2a6df},
                                       {0x2a700, 0x2b73f}, {0x2b740, 0x2b81f}, {0x2b920, 0x2ceaf}, {0x2f800, 0x2fa1f}};
  if (character < 0x3400)
    return false;
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; ++i)
    if (character >= ranges[i][0] && character <= ranges[i][1])
      return true;
  return false;
}

static bool nmt_drops(uint32_t character) {
  return (character >= 1 && character <= 8) || character == 0xb || (character >= 0xe && character <= 0x1f) || character == 0x7f ||
         character == 0x8f || character == 0x9f;
}

static bool nmt_spaces(uint32_t character) {
  switch (character) {
  case 0x9:
  case 0xa:
  case 0xc:
  case 0xd:
  case 0x1680:
  case 0x2028:
  case 0x2029:
  case 0x2581:
  case 0xfeff:
  case 0xfffd:
    return true;
  default:
    return character >= 0x200b && character <= 0x200f;
  }
}

// The steps that look at one character at a time.
static void change_character(text_buffer *out, const text_step *step, uint32_t character, text_span bytes) {
  switch (step->code) {
  case TENON_TEXT_NORMALIZE_LOWERCASE:
    text_append_lowercase(out, character);
    return;
  case TENON_TEXT_NORMALIZE_STRIP_MARKS:
    if (step->option ? text_is_nonspacing_mark(character) : text_is_mark(character))
      return;
    break;
  case TENON_TEXT_NORMALIZE_CLEAN:
    if (character == 0 || character == 0xfffd || text_is_control(character))
      return;
    if (text_is_space(character)) {
      text_append(out, " ", 1);
      return;
    }
    break;
  case TENON_TEXT_NORMALIZE_SPACE_CJK:
    if (is_cjk(character)) {
      text_append(out, " ", 1);
      text_append(out, bytes.data, bytes.size);
      text_append(out, " ", 1);
      return;
    }
    break;
  case TENON_TEXT_NORMALIZE_NMT:
    if (nmt_drops(character))
      return;
    if (nmt_spaces(character)) {
      text_append(out, " ", 1);
      return;
    }
    break;
  default:
    break;
  }
  text_append(out, bytes.data, bytes.size);
}

// What a step makes of ASCII is itself, or known without a table. Returns how many bytes were dealt with.
static size_t change_ascii(text_buffer *out, const text_step *step, const uint8_t *data, size_t size) {
  const uint32_t code = step->code;
  if (code != TENON_TEXT_NORMALIZE_LOWERCASE && code != TENON_TEXT_NORMALIZE_STRIP_MARKS && code != TENON_TEXT_NORMALIZE_SPACE_CJK &&
      code != TENON_TEXT_NORMALIZE_CLEAN)
    return 0;
  size_t end = 0;
  while (end < size && data[end] < 0x80 && (code != TENON_TEXT_NORMALIZE_CLEAN || (data[end] >= ' ' && data[end] != 0x7f)))
    ++end;
  size_t begin = out->size;
  text_append(out, data, end);
  if (code == TENON_TEXT_NORMALIZE_LOWERCASE && !out->failed)
    for (size_t i = begin; i < out->size; ++i)
      out->data[i] = (char)(out->data[i] >= 'A' && out->data[i] <= 'Z' ? out->data[i] + 'a' - 'A' : out->data[i]);
  return end;
}

static void change_characters(text_buffer *out, const text_step *step, text_span text) {
  for (size_t at = 0, length; at < text.size && !out->failed; at += length) {
    length = change_ascii(out, step, text.data + at, text.size - at);
    if (length)
      continue;
    uint32_t character = text_read(text.data + at, text.size - at, &length);
    text_span bytes = {text.data + at, length};
    if (character & TEXT_NO_CHARACTER)
      text_append(out, bytes.data, bytes.size);
    else
      change_character(out, step, character, bytes);
  }
}

static const uint8_t *find_bytes(text_span text, text_span wanted) {
  const uint8_t *at = text.data, *end = text.data + text.size;
  while ((size_t)(end - at) >= wanted.size) {
    at = memchr(at, wanted.data[0], (size_t)(end - at) - wanted.size + 1);
    if (!at || memcmp(at, wanted.data, wanted.size) == 0)
      return at;
    ++at;
  }
  return NULL;
}

static void replace(text_buffer *out, const text_step *step, text_span text) {
  const uint8_t *found;
  while ((found = find_bytes(text, step->first)) && !out->failed) {
    size_t before = (size_t)(found - text.data), step_size = before + step->first.size;
    text_append(out, text.data, before);
    text_append(out, step->second.data, step->second.size);
    text = (text_span){text.data + step_size, text.size - step_size};
  }
  text_append(out, text.data, text.size);
}

static void replace_in_well_formed(text_scratch *scratch, text_buffer *out, const text_step *step, text_span text) {
  size_t done = 0, from = 0, begin, end;
  while (from <= text.size && !out->failed && text_find_match(scratch, &step->pattern, text, from, &begin, &end)) {
    text_append(out, text.data + done, begin - done);
    text_append(out, step->second.data, step->second.size);
    done = end;
    from = end > begin ? end : end + text_character(text.data + end, text.size - end) + (end == text.size);
  }
  text_append(out, text.data + done, text.size - done);
}

static void replace_matches(text_scratch *scratch, text_buffer *out, const text_step *step, text_span text) {
  while (text.size && !scratch->failure.code) {
    size_t valid = text_valid_prefix(text.data, text.size);
    replace_in_well_formed(scratch, out, step, (text_span){text.data, valid});
    while (valid < text.size && !text_character(text.data + valid, text.size - valid))
      text_append(out, text.data + valid++, 1);
    text = (text_span){text.data + valid, text.size - valid};
  }
}

static text_span strip(text_span text, uint32_t sides) {
  size_t length;
  while ((sides & 1) && text.size && text_is_space(text_read(text.data, text.size, &length)))
    text = (text_span){text.data + length, text.size - length};
  while ((sides & 2) && text.size) {
    size_t before = text_character_before(text.data, text.size);
    if (!before || !text_is_space(text_read(text.data + text.size - before, before, &length)))
      break;
    text.size -= before;
  }
  return text;
}

static void change_spaces(text_buffer *out, const text_step *step, text_span text) {
  bool in_word = false, prefixed = false;
  for (size_t i = 0; i < text.size && !out->failed; ++i) {
    if (text.data[i] == ' ') {
      in_word = false;
      if (!(step->option & TENON_TEXT_SPACES_MERGE))
        text_append(out, step->first.data, step->first.size);
      continue;
    }
    if (!in_word) {
      in_word = true;
      if (((step->option & TENON_TEXT_SPACES_PREFIX) && !prefixed) || (step->option & TENON_TEXT_SPACES_MERGE)) {
        text_append(out, step->first.data, step->first.size);
        prefixed = true;
      }
    }
    text_append(out, text.data + i, 1);
  }
  if (step->option & TENON_TEXT_SPACES_SUFFIX)
    text_append(out, step->first.data, step->first.size);
}

static void apply(text_scratch *scratch, text_buffer *out, const text_step *step, text_span text) {
  switch (step->code) {
  case TENON_TEXT_NORMALIZE_FORM:
    text_append_form(out, text, step->option);
    return;
  case TENON_TEXT_NORMALIZE_REPLACE:
    replace(out, step, text);
    return;
  case TENON_TEXT_NORMALIZE_PATTERN:
    replace_matches(scratch, out, step, text);
    return;
  case TENON_TEXT_NORMALIZE_PREPEND:
    text_append(out, step->first.data, text.size ? step->first.size : 0);
    text_append(out, text.data, text.size);
    return;
  case TENON_TEXT_NORMALIZE_STRIP:
    text = strip(text, step->option);
    text_append(out, text.data, text.size);
    return;
  case TENON_TEXT_NORMALIZE_CHARSMAP:
    text_append_mapped(out, step->first, text, step->option != 0);
    return;
  case TENON_TEXT_NORMALIZE_SPACES:
    change_spaces(out, step, text);
    return;
  default:
    change_characters(out, step, text);
    return;
  }
}

text_span text_normalize(text_scratch *scratch, text_span text) {
  const text_steps *steps = &scratch->tokenizer->normalizers;
  size_t limit = text.size > INT32_MAX / (2 * GROWTH) ? INT32_MAX - 8 : GROWTH * text.size + GROWTH_BYTES;
  for (uint32_t i = 0; i < steps->count && !scratch->failure.code; ++i) {
    text_buffer *out = &scratch->normal[i % 2];
    out->size = 0;
    out->limit = limit;
    apply(scratch, out, &steps->steps[i], text);
    if (out->failed)
      scratch->failure = text_failure(TENON_RESOURCE, "the text grows beyond %zu bytes when it is normalised, or memory is used up", limit);
    text = (text_span){(const uint8_t *)out->data, out->size};
  }
  return text;
}
