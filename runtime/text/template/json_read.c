//===- json_read.c - read JSON ------------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RFC 8259, nothing more: well-formed UTF-8, no comments, no trailing commas, surrogates in pairs. Of a member that comes twice the last
// counts, in the first one's place.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/run_impl.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_DEPTH 200

typedef struct reader {
  template_run *run;
  const char *what;
  text_span source;
  size_t at;
  int depth;
} reader;

static void fail(reader *json, const char *expected) {
  if (json->at < json->source.size && json->source.data[json->at] > ' ' && json->source.data[json->at] < 0x7f)
    template_fail_plain(json->run, TENON_USAGE, "%s: expects %s at byte %zu, but got '%c'", json->what, expected, json->at,
                        json->source.data[json->at]);
  else
    template_fail_plain(json->run, TENON_USAGE, "%s: expects %s at byte %zu", json->what, expected, json->at);
}

static int peek(const reader *json) {
  return json->at < json->source.size ? json->source.data[json->at] : -1;
}

static void skip_space(reader *json) {
  while (peek(json) == ' ' || peek(json) == '\t' || peek(json) == '\n' || peek(json) == '\r')
    ++json->at;
}

// Takes a character and the white space before it.
static bool accept(reader *json, char character) {
  skip_space(json);
  if (template_failed(json->run) || peek(json) != character)
    return false;
  ++json->at;
  return true;
}

static void expect(reader *json, char character, const char *expected) {
  if (!accept(json, character))
    fail(json, expected);
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

static uint32_t read_hex(reader *json) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    int digit = peek(json);
    if (digit >= '0' && digit <= '9')
      value = 16 * value + (uint32_t)(digit - '0');
    else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
      value = 16 * value + (uint32_t)((digit | 0x20) - 'a' + 10);
    else {
      fail(json, "four hexadecimal digits");
      return 0;
    }
    ++json->at;
  }
  return value;
}

// The four digits behind \u, and the second half where they are the first half of a pair.
static uint32_t read_unicode(reader *json) {
  uint32_t value = read_hex(json);
  if (value >= 0xdc00 && value <= 0xdfff)
    fail(json, "the first half of a surrogate pair before here");
  if (value < 0xd800 || value >= 0xdc00 || template_failed(json->run))
    return value;
  if (peek(json) != '\\' || json->at + 1 >= json->source.size || json->source.data[json->at + 1] != 'u') {
    fail(json, "the second half of a surrogate pair");
    return value;
  }
  json->at += 2;
  uint32_t low = read_hex(json);
  if (low < 0xdc00 || low > 0xdfff)
    fail(json, "the second half of a surrogate pair before here");
  return 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
}

// Behind the backslash; the bytes that it means.
static size_t read_escape(reader *json, uint8_t bytes[4]) {
  static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  int character = peek(json);
  const char *known = character > 0 ? strchr(written, character) : NULL;
  if (known)
    bytes[0] = (uint8_t)meant[known - written];
  else if (character != 'u')
    fail(json, "an escape");
  json->at += character >= 0;
  uint32_t code_point = known || template_failed(json->run) ? 0 : read_unicode(json);
  return known ? 1 : template_failed(json->run) ? 0 : template_encode(code_point, bytes);
}

// How many bytes there are up to the closing quote, which escapes do not end.
static size_t string_size(const reader *json) {
  size_t at = json->at;
  while (at < json->source.size && json->source.data[at] != '"')
    at += json->source.data[at] == '\\' ? 2 : 1;
  return (at < json->source.size ? at : json->source.size) - json->at;
}

static template_value read_string(reader *json) {
  expect(json, '"', "a string");
  if (template_failed(json->run))
    return template_literal("");
  size_t size = 0;
  uint8_t *bytes = template_bytes(json->run, string_size(json));
  while (!template_failed(json->run) && peek(json) != '"') {
    size_t step = text_character(json->source.data + json->at, json->source.size - json->at);
    if (peek(json) < ' ' || !step) {
      fail(json, peek(json) < 0 ? "'\"'" : peek(json) < ' ' ? "a character that is no control character" : "well-formed UTF-8");
    } else if (peek(json) == '\\') {
      uint8_t escaped[4];
      ++json->at;
      step = read_escape(json, escaped);
      memcpy(bytes + size, escaped, step);
      size += step;
    } else {
      memcpy(bytes + size, json->source.data + json->at, step);
      size += step;
      json->at += step;
    }
  }
  ++json->at;
  return template_string((text_span){bytes, bytes ? size : 0});
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static void skip_digits(reader *json) {
  if (peek(json) < '0' || peek(json) > '9')
    fail(json, "a digit");
  while (peek(json) >= '0' && peek(json) <= '9')
    ++json->at;
}

static template_value number_value(reader *json, size_t begin, bool real) {
  const size_t size = json->at - begin;
  char *digits = (char *)template_bytes(json->run, size + 1);
  if (!digits)
    return template_none();
  memcpy(digits, json->source.data + begin, size);
  digits[size] = 0;
  if (real)
    return template_real(strtod(digits, NULL));
  errno = 0;
  long long value = strtoll(digits, NULL, 10);
  template_value text = {.kind = VALUE_LONG, .string = {(const uint8_t *)digits, size}};
  return errno ? text : template_integer(value);
}

static template_value read_number(reader *json) {
  size_t begin = json->at;
  bool real = false;
  if (peek(json) == '-')
    ++json->at;
  bool zero = peek(json) == '0';
  size_t first = json->at;
  skip_digits(json);
  if (zero && json->at > first + 1)
    fail(json, "a number without leading zeros before here");
  if (peek(json) == '.') {
    real = true;
    ++json->at;
    skip_digits(json);
  }
  if (peek(json) == 'e' || peek(json) == 'E') {
    real = true;
    ++json->at;
    if (peek(json) == '+' || peek(json) == '-')
      ++json->at;
    skip_digits(json);
  }
  return number_value(json, begin, real);
}

static bool accept_word(reader *json, const char *word) {
  size_t size = strlen(word);
  bool found = json->source.size - json->at >= size && memcmp(json->source.data + json->at, word, size) == 0;
  json->at += found ? size : 0;
  return found;
}

static template_value read_value(reader *json);

static template_value read_array(reader *json) {
  template_value made = template_new_list(json->run, VALUE_LIST, 0);
  ++json->at;
  if (accept(json, ']'))
    return made;
  do {
    template_value item = read_value(json);
    if (!template_failed(json->run))
      template_list_add(json->run, made.list, item);
  } while (accept(json, ','));
  expect(json, ']', "',' or ']'");
  return made;
}

static template_value read_object(reader *json) {
  template_value made = template_new_dict(json->run, VALUE_DICT);
  ++json->at;
  if (accept(json, '}'))
    return made;
  do {
    template_value key = read_string(json);
    expect(json, ':', "':'");
    template_value value = read_value(json);
    if (!template_failed(json->run))
      template_dict_set(json->run, made.dict, key, value);
  } while (accept(json, ','));
  expect(json, '}', "',' or '}'");
  return made;
}

static template_value read_inner(reader *json) {
  int first = peek(json);
  if (first == '{')
    return read_object(json);
  if (first == '[')
    return read_array(json);
  if (first == '"')
    return read_string(json);
  if (first == '-' || (first >= '0' && first <= '9'))
    return read_number(json);
  if (accept_word(json, "true"))
    return template_boolean(true);
  if (accept_word(json, "false"))
    return template_boolean(false);
  if (!accept_word(json, "null"))
    fail(json, "a value");
  return template_none();
}

static template_value read_value(reader *json) {
  template_value value = template_none();
  skip_space(json);
  if (++json->depth > MAX_DEPTH)
    fail(json, "fewer nested values");
  else if (template_step(json->run))
    value = read_inner(json);
  --json->depth;
  return value;
}

template_value template_read_json(template_run *run, text_span source, const char *what) {
  reader json = {.run = run, .what = what, .source = source};
  template_value value = read_value(&json);
  skip_space(&json);
  if (!template_failed(run) && peek(&json) >= 0)
    fail(&json, "nothing more");
  return value;
}
