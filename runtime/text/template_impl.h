//===- template_impl.h - the interpreter of chat templates --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chat templates are written in Jinja. This interprets the part of it that templates of the ChatML family are made of, exactly as Jinja
// does with Hugging Face's settings (trim_blocks, lstrip_blocks), and refuses the rest by name:
//
//   statements   for over messages, if/elif/else, set; comments
//   expressions  literals, variables, attributes, indices, slices of messages, or/and/not, comparisons, in, is, +, -, %, ~, a if c else b
//   names        messages, add_generation_prompt, bos_token, eos_token, loop, raise_exception; the filter trim and strip()
//
// A branch that is not taken may hold anything: templates that handle tools keep working for chats without tools.
// There is no tree: the template is cut into segments once, and each expression is parsed when it is evaluated.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_TEMPLATE_IMPL_H
#define TENON_RUNTIME_TEXT_TEMPLATE_IMPL_H

#include "tenon/runtime/text/text_impl.h"

#include <string.h>

// template_lex.c: the template, cut at its tags; whitespace control is done.
typedef enum template_segment_kind {
  SEGMENT_TEXT,
  SEGMENT_OUTPUT,    /* {{ expression }} */
  SEGMENT_STATEMENT, /* {% statement %} */
} template_segment_kind;

typedef struct template_segment {
  template_segment_kind kind;
  text_span inner;
} template_segment;

tenon_status template_cut(text_span source, template_segment **segments, size_t *count);

typedef enum template_token_kind {
  TOKEN_END,
  TOKEN_NAME,
  TOKEN_STRING, /* span is what stands between the quotes, escapes untouched */
  TOKEN_INTEGER,
  TOKEN_SYMBOL,  /* one or two characters */
  TOKEN_UNKNOWN, /* a character that begins nothing */
} template_token_kind;

typedef struct template_token {
  template_token_kind kind;
  text_span text;
} template_token;

// Takes the next token off the front of rest.
template_token template_next_token(text_span *rest);
bool template_is(template_token token, const char *text);
template_token template_peek(text_span rest);
// Takes the token if it is this one.
bool template_accept(text_span *rest, const char *text);

typedef enum template_value_kind {
  VALUE_UNDEFINED,
  VALUE_NONE,
  VALUE_BOOLEAN,
  VALUE_INTEGER,
  VALUE_STRING,
  VALUE_MESSAGES, /* messages [first, last) */
  VALUE_MESSAGE,  /* messages[first] */
  VALUE_LOOP,     /* at place `integer` of messages [first, last) */
} template_value_kind;

typedef struct template_value {
  template_value_kind kind;
  int64_t integer;
  text_span string;
  size_t first;
  size_t last;
} template_value;

static inline bool text_same(text_span left, text_span right) {
  return left.size == right.size && (!left.size || memcmp(left.data, right.data, left.size) == 0);
}

static inline bool text_named(text_span span, const char *text) {
  return text_same(span, (text_span){(const uint8_t *)text, strlen(text)});
}

static inline template_value template_undefined(void) {
  return (template_value){.kind = VALUE_UNDEFINED};
}

static inline template_value template_boolean(bool truth) {
  return (template_value){.kind = VALUE_BOOLEAN, .integer = truth};
}

static inline template_value template_integer(int64_t number) {
  return (template_value){.kind = VALUE_INTEGER, .integer = number};
}

static inline template_value template_string(const void *data, size_t size) {
  return (template_value){.kind = VALUE_STRING, .string = {data, size}};
}

typedef struct template_variable {
  text_span name;
  template_value value;
} template_variable;

// Strings made while rendering, freed at the end.
typedef struct template_block {
  struct template_block *next;
  uint8_t data[];
} template_block;

#define TEMPLATE_VARIABLES 48
#define TEMPLATE_DEPTH 64

// One rendering. The first failure stays; from then on nothing is evaluated.
typedef struct template_run {
  text_span source;
  const template_segment *segments;
  size_t count;
  size_t at;
  const tenon_message *messages;
  size_t message_count;
  template_variable variables[TEMPLATE_VARIABLES];
  size_t variable_count;
  size_t scope; /* variables from here on belong to the innermost loop */
  template_block *blocks;
  size_t block_bytes;
  text_buffer out;
  size_t limit; /* of bytes made, and of steps */
  size_t steps;
  int depth;
  tenon_status failure;
} template_run;

// Notes that the template does something that is not supported, at `where` in its source.
void template_refuse(template_run *run, text_span where, const char *what);
// False when the rendering failed or takes too long.
bool template_step(template_run *run);
uint8_t *template_allocate(template_run *run, size_t size);

// Takes this token or refuses the template.
void template_expect(template_run *run, text_span *rest, const char *text, const char *otherwise);

// template_expression.c and, for operands, template_postfix.c: evaluates the expression at the front of rest. With `active` false it is
// only passed over.
template_value template_evaluate(template_run *run, text_span *rest, bool active);
template_value template_evaluate_postfix(template_run *run, text_span *rest, bool active);
bool template_truth(const template_value *value);
void template_define(template_run *run, text_span name, template_value value);
text_span template_print(template_run *run, const template_value *value);

// template_eval.c: runs all segments; the text is in run->out.
void template_execute(template_run *run);

#endif /* TENON_RUNTIME_TEXT_TEMPLATE_IMPL_H */
