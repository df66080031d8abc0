//===- tree_impl.h - tokens and the tree of a template ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_RUNTIME_TEXT_TEMPLATE_TREE_IMPL_H
#define TENON_RUNTIME_TEXT_TEMPLATE_TREE_IMPL_H

#include "tenon/runtime/text/template/run_impl.h"

//===----------------------------------------------------------------------===//
// lex.c: tokens
//===----------------------------------------------------------------------===//

typedef enum template_token_kind {
  TOKEN_END,
  TOKEN_TEXT, /* between tags; white space control is done */
  TOKEN_OUTPUT,
  TOKEN_OUTPUT_END,
  TOKEN_STATEMENT,
  TOKEN_STATEMENT_END,
  TOKEN_NAME,
  TOKEN_STRING, /* what stands between the quotes, escapes untouched */
  TOKEN_INTEGER,
  TOKEN_REAL,
  TOKEN_SYMBOL, /* one or two characters */
} template_token_kind;

typedef struct template_token {
  template_token_kind kind;
  uint32_t line;
  text_span text;
} template_token;

// The tokens of the run's source, the last of which is TOKEN_END; null when the run failed.
const template_token *template_cut(template_run *run);

// literal.c
// The source with \n for every newline, and without one at its end.
text_span template_normalised(template_run *run);
// The value of a string, integer or real token.
template_value template_literal_value(template_run *run, template_token token);

//===----------------------------------------------------------------------===//
// parse*.c: the tree
//===----------------------------------------------------------------------===//

typedef enum template_node_kind {
  // Expressions
  NODE_CONSTANT,
  NODE_NAME,
  NODE_LIST,      /* first: items */
  NODE_TUPLE,     /* first: items */
  NODE_DICT,      /* first: keys and values in turn */
  NODE_CONDITION, /* second if first else third */
  NODE_OR,
  NODE_AND,
  NODE_NOT,
  NODE_COMPARE, /* first; second: NODE_OPERAND, each with `symbol` */
  NODE_OPERAND,
  NODE_BINARY, /* first `symbol` second */
  NODE_CONCAT, /* first: parts */
  NODE_NEGATE,
  NODE_PLUS,
  NODE_ATTRIBUTE, /* first.name */
  NODE_ITEM,      /* first[second] */
  NODE_SLICE,     /* first:second:third, the second of NODE_ITEM */
  NODE_CALL,      /* first(second) */
  NODE_FILTER,    /* first|name(second); without first, of the block's text */
  NODE_TEST,      /* first is name(second) */
  NODE_ARGUMENT,  /* first; name if by keyword; symbol '*' or 'k' (**) */
  // Statements
  NODE_TEXT,
  NODE_OUTPUT,
  NODE_IF,           /* first: condition, body, otherwise */
  NODE_FOR,          /* for first in second if third */
  NODE_SET,          /* first = second */
  NODE_SET_BLOCK,    /* first = body, filtered by second */
  NODE_MACRO,        /* name(first: NODE_ARGUMENT with default as first) */
  NODE_CALL_BLOCK,   /* call(first: parameters) second */
  NODE_FILTER_BLOCK, /* second */
  NODE_WITH,         /* first: NODE_SET */
  NODE_SCOPE,        /* generation */
  NODE_BREAK,
  NODE_CONTINUE,
} template_node_kind;

enum {
  SYMBOL_ADD = 1,
  SYMBOL_SUBTRACT,
  SYMBOL_MULTIPLY,
  SYMBOL_DIVIDE,
  SYMBOL_FLOOR,
  SYMBOL_MODULO,
  SYMBOL_POWER,
  SYMBOL_EQUAL,
  SYMBOL_UNEQUAL,
  SYMBOL_LESS,
  SYMBOL_LESS_EQUAL,
  SYMBOL_GREATER,
  SYMBOL_GREATER_EQUAL,
  SYMBOL_IN,
  SYMBOL_NOT_IN,
  SYMBOL_ALL_POSITIONAL, /* *x in a call */
  SYMBOL_ALL_NAMED,      /* **x in a call */
};

enum {
  IF_ELIF = 1, /* goes on with an if before it */
  MACRO_VARARGS = 1,
  MACRO_KWARGS = 2,
  MACRO_CALLER = 4,
};

typedef struct template_node template_node;
struct template_node {
  uint8_t kind;
  uint8_t symbol;
  uint8_t flags;
  uint32_t line;
  text_span name; /* or text */
  template_node *next;
  template_node *first;
  template_node *second;
  template_node *third;
  template_node *body;
  template_node *otherwise;
  template_value constant;
  const template_row *row; /* of a filter or test; null: unknown */
};

typedef struct template_parser {
  template_run *run;
  const template_token *at;
  int depth;
  int loops;     /* around what is parsed, within the macro */
  uint8_t names; /* MACRO_* whose names were read */
} template_parser;

// The statements of the whole template.
template_node *template_parse(template_run *run);

template_node *template_new_node(template_parser *parser, template_node_kind kind);
template_node *template_make_node(template_parser *parser, template_node_kind kind, template_node *first, template_node *second);
void template_append_node(template_node ***end, template_node *node);
void template_unexpected(template_parser *parser, const char *expected);
bool template_at_symbol(const template_parser *parser, const char *symbol);
bool template_at_name(const template_parser *parser, const char *name);
bool template_take_symbol(template_parser *parser, const char *symbol);
bool template_take_name(template_parser *parser, const char *name);
void template_expect_symbol(template_parser *parser, const char *symbol);
text_span template_expect_name(template_parser *parser);
bool template_enter(template_parser *parser);

enum {
  TUPLE_NO_CONDITION = 1, /* a if b else c is not one expression: for x in a if b */
  TUPLE_TARGETS = 2,      /* of names to assign to */
  TUPLE_PARENTHESES = 4,  /* may be empty */
};

template_node *template_parse_tuple(template_parser *parser, int options);
template_node *template_parse_expression(template_parser *parser);
// With a condition behind it or not: a if b else c.
template_node *template_parse_condition(template_parser *parser, bool with_condition);
template_node *template_parse_primary(template_parser *parser);
// Members, items and calls behind a value; filters and tests behind those.
template_node *template_parse_postfix(template_parser *parser, template_node *value);
template_node *template_parse_suffixes(template_parser *parser, template_node *value);
// |name(...)|name(...) of `operand`; with `inline_start` the first has no bar.
template_node *template_parse_filters(template_parser *parser, template_node *operand, bool inline_start);

#endif /* TENON_RUNTIME_TEXT_TEMPLATE_TREE_IMPL_H */
