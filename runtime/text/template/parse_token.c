//===- parse_token.c - what all parts of the parser share ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/tree_impl.h"

template_node *template_new_node(template_parser *parser, template_node_kind kind) {
  template_step(parser->run);
  template_node *node = template_allocate(parser->run, 1, sizeof *node);
  if (!node)
    return NULL;
  memset(node, 0, sizeof *node);
  node->kind = (uint8_t)kind;
  node->line = parser->at->line;
  return node;
}

void template_unexpected(template_parser *parser, const char *expected) {
  const template_token *token = parser->at;
  parser->run->line = token->line;
  int shown = token->text.size > 60 ? 60 : (int)token->text.size;
  if (token->kind == TOKEN_END)
    template_fail(parser->run, TENON_UNSUPPORTED, "expects %s, but the template ends", expected);
  else if (token->kind == TOKEN_OUTPUT_END || token->kind == TOKEN_STATEMENT_END)
    template_fail(parser->run, TENON_UNSUPPORTED, "expects %s, but the tag ends", expected);
  else
    template_fail(parser->run, TENON_UNSUPPORTED, "expects %s, but got '%.*s'", expected, shown, (const char *)token->text.data);
}

bool template_at_symbol(const template_parser *parser, const char *symbol) {
  return parser->at->kind == TOKEN_SYMBOL && template_named(parser->at->text, symbol);
}

bool template_at_name(const template_parser *parser, const char *name) {
  return parser->at->kind == TOKEN_NAME && template_named(parser->at->text, name);
}

bool template_take_symbol(template_parser *parser, const char *symbol) {
  bool found = template_at_symbol(parser, symbol);
  parser->at += found;
  return found;
}

bool template_take_name(template_parser *parser, const char *name) {
  bool found = template_at_name(parser, name);
  parser->at += found;
  return found;
}

void template_expect_symbol(template_parser *parser, const char *symbol) {
  char expected[8] = {'\'', symbol[0], symbol[1] ? symbol[1] : '\'', symbol[1] ? '\'' : 0};
  if (!template_take_symbol(parser, symbol))
    template_unexpected(parser, expected);
}

text_span template_expect_name(template_parser *parser) {
  if (parser->at->kind == TOKEN_NAME)
    return (parser->at++)->text;
  template_unexpected(parser, "a name");
  return (text_span){NULL, 0};
}

bool template_enter(template_parser *parser) {
  if (++parser->depth > TEMPLATE_PARSE_DEPTH) {
    parser->run->line = parser->at->line;
    template_fail(parser->run, TENON_RESOURCE, "expressions or blocks are nested more than %d deep", TEMPLATE_PARSE_DEPTH);
  }
  return !template_failed(parser->run);
}

template_node *template_make_node(template_parser *parser, template_node_kind kind, template_node *first, template_node *second) {
  template_node *node = template_new_node(parser, kind);
  if (node) {
    node->first = first;
    node->second = second;
  }
  return node;
}

void template_append_node(template_node ***end, template_node *node) {
  if (!node)
    return;
  **end = node;
  *end = &node->next;
}
