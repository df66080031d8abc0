//===- literal.c - newlines, strings and numbers in a template ----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/tree_impl.h"

#include <stdlib.h>

// The source with \n for every newline, and without one at its end.
text_span template_normalised(template_run *run) {
  text_span source = run->source;
  uint8_t *bytes = template_bytes(run, source.size);
  size_t size = 0;
  if (!bytes)
    return (text_span){(const uint8_t *)"", 0};
  for (size_t i = 0; i < source.size; ++i) {
    if (source.data[i] == '\r' && i + 1 < source.size && source.data[i + 1] == '\n')
      continue;
    bytes[size++] = source.data[i] == '\r' ? '\n' : source.data[i];
  }
  return (text_span){bytes, size && bytes[size - 1] == '\n' ? size - 1 : size};
}

static int digit_value(uint8_t byte) {
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  byte |= 0x20;
  return byte >= 'a' && byte <= 'z' ? byte - 'a' + 10 : 99;
}

static bool all_zero(text_span text) {
  for (size_t i = 0; i < text.size; ++i)
    if (text.data[i] != '0' && text.data[i] != '_')
      return false;
  return true;
}

static template_value integer(template_run *run, text_span text) {
  int base = 10;
  size_t at = 0;
  if (text.size > 1 && text.data[0] == '0' && digit_value(text.data[1]) > 9) {
    base = (text.data[1] | 0x20) == 'x' ? 16 : (text.data[1] | 0x20) == 'o' ? 8 : 2;
    at = 2;
  }
  int64_t value = 0;
  bool wrong = at == text.size || (base == 10 && text.size > 1 && text.data[0] == '0' && !all_zero(text));
  for (; at < text.size && !wrong; ++at) {
    if (text.data[at] == '_')
      continue;
    wrong = digit_value(text.data[at]) >= base || __builtin_mul_overflow(value, (int64_t)base, &value) ||
            __builtin_add_overflow(value, (int64_t)digit_value(text.data[at]), &value);
  }
  if (wrong)
    template_fail(run, TENON_UNSUPPORTED, "not an integer of 64 bits: %.*s", text.size > 60 ? 60 : (int)text.size, (const char *)text.data);
  return template_integer(value);
}

static template_value real(template_run *run, text_span text) {
  char *digits = (char *)template_bytes(run, text.size + 1);
  if (!digits)
    return template_real(0);
  size_t size = 0;
  for (size_t i = 0; i < text.size; ++i)
    if (text.data[i] != '_')
      digits[size++] = (char)text.data[i];
  digits[size] = 0;
  return template_real(strtod(digits, NULL));
}

// The code point that `size` digits of this base name at *at, which moves behind them.
static uint32_t read_digits(template_run *run, text_span text, size_t *at, size_t size, int base, bool exact) {
  uint32_t value = 0;
  size_t read = 0;
  for (; read < size && *at < text.size && digit_value(text.data[*at]) < base; ++read)
    value = value * (uint32_t)base + (uint32_t)digit_value(text.data[(*at)++]);
  if ((exact && read < size) || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
    template_fail(run, TENON_UNSUPPORTED, "a string with an escape that is no character");
  return value;
}

// The bytes of the escape behind the backslash at *at, which moves behind it; 0: there is none, and the backslash stays.
static size_t read_escape(template_run *run, text_span text, size_t *at, uint8_t bytes[4]) {
  static const char written[] = "\\'\"abfnrtv", meant[] = "\\'\"\a\b\f\n\r\t\v";
  if (*at == text.size)
    return 0;
  uint8_t kind = text.data[*at];
  const char *known = kind ? strchr(written, kind) : NULL;
  if (known) {
    bytes[0] = (uint8_t)meant[known - written];
    ++*at;
    return 1;
  }
  if (kind >= '0' && kind <= '7')
    return template_encode(read_digits(run, text, at, 3, 8, false), bytes);
  if (kind == 'N')
    template_fail(run, TENON_UNSUPPORTED, "a string with a character by name, \\N");
  size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (!digits)
    return 0;
  ++*at;
  return template_encode(read_digits(run, text, at, digits, 16, true), bytes);
}

static template_value string(template_run *run, text_span text) {
  if (!memchr(text.data, '\\', text.size))
    return template_string(text);
  uint8_t *bytes = template_bytes(run, text.size);
  size_t size = 0;
  for (size_t at = 0; bytes && at < text.size;) {
    uint8_t byte = text.data[at++], escaped[4];
    if (byte == '\\' && at < text.size && text.data[at] == '\n') {
      ++at; // a line that goes on
      continue;
    }
    size_t count = byte == '\\' ? read_escape(run, text, &at, escaped) : 0;
    if (template_failed(run))
      break;
    memcpy(bytes + size, count ? escaped : &byte, count ? count : 1);
    size += count ? count : 1;
  }
  return template_string((text_span){bytes, bytes ? size : 0});
}

template_value template_literal_value(template_run *run, template_token token) {
  run->line = token.line;
  if (token.kind == TOKEN_INTEGER)
    return integer(run, token.text);
  return token.kind == TOKEN_REAL ? real(run, token.text) : string(run, token.text);
}
