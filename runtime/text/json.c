//===- json.c - read the messages of a chat -----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RFC 8259, nothing more: well-formed UTF-8, no comments, no trailing commas, surrogates in pairs. The text is read twice, first to check
// it and to count the messages, then to fill one allocation: the messages and behind them their strings, which escapes only shorten.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64

// What is left to read, and the room for the strings read; there is none while only checking. The first failure stays.
typedef struct reader {
  text_span source;
  size_t at;
  int depth;
  uint8_t *strings;
  uint8_t *strings_end;
  tenon_status failure;
} reader;

static void fail(reader *json, const char *expected) {
  if (json->failure.code)
    return;
  if (json->at < json->source.size && json->source.data[json->at] > ' ' && json->source.data[json->at] < 0x7f)
    json->failure =
        text_failure(TENON_USAGE, "the messages: expects %s at byte %zu, but got '%c'", expected, json->at, json->source.data[json->at]);
  else
    json->failure = text_failure(TENON_USAGE, "the messages: expects %s at byte %zu", expected, json->at);
}

static bool failed(const reader *json) {
  return json->failure.code != 0;
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
  if (failed(json) || peek(json) != character)
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

static void put(reader *json, const void *data, size_t size) {
  if (size > (size_t)(json->strings_end - json->strings))
    return;
  memcpy(json->strings, data, size);
  json->strings += size;
}

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

static void put_character(reader *json, uint32_t value) {
  uint8_t bytes[4];
  size_t size = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
  static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = size; i-- > 1; value >>= 6)
    bytes[i] = (uint8_t)(0x80 | (value & 0x3f));
  bytes[0] = (uint8_t)(lead[size] | value);
  put(json, bytes, size);
}

// The four digits behind \u, and the second half where they are the first half of a pair.
static void read_unicode(reader *json) {
  uint32_t value = read_hex(json);
  if (value >= 0xd800 && value < 0xdc00) {
    if (peek(json) != '\\' || json->at + 1 >= json->source.size || json->source.data[json->at + 1] != 'u') {
      fail(json, "the second half of a surrogate pair");
      return;
    }
    json->at += 2;
    uint32_t low = read_hex(json);
    if (low < 0xdc00 || low > 0xdfff) {
      fail(json, "the second half of a surrogate pair before here");
      return;
    }
    value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
  } else if (value >= 0xdc00 && value <= 0xdfff) {
    fail(json, "the first half of a surrogate pair before here");
    return;
  }
  put_character(json, value);
}

static void read_escape(reader *json) {
  static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  int character = peek(json);
  const char *known = character > 0 ? strchr(written, character) : NULL;
  if (known)
    put(json, &meant[known - written], 1);
  else if (character != 'u')
    fail(json, "an escape");
  ++json->at;
  if (character == 'u')
    read_unicode(json);
}

static text_span read_string(reader *json) {
  expect(json, '"', "a string");
  const uint8_t *begin = json->strings;
  while (!failed(json) && peek(json) != '"') {
    size_t size = text_character(json->source.data + json->at, json->source.size - json->at);
    if (peek(json) < ' ') {
      fail(json, peek(json) < 0 ? "the end of a string" : "no control characters in a string");
    } else if (!size) {
      fail(json, "UTF-8");
    } else if (peek(json) == '\\') {
      ++json->at;
      read_escape(json);
    } else {
      put(json, json->source.data + json->at, size);
      json->at += size;
    }
  }
  ++json->at;
  return (text_span){begin, (size_t)(json->strings - begin)};
}

//===----------------------------------------------------------------------===//
// Values that are passed over
//===----------------------------------------------------------------------===//

static void read_digits(reader *json) {
  if (peek(json) < '0' || peek(json) > '9')
    fail(json, "a digit");
  while (peek(json) >= '0' && peek(json) <= '9')
    ++json->at;
}

static void skip_number(reader *json) {
  if (peek(json) == '-')
    ++json->at;
  bool zero = peek(json) == '0';
  size_t begin = json->at;
  read_digits(json);
  if (zero && json->at > begin + 1)
    fail(json, "a number without leading zeros before here");
  if (peek(json) == '.') {
    ++json->at;
    read_digits(json);
  }
  if (peek(json) == 'e' || peek(json) == 'E') {
    ++json->at;
    if (peek(json) == '+' || peek(json) == '-')
      ++json->at;
    read_digits(json);
  }
}

static void skip_word(reader *json) {
  static const char *const words[] = {"true", "false", "null"};
  for (int i = 0; i < 3; ++i) {
    size_t size = strlen(words[i]);
    if (json->source.size - json->at >= size && memcmp(json->source.data + json->at, words[i], size) == 0) {
      json->at += size;
      return;
    }
  }
  fail(json, "a value");
}

static void skip_value(reader *json);

static void skip_members(reader *json, char close, const char *expected) {
  ++json->at;
  if (accept(json, close))
    return;
  do {
    if (close == '}') {
      read_string(json);
      expect(json, ':', "':'");
    }
    skip_value(json);
  } while (accept(json, ','));
  expect(json, close, expected);
}

static void skip_value(reader *json) {
  if (++json->depth > MAX_DEPTH)
    fail(json, "fewer nested values");
  skip_space(json);
  if (failed(json))
    return;
  int first = peek(json);
  if (first == '{')
    skip_members(json, '}', "',' or '}'");
  else if (first == '[')
    skip_members(json, ']', "',' or ']'");
  else if (first == '"')
    read_string(json);
  else if (first == '-' || (first >= '0' && first <= '9'))
    skip_number(json);
  else
    skip_word(json);
  --json->depth;
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

// Reads the name of a member. What is longer than the room for it is cut: no name of interest is.
static text_span read_name(reader *json, uint8_t *name, size_t size) {
  reader outer = *json;
  json->strings = name;
  json->strings_end = name + size;
  text_span text = read_string(json);
  json->strings = outer.strings;
  json->strings_end = outer.strings_end;
  return text;
}

static bool is(text_span name, const char *text) {
  return name.size == strlen(text) && memcmp(name.data, text, name.size) == 0;
}

// Reads one message; of a member that comes twice the last counts.
static tenon_message read_message(reader *json) {
  bool has_role = false, has_content = false;
  tenon_message message = {"", 0, "", 0};
  expect(json, '{', "a message, '{'");
  if (!accept(json, '}')) {
    do {
      uint8_t bytes[32];
      text_span name = read_name(json, bytes, sizeof bytes);
      expect(json, ':', "':'");
      bool role = is(name, "role"), content = is(name, "content");
      if (!role && !content) {
        uint8_t *strings = json->strings;
        skip_value(json);
        json->strings = strings;
        continue;
      }
      text_span text = read_string(json);
      if (role)
        message.role = (const char *)text.data, message.role_size = text.size, has_role = true;
      else
        message.content = (const char *)text.data, message.content_size = text.size, has_content = true;
    } while (accept(json, ','));
    expect(json, '}', "',' or '}'");
  }
  if (!has_role || !has_content)
    fail(json, "a message with \"role\" and \"content\" before here");
  return message;
}

// Reads all messages and stores them unless `messages` is null.
static size_t read_messages(reader *json, tenon_message *messages) {
  size_t count = 0;
  expect(json, '[', "an array of messages, '['");
  if (!accept(json, ']')) {
    do {
      tenon_message message = read_message(json);
      if (messages)
        messages[count] = message;
      ++count;
    } while (accept(json, ','));
    expect(json, ']', "',' or ']'");
  }
  skip_space(json);
  if (peek(json) >= 0)
    fail(json, "nothing behind the messages");
  return count;
}

tenon_status tenon_messages_parse(const char *source, size_t size, tenon_message **messages, size_t *count) {
  if ((!source && size) || !messages || !count)
    return text_failure(TENON_USAGE, "expects JSON and places to store its messages");
  text_span span = {(const uint8_t *)source, size};
  reader check = {.source = span, .failure = text_ok()};
  uint8_t none;
  check.strings = check.strings_end = &none;
  size_t found = read_messages(&check, NULL);
  if (failed(&check))
    return check.failure;
  if (found > SIZE_MAX / 2 / sizeof **messages)
    return text_out_of_memory();
  uint8_t *memory = malloc(found * sizeof **messages + size + 1);
  if (!memory)
    return text_out_of_memory();
  uint8_t *strings = memory + found * sizeof **messages;
  reader fill = {.source = span, .strings = strings, .strings_end = strings + size, .failure = text_ok()};
  *messages = (tenon_message *)(void *)memory;
  *count = read_messages(&fill, *messages);
  return text_ok();
}
