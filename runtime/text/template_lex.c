//===- template_lex.c - cut a chat template at its tags -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whitespace around tags is settled here. A minus inside a tag's brace strips all whitespace on its side. Otherwise a statement or a
// comment takes the newline right behind it, and the blanks before it when it stands first on its line.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template_impl.h"

#include <stdlib.h>
#include <string.h>

static bool is_space(uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool starts_with(text_span span, const char *text) {
  size_t size = strlen(text);
  return span.size >= size && memcmp(span.data, text, size) == 0;
}

static text_span from(text_span span, size_t at) {
  return (text_span){span.data + at, span.size - at};
}

//===----------------------------------------------------------------------===//
// Tokens of expressions
//===----------------------------------------------------------------------===//

static bool is_letter(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_digit(uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

bool template_is(template_token token, const char *text) {
  return (token.kind == TOKEN_NAME || token.kind == TOKEN_SYMBOL) && token.text.size == strlen(text) &&
         memcmp(token.text.data, text, token.text.size) == 0;
}

// The size of a quoted string at the front, quotes included; 0 if it does not end.
static size_t quoted_size(text_span span) {
  for (size_t i = 1; i < span.size; ++i) {
    if (span.data[i] == '\\')
      ++i;
    else if (span.data[i] == span.data[0])
      return i + 1;
  }
  return 0;
}

static template_token take(text_span *rest, template_token_kind kind, size_t size) {
  template_token token = {kind, {rest->data, size}};
  *rest = from(*rest, size);
  return token;
}

template_token template_next_token(text_span *rest) {
  while (rest->size && is_space(rest->data[0]))
    *rest = from(*rest, 1);
  if (!rest->size)
    return take(rest, TOKEN_END, 0);
  uint8_t first = rest->data[0];
  size_t size = 1;
  if (is_letter(first) || is_digit(first)) {
    while (size < rest->size && (is_letter(rest->data[size]) || is_digit(rest->data[size])))
      ++size;
    return take(rest, is_digit(first) ? TOKEN_INTEGER : TOKEN_NAME, size);
  }
  if (first == '\'' || first == '"') {
    size = quoted_size(*rest);
    if (!size)
      return take(rest, TOKEN_UNKNOWN, rest->size);
    template_token token = take(rest, TOKEN_STRING, size);
    token.text = (text_span){token.text.data + 1, size - 2};
    return token;
  }
  static const char *const pairs[] = {"==", "!=", "<=", ">="};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i)
    if (starts_with(*rest, pairs[i]))
      return take(rest, TOKEN_SYMBOL, 2);
  return take(rest, strchr("()[].,|~+-%<>=:{}*/", first) ? TOKEN_SYMBOL : TOKEN_UNKNOWN, 1);
}

template_token template_peek(text_span rest) {
  return template_next_token(&rest);
}

bool template_accept(text_span *rest, const char *text) {
  text_span after = *rest;
  if (!template_is(template_next_token(&after), text))
    return false;
  *rest = after;
  return true;
}

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

// A tag as it stands in the source.
typedef struct tag {
  uint8_t kind; /* '{' output, '%' statement, '#' comment */
  size_t begin;
  size_t end;
  text_span inner;
  bool strips_before, keeps_before; /* "{%-", "{%+" */
  bool strips_after, keeps_after;
} tag;

static size_t find_tag(text_span source, size_t at) {
  for (; at + 1 < source.size; ++at)
    if (source.data[at] == '{' && strchr("{%#", source.data[at + 1]) && source.data[at + 1])
      return at;
  return source.size;
}

// Where the inside of a tag ends: at its closing braces, but not those within a string.
static size_t find_close(text_span source, size_t at, uint8_t kind) {
  uint8_t close = kind == '{' ? '}' : kind;
  while (at + 1 < source.size) {
    uint8_t byte = source.data[at];
    if (byte == close && source.data[at + 1] == '}')
      return at;
    size_t step = 1;
    if (kind != '#' && (byte == '\'' || byte == '"'))
      step = quoted_size(from(source, at));
    if (!step)
      break; // a string that does not end
    at += step;
  }
  return source.size;
}

static tenon_status read_tag(text_span source, size_t begin, tag *out) {
  *out = (tag){.kind = source.data[begin + 1], .begin = begin};
  size_t first = begin + 2, last = find_close(source, first, out->kind);
  if (last == source.size)
    return text_failure(TENON_UNSUPPORTED, "the chat template has a tag at byte %zu that does not end", begin);
  out->end = last + 2;
  if (first < last && (source.data[first] == '-' || source.data[first] == '+')) {
    out->strips_before = source.data[first] == '-';
    out->keeps_before = !out->strips_before;
    ++first;
  }
  if (first < last && (source.data[last - 1] == '-' || source.data[last - 1] == '+')) {
    --last;
    out->strips_after = source.data[last] == '-';
    out->keeps_after = !out->strips_after;
  }
  out->inner = (text_span){source.data + first, last - first};
  return text_ok();
}

// The text [begin, end) of the source before a tag, without the whitespace that the tag takes.
static size_t text_end(text_span source, size_t begin, size_t end, const tag *next) {
  size_t stripped = end;
  if (next->strips_before) {
    while (stripped > begin && is_space(source.data[stripped - 1]))
      --stripped;
    return stripped;
  }
  if (next->kind == '{' || next->keeps_before)
    return end;
  while (stripped > begin && is_space(source.data[stripped - 1]) && source.data[stripped - 1] != '\n')
    --stripped;
  bool first_on_line = stripped > 0 ? source.data[stripped - 1] == '\n' : true;
  return first_on_line ? stripped : end;
}

static size_t text_begin(text_span source, size_t begin, const tag *previous) {
  if (previous->strips_after) {
    while (begin < source.size && is_space(source.data[begin]))
      ++begin;
  } else if (previous->kind != '{' && previous->end && !previous->keeps_after) {
    if (begin + 1 < source.size && source.data[begin] == '\r' && source.data[begin + 1] == '\n')
      begin += 2;
    else if (begin < source.size && source.data[begin] == '\n')
      begin += 1;
  }
  return begin;
}

static bool add_segment(template_segment **segments, size_t *count, size_t *capacity, template_segment segment) {
  if (*count == *capacity) {
    size_t grown = 2 * *capacity + 16;
    template_segment *memory = realloc(*segments, grown * sizeof **segments);
    if (!memory)
      return false;
    *segments = memory;
    *capacity = grown;
  }
  (*segments)[(*count)++] = segment;
  return true;
}

tenon_status template_cut(text_span source, template_segment **segments, size_t *count) {
  // As Jinja does, one newline at the end of the template is not part of it.
  if (source.size && source.data[source.size - 1] == '\n')
    --source.size;
  *segments = NULL;
  *count = 0;
  size_t capacity = 0;
  tag previous = {0};
  bool done = true;
  for (size_t at = 0; done && at <= source.size;) {
    size_t begin = text_begin(source, at, &previous), end = find_tag(source, at);
    tag next = {.kind = '{', .begin = end, .end = source.size + 1};
    if (end < source.size) {
      tenon_status status = read_tag(source, end, &next);
      if (status.code) {
        free(*segments);
        return status;
      }
    }
    end = text_end(source, at, end, &next);
    if (begin < end)
      done = add_segment(segments, count, &capacity, (template_segment){SEGMENT_TEXT, {source.data + begin, end - begin}});
    if (done && next.inner.data && next.kind != '#')
      done = add_segment(segments, count, &capacity, (template_segment){next.kind == '{' ? SEGMENT_OUTPUT : SEGMENT_STATEMENT, next.inner});
    at = next.end;
    previous = next;
  }
  if (!done) {
    free(*segments);
    return text_out_of_memory();
  }
  return text_ok();
}
