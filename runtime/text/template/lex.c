//===- lex.c - cut a template into tokens -------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// White space around tags is settled here. A minus inside a tag's brace takes all white space on its side. Otherwise a statement or a
// comment takes the newline right behind it, and the blanks before it when it stands first on its line; a plus keeps both.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

typedef struct lexer {
  template_run *run;
  text_span source;
  size_t at;
  uint32_t line;
  bool line_starts; /* what was read last ended with a newline */
  template_token *tokens;
  size_t count;
  size_t capacity;
} lexer;

static bool looking_at(const lexer *lex, size_t at, const char *text) {
  size_t size = strlen(text);
  return lex->source.size - at >= size && memcmp(lex->source.data + at, text, size) == 0;
}

static void fail(lexer *lex, const char *what) {
  lex->run->line = lex->line;
  template_fail(lex->run, TENON_UNSUPPORTED, "%s", what);
}

static void add(lexer *lex, template_token_kind kind, size_t begin, size_t end) {
  template_step(lex->run);
  lex->tokens = template_grow(lex->run, lex->tokens, lex->count, &lex->capacity, sizeof *lex->tokens);
  if (!lex->tokens)
    lex->count = lex->capacity = 0;
  else
    lex->tokens[lex->count++] = (template_token){kind, lex->line, {lex->source.data + begin, end - begin}};
}

static void move(lexer *lex, size_t to) {
  for (; lex->at < to; ++lex->at)
    lex->line += lex->source.data[lex->at] == '\n';
}

static size_t space_at(const lexer *lex, size_t at) {
  text_span text = {lex->source.data + at, lex->source.size - at};
  return text.size && template_is_space(template_code_point(text)) ? template_character(text) : 0;
}

static size_t skip_space(const lexer *lex, size_t at) {
  for (size_t size; (size = space_at(lex, at));)
    at += size;
  return at;
}

//===----------------------------------------------------------------------===//
// Inside tags
//===----------------------------------------------------------------------===//

static bool is_digit(uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

static bool is_name(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80 || is_digit(byte);
}

// Behind the digits at `at`, single underscores between them.
static size_t skip_digits(const lexer *lex, size_t at) {
  const uint8_t *data = lex->source.data;
  while (at < lex->source.size && (is_digit(data[at]) || (data[at] == '_' && at + 1 < lex->source.size && is_digit(data[at + 1]))))
    ++at;
  return at;
}

static void read_number(lexer *lex) {
  size_t begin = lex->at, end = skip_digits(lex, begin), size = lex->source.size;
  const uint8_t *data = lex->source.data;
  bool real = false, after_dot = begin && data[begin - 1] == '.';
  if (data[begin] == '0' && begin + 1 < size && strchr("xXoObB", data[begin + 1]) && data[begin + 1]) {
    end = begin + 2;
    while (end < size && is_name(data[end]))
      ++end;
    add(lex, TOKEN_INTEGER, begin, end);
    move(lex, end);
    return;
  }
  if (!after_dot && end + 1 < size && data[end] == '.' && is_digit(data[end + 1])) {
    real = true;
    end = skip_digits(lex, end + 1);
  }
  if (!after_dot && end < size && (data[end] | 0x20) == 'e') {
    size_t exponent = end + 1;
    if (exponent < size && (data[exponent] == '+' || data[exponent] == '-'))
      ++exponent;
    if (exponent < size && is_digit(data[exponent])) {
      real = true;
      end = skip_digits(lex, exponent);
    }
  }
  add(lex, real ? TOKEN_REAL : TOKEN_INTEGER, begin, end);
  move(lex, end);
}

static void read_string(lexer *lex) {
  const uint8_t *data = lex->source.data;
  for (size_t i = lex->at + 1; i < lex->source.size; ++i) {
    if (data[i] == '\\')
      ++i;
    else if (data[i] == data[lex->at]) {
      add(lex, TOKEN_STRING, lex->at + 1, i);
      move(lex, i + 1);
      return;
    }
  }
  fail(lex, "a string that does not end");
}

static bool read_symbol(lexer *lex, int *brackets) {
  static const char *const pairs[] = {"//", "**", "==", "!=", ">=", "<="};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i)
    if (looking_at(lex, lex->at, pairs[i])) {
      add(lex, TOKEN_SYMBOL, lex->at, lex->at + 2);
      lex->at += 2;
      return true;
    }
  uint8_t byte = lex->source.data[lex->at];
  if (!byte || !strchr("+-*/%~[](){}<>=.:|,;", byte))
    return false;
  *brackets += strchr("([{", byte) != NULL;
  *brackets -= strchr(")]}", byte) != NULL;
  add(lex, TOKEN_SYMBOL, lex->at, lex->at + 1);
  ++lex->at;
  return true;
}

static void read_token(lexer *lex, int *brackets) {
  uint8_t byte = lex->source.data[lex->at];
  if (is_digit(byte))
    read_number(lex);
  else if (is_name(byte)) {
    size_t end = lex->at;
    while (end < lex->source.size && is_name(lex->source.data[end]) && !space_at(lex, end))
      ++end;
    add(lex, TOKEN_NAME, lex->at, end);
    move(lex, end);
  } else if (byte == '\'' || byte == '"')
    read_string(lex);
  else if (!read_symbol(lex, brackets)) {
    lex->run->line = lex->line;
    template_fail(lex->run, TENON_UNSUPPORTED, "a character that begins nothing: '%.*s'",
                  (int)template_character((text_span){lex->source.data + lex->at, lex->source.size - lex->at}),
                  (const char *)lex->source.data + lex->at);
  }
}

// Takes the end of a tag, with the white space that it takes; false if it does not stand here. Outputs take no newline.
static bool take_close(lexer *lex, const char *close, bool newline) {
  const uint8_t sign = lex->at < lex->source.size ? lex->source.data[lex->at] : 0;
  const bool strips = sign == '-', keeps = newline && sign == '+';
  if (!looking_at(lex, lex->at + (strips || keeps), close))
    return false;
  size_t end = lex->at + (strips || keeps) + 2;
  if (strips)
    end = skip_space(lex, end);
  else if (newline && !keeps && end < lex->source.size && lex->source.data[end] == '\n')
    ++end;
  move(lex, end);
  lex->line_starts = lex->source.data[end - 1] == '\n';
  return true;
}

// The tokens of a tag and its end.
static void read_inside(lexer *lex, template_token_kind kind, const char *close) {
  const uint32_t opened = lex->line;
  const bool output = kind == TOKEN_OUTPUT;
  add(lex, kind, lex->at, lex->at);
  int brackets = 0;
  while (!template_failed(lex->run)) {
    move(lex, skip_space(lex, lex->at));
    if (lex->at == lex->source.size) {
      lex->line = opened;
      fail(lex, "a tag that does not end");
      return;
    }
    size_t end = lex->at;
    if (brackets <= 0 && take_close(lex, close, !output)) {
      add(lex, output ? TOKEN_OUTPUT_END : TOKEN_STATEMENT_END, end, end);
      return;
    }
    read_token(lex, &brackets);
  }
}

//===----------------------------------------------------------------------===//
// Between tags
//===----------------------------------------------------------------------===//

// Where the text that begins at `begin` ends before a tag at `end`, without the white space that the tag takes.
static size_t text_end(const lexer *lex, size_t begin, size_t end, uint8_t sign, bool output) {
  if (sign == '-') {
    text_span text = {lex->source.data + begin, end - begin};
    return begin + template_strip(text, NULL, STRIP_RIGHT).size;
  }
  if (output || sign == '+')
    return end;
  size_t line = end;
  while (line > begin && lex->source.data[line - 1] != '\n')
    --line;
  bool starts = line > begin || lex->line_starts;
  return starts && skip_space(lex, line) >= end ? line : end;
}

static void add_text(lexer *lex, size_t end, uint8_t sign, bool output) {
  size_t stop = text_end(lex, lex->at, end, sign, output);
  if (stop > lex->at)
    add(lex, TOKEN_TEXT, lex->at, stop);
  move(lex, end);
}

static void skip_comment(lexer *lex) {
  const uint32_t opened = lex->line;
  for (; lex->at + 1 < lex->source.size; move(lex, lex->at + 1))
    if (take_close(lex, "#}", true))
      return;
  lex->line = opened;
  fail(lex, "a comment that does not end");
}

// Behind `name` in a statement that has nothing else, at its end; 0: this is another statement.
static size_t lone_statement(const lexer *lex, size_t at, const char *name) {
  at += 2;
  if (at < lex->source.size && (lex->source.data[at] == '-' || lex->source.data[at] == '+'))
    ++at;
  at = skip_space(lex, at);
  if (!looking_at(lex, at, name))
    return 0;
  at = skip_space(lex, at + strlen(name));
  bool signed_end = at < lex->source.size && (lex->source.data[at] == '-' || lex->source.data[at] == '+');
  return looking_at(lex, at + signed_end, "%}") ? at : 0;
}

static uint8_t sign_at(const lexer *lex, size_t at) {
  uint8_t byte = at < lex->source.size ? lex->source.data[at] : 0;
  return byte == '-' || byte == '+' ? byte : 0;
}

// From the end of {% raw %} to behind {% endraw %}.
static void read_raw(lexer *lex, size_t close) {
  const uint32_t opened = lex->line;
  move(lex, close);
  take_close(lex, "%}", lex->source.data[lex->at] == '+'); // keeps the newline
  for (size_t at = lex->at; at + 1 < lex->source.size; ++at) {
    if (!looking_at(lex, at, "{%") || !(close = lone_statement(lex, at, "endraw")))
      continue;
    add_text(lex, at, sign_at(lex, at + 2), false);
    move(lex, close);
    take_close(lex, "%}", true);
    return;
  }
  lex->line = opened;
  fail(lex, "a raw block that does not end");
}

static size_t find_tag(const lexer *lex) {
  for (size_t at = lex->at; at + 1 < lex->source.size; ++at)
    if (lex->source.data[at] == '{' && lex->source.data[at + 1] && strchr("{%#", lex->source.data[at + 1]))
      return at;
  return lex->source.size;
}

static void read_tag(lexer *lex, size_t at) {
  const uint8_t kind = lex->source.data[at + 1], sign = sign_at(lex, at + 2);
  add_text(lex, at, sign, kind == '{');
  lex->line_starts = false;
  size_t raw = kind == '%' ? lone_statement(lex, at, "raw") : 0;
  if (raw) {
    read_raw(lex, raw);
    return;
  }
  move(lex, at + 2 + (sign != 0));
  if (kind == '#')
    skip_comment(lex);
  else if (kind == '{')
    read_inside(lex, TOKEN_OUTPUT, "}}");
  else
    read_inside(lex, TOKEN_STATEMENT, "%}");
}

const template_token *template_cut(template_run *run) {
  lexer lex = {.run = run, .source = template_normalised(run), .line = 1, .line_starts = true};
  while (lex.at < lex.source.size && !template_failed(run)) {
    size_t at = find_tag(&lex);
    if (at == lex.source.size)
      add_text(&lex, at, '+', true);
    else
      read_tag(&lex, at);
  }
  add(&lex, TOKEN_END, lex.source.size, lex.source.size);
  return template_failed(run) ? NULL : lex.tokens;
}
