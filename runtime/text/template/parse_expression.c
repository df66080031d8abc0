//===- parse_expression.c - the operators of a template -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function a level of precedence, tightest first, as in Jinja's parser.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

typedef struct operator_row {
  const char *text;
  uint8_t symbol;
} operator_row;

static template_node *parse_unary(template_parser *parser, bool with_filters) {
  template_node *value = NULL;
  if (template_enter(parser)) {
    if (template_take_symbol(parser, "-"))
      value = template_make_node(parser, NODE_NEGATE, parse_unary(parser, false), NULL);
    else if (template_take_symbol(parser, "+"))
      value = template_make_node(parser, NODE_PLUS, parse_unary(parser, false), NULL);
    else
      value = template_parse_primary(parser);
    value = template_parse_postfix(parser, value);
    if (with_filters)
      value = template_parse_suffixes(parser, value);
  }
  --parser->depth;
  return value;
}

// Operators of one level of precedence; `level` counts from the tightest. Concatenation, which is one of them, is a node of its own.
static template_node *parse_binary(template_parser *parser, int level) {
  static const operator_row levels[][5] = {
      {{"**", SYMBOL_POWER}},
      {{"*", SYMBOL_MULTIPLY}, {"/", SYMBOL_DIVIDE}, {"//", SYMBOL_FLOOR}, {"%", SYMBOL_MODULO}},
      {{"~", 0}},
      {{"+", SYMBOL_ADD}, {"-", SYMBOL_SUBTRACT}},
  };
  template_node *left = level ? parse_binary(parser, level - 1) : parse_unary(parser, true);
  for (bool found = true; found && !template_failed(parser->run);) {
    found = false;
    for (const operator_row *row = levels[level]; row->text && !found; ++row) {
      if (!template_take_symbol(parser, row->text))
        continue;
      found = true;
      template_node *right = level ? parse_binary(parser, level - 1) : parse_unary(parser, true);
      left = template_make_node(parser, row->symbol ? NODE_BINARY : NODE_CONCAT, left, right);
      if (left)
        left->symbol = row->symbol;
    }
  }
  return left;
}

static uint8_t take_comparison(template_parser *parser) {
  static const operator_row rows[] = {{"==", SYMBOL_EQUAL},  {"!=", SYMBOL_UNEQUAL},       {"<", SYMBOL_LESS}, {"<=", SYMBOL_LESS_EQUAL},
                                      {">", SYMBOL_GREATER}, {">=", SYMBOL_GREATER_EQUAL}, {NULL, 0}};
  for (const operator_row *row = rows; row->text; ++row)
    if (template_take_symbol(parser, row->text))
      return row->symbol;
  if (template_take_name(parser, "in"))
    return SYMBOL_IN;
  bool absent = template_at_name(parser, "not") && parser->at[1].kind == TOKEN_NAME && template_named(parser->at[1].text, "in");
  if (!absent)
    return 0;
  parser->at += 2;
  return SYMBOL_NOT_IN;
}

static template_node *parse_comparison(template_parser *parser) {
  template_node *left = parse_binary(parser, 3), *operands = NULL, **end = &operands;
  for (uint8_t symbol; !template_failed(parser->run) && (symbol = take_comparison(parser));) {
    template_node *operand = template_make_node(parser, NODE_OPERAND, parse_binary(parser, 3), NULL);
    if (operand)
      operand->symbol = symbol;
    template_append_node(&end, operand);
  }
  return operands ? template_make_node(parser, NODE_COMPARE, left, operands) : left;
}

static template_node *parse_not(template_parser *parser) {
  template_node *value = NULL;
  if (template_enter(parser))
    value = template_take_name(parser, "not") ? template_make_node(parser, NODE_NOT, parse_not(parser), NULL) : parse_comparison(parser);
  --parser->depth;
  return value;
}

static template_node *parse_and(template_parser *parser) {
  template_node *left = parse_not(parser);
  while (!template_failed(parser->run) && template_take_name(parser, "and"))
    left = template_make_node(parser, NODE_AND, left, parse_not(parser));
  return left;
}

static template_node *parse_or(template_parser *parser) {
  template_node *left = parse_and(parser);
  while (!template_failed(parser->run) && template_take_name(parser, "or"))
    left = template_make_node(parser, NODE_OR, left, parse_and(parser));
  return left;
}

template_node *template_parse_condition(template_parser *parser, bool with_condition) {
  if (!template_enter(parser)) {
    --parser->depth;
    return NULL;
  }
  template_node *value = parse_or(parser);
  while (with_condition && !template_failed(parser->run) && template_take_name(parser, "if")) {
    template_node *condition = template_make_node(parser, NODE_CONDITION, parse_or(parser), value);
    if (condition && template_take_name(parser, "else"))
      condition->third = template_parse_condition(parser, true);
    value = condition;
  }
  --parser->depth;
  return value;
}

template_node *template_parse_expression(template_parser *parser) {
  return template_parse_condition(parser, true);
}
