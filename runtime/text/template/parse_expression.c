//===- parse_expression.c - the expressions of a template ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function a level of precedence, loosest first, as in Jinja's parser.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

typedef struct operator_row {
  const char *text;
  uint8_t symbol;
} operator_row;

// A node, and those that make it up.
static template_node *make(template_parser *parser, template_node_kind kind, template_node *first, template_node *second) {
  template_node *node = template_new_node(parser, kind);
  if (node) {
    node->first = first;
    node->second = second;
  }
  return node;
}

static template_node *constant(template_parser *parser, template_value value) {
  template_node *node = template_new_node(parser, NODE_CONSTANT);
  if (node)
    node->constant = value;
  return node;
}

static void append(template_node ***end, template_node *node) {
  if (!node)
    return;
  **end = node;
  *end = &node->next;
}

static template_node *parse_condition(template_parser *parser, bool with_condition);
static template_node *parse_unary(template_parser *parser, bool with_filters);

template_node *template_parse_expression(template_parser *parser) {
  return parse_condition(parser, true);
}

//===----------------------------------------------------------------------===//
// Literals and names
//===----------------------------------------------------------------------===//

static template_node *parse_name(template_parser *parser) {
  text_span name = template_expect_name(parser);
  if (template_named(name, "true") || template_named(name, "True"))
    return constant(parser, template_boolean(true));
  if (template_named(name, "false") || template_named(name, "False"))
    return constant(parser, template_boolean(false));
  if (template_named(name, "none") || template_named(name, "None"))
    return constant(parser, template_none());
  parser->names |= template_named(name, "varargs") ? MACRO_VARARGS : 0;
  parser->names |= template_named(name, "kwargs") ? MACRO_KWARGS : 0;
  parser->names |= template_named(name, "caller") ? MACRO_CALLER : 0;
  template_node *node = template_new_node(parser, NODE_NAME);
  if (node)
    node->name = name;
  return node;
}

// Strings that follow one another are one.
static template_node *parse_string(template_parser *parser) {
  template_value text = template_literal_value(parser->run, *parser->at++);
  while (parser->at->kind == TOKEN_STRING && !template_failed(parser->run)) {
    template_value more = template_literal_value(parser->run, *parser->at++);
    text = template_joined(parser->run, &text, more.string);
  }
  return constant(parser, text);
}

static template_node *parse_list(template_parser *parser) {
  template_node *list = template_new_node(parser, NODE_LIST);
  template_expect_symbol(parser, "[");
  template_node **end = list ? &list->first : NULL;
  while (!template_failed(parser->run) && !template_at_symbol(parser, "]")) {
    append(&end, template_parse_expression(parser));
    if (!template_at_symbol(parser, "]"))
      template_expect_symbol(parser, ",");
  }
  template_expect_symbol(parser, "]");
  return list;
}

static template_node *parse_dict(template_parser *parser) {
  template_node *dict = template_new_node(parser, NODE_DICT);
  template_expect_symbol(parser, "{");
  template_node **end = dict ? &dict->first : NULL;
  while (!template_failed(parser->run) && !template_at_symbol(parser, "}")) {
    append(&end, template_parse_expression(parser));
    template_expect_symbol(parser, ":");
    append(&end, template_parse_expression(parser));
    if (!template_at_symbol(parser, "}"))
      template_expect_symbol(parser, ",");
  }
  template_expect_symbol(parser, "}");
  return dict;
}

static template_node *parse_primary(template_parser *parser) {
  if (parser->at->kind == TOKEN_NAME)
    return parse_name(parser);
  if (parser->at->kind == TOKEN_STRING)
    return parse_string(parser);
  if (parser->at->kind == TOKEN_INTEGER || parser->at->kind == TOKEN_REAL)
    return constant(parser, template_literal_value(parser->run, *parser->at++));
  if (template_take_symbol(parser, "(")) {
    template_node *inner = template_parse_tuple(parser, TUPLE_PARENTHESES);
    template_expect_symbol(parser, ")");
    return inner;
  }
  if (template_at_symbol(parser, "["))
    return parse_list(parser);
  if (template_at_symbol(parser, "{"))
    return parse_dict(parser);
  template_unexpected(parser, "an expression");
  return NULL;
}

static bool at_tuple_end(const template_parser *parser, int options) {
  return parser->at->kind == TOKEN_OUTPUT_END || parser->at->kind == TOKEN_STATEMENT_END || template_at_symbol(parser, ")") ||
         (options & TUPLE_TARGETS && template_at_name(parser, "in")) ||
         (options & TUPLE_NO_CONDITION && template_at_name(parser, "recursive"));
}

template_node *template_parse_tuple(template_parser *parser, int options) {
  template_node *tuple = NULL, *only = NULL, *items = NULL, **end = &items;
  while (!template_failed(parser->run) && !at_tuple_end(parser, options)) {
    only = options & TUPLE_TARGETS ? parse_primary(parser) : parse_condition(parser, !(options & TUPLE_NO_CONDITION));
    append(&end, only);
    if (!template_take_symbol(parser, ","))
      break;
    if (!tuple)
      tuple = template_new_node(parser, NODE_TUPLE);
  }
  if (!tuple && only)
    return only;
  if (!tuple && !(options & TUPLE_PARENTHESES)) {
    template_unexpected(parser, "an expression");
    return NULL;
  }
  if (!tuple)
    tuple = template_new_node(parser, NODE_TUPLE);
  if (tuple)
    tuple->first = items;
  return tuple;
}

//===----------------------------------------------------------------------===//
// What stands behind an operand
//===----------------------------------------------------------------------===//

static template_node *parse_argument(template_parser *parser) {
  uint8_t symbol = 0;
  text_span name = {NULL, 0};
  if (template_take_symbol(parser, "*"))
    symbol = SYMBOL_ALL_POSITIONAL;
  else if (template_take_symbol(parser, "**"))
    symbol = SYMBOL_ALL_NAMED;
  else if (parser->at->kind == TOKEN_NAME && parser->at[1].kind == TOKEN_SYMBOL && template_named(parser->at[1].text, "=")) {
    name = parser->at->text;
    parser->at += 2;
  }
  template_node *argument = make(parser, NODE_ARGUMENT, template_parse_expression(parser), NULL);
  if (argument) {
    argument->symbol = symbol;
    argument->name = name;
  }
  return argument;
}

static template_node *parse_arguments(template_parser *parser) {
  template_node *arguments = NULL, **end = &arguments;
  bool named = false;
  template_expect_symbol(parser, "(");
  while (!template_failed(parser->run) && !template_at_symbol(parser, ")")) {
    template_node *argument = parse_argument(parser);
    if (argument && named && !argument->name.size && !argument->symbol)
      template_fail(parser->run, TENON_UNSUPPORTED, "an argument without a name behind one with a name");
    named |= argument && (argument->name.size || argument->symbol);
    append(&end, argument);
    if (!template_at_symbol(parser, ")"))
      template_expect_symbol(parser, ",");
  }
  template_expect_symbol(parser, ")");
  return arguments;
}

static template_node *parse_bound(template_parser *parser) {
  bool absent = template_at_symbol(parser, ":") || template_at_symbol(parser, "]") || template_at_symbol(parser, ",");
  return absent ? NULL : template_parse_expression(parser);
}

static template_node *parse_subscript(template_parser *parser) {
  template_node *key = parse_bound(parser);
  if (!template_at_symbol(parser, ":")) {
    if (!key)
      template_unexpected(parser, "an index");
    return key;
  }
  ++parser->at;
  template_node *slice = make(parser, NODE_SLICE, key, parse_bound(parser));
  if (template_take_symbol(parser, ":") && slice)
    slice->third = parse_bound(parser);
  return slice;
}

static template_node *parse_member(template_parser *parser, template_node *value) {
  if (parser->at->kind == TOKEN_INTEGER)
    return make(parser, NODE_ITEM, value, constant(parser, template_literal_value(parser->run, *parser->at++)));
  template_node *member = make(parser, NODE_ATTRIBUTE, value, NULL);
  text_span name = template_expect_name(parser);
  if (member)
    member->name = name;
  return member;
}

static template_node *parse_postfix(template_parser *parser, template_node *value) {
  while (!template_failed(parser->run)) {
    if (template_take_symbol(parser, ".")) {
      value = parse_member(parser, value);
    } else if (template_take_symbol(parser, "[")) {
      value = make(parser, NODE_ITEM, value, parse_subscript(parser));
      template_expect_symbol(parser, "]");
    } else if (template_at_symbol(parser, "(")) {
      value = make(parser, NODE_CALL, value, NULL);
      template_node *arguments = parse_arguments(parser);
      if (value)
        value->second = arguments;
    } else {
      break;
    }
  }
  return value;
}

template_node *template_parse_filters(template_parser *parser, template_node *operand, bool inline_start) {
  while (!template_failed(parser->run) && (inline_start || template_take_symbol(parser, "|"))) {
    inline_start = false;
    template_node *filter = make(parser, NODE_FILTER, operand, NULL);
    text_span name = template_expect_name(parser);
    template_node *arguments = template_at_symbol(parser, "(") ? parse_arguments(parser) : NULL;
    if (!filter)
      break;
    filter->name = name;
    filter->row = template_find_filter(name);
    filter->second = arguments;
    operand = filter;
  }
  return operand;
}

// A test's one argument may stand without parentheses: x is divisibleby 3.
static bool at_test_argument(const template_parser *parser) {
  if (parser->at->kind == TOKEN_NAME)
    return !template_at_name(parser, "else") && !template_at_name(parser, "or") && !template_at_name(parser, "and");
  return parser->at->kind == TOKEN_STRING || parser->at->kind == TOKEN_INTEGER || parser->at->kind == TOKEN_REAL ||
         template_at_symbol(parser, "[") || template_at_symbol(parser, "{");
}

static template_node *parse_test(template_parser *parser, template_node *operand) {
  bool negated = template_take_name(parser, "not");
  template_node *test = make(parser, NODE_TEST, operand, NULL), *arguments = NULL;
  text_span name = template_expect_name(parser);
  if (template_at_symbol(parser, "("))
    arguments = parse_arguments(parser);
  else if (template_at_name(parser, "is"))
    template_unexpected(parser, "one test");
  else if (at_test_argument(parser)) {
    template_node *argument = parse_postfix(parser, parse_primary(parser));
    arguments = make(parser, NODE_ARGUMENT, argument, NULL);
  }
  if (test) {
    test->name = name;
    test->row = template_find_test(name);
    test->second = arguments;
  }
  return negated ? make(parser, NODE_NOT, test, NULL) : test;
}

static template_node *parse_filters_and_tests(template_parser *parser, template_node *value) {
  while (!template_failed(parser->run)) {
    if (template_at_symbol(parser, "|"))
      value = template_parse_filters(parser, value, false);
    else if (template_take_name(parser, "is"))
      value = parse_test(parser, value);
    else if (template_at_symbol(parser, "("))
      value = make(parser, NODE_CALL, value, parse_arguments(parser));
    else
      break;
  }
  return value;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

static template_node *parse_unary(template_parser *parser, bool with_filters) {
  template_node *value = NULL;
  if (template_enter(parser)) {
    if (template_take_symbol(parser, "-"))
      value = make(parser, NODE_NEGATE, parse_unary(parser, false), NULL);
    else if (template_take_symbol(parser, "+"))
      value = make(parser, NODE_PLUS, parse_unary(parser, false), NULL);
    else
      value = parse_primary(parser);
    value = parse_postfix(parser, value);
    if (with_filters)
      value = parse_filters_and_tests(parser, value);
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
      left = make(parser, row->symbol ? NODE_BINARY : NODE_CONCAT, left, right);
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
    template_node *operand = make(parser, NODE_OPERAND, parse_binary(parser, 3), NULL);
    if (operand)
      operand->symbol = symbol;
    append(&end, operand);
  }
  return operands ? make(parser, NODE_COMPARE, left, operands) : left;
}

static template_node *parse_not(template_parser *parser) {
  template_node *value = NULL;
  if (template_enter(parser))
    value = template_take_name(parser, "not") ? make(parser, NODE_NOT, parse_not(parser), NULL) : parse_comparison(parser);
  --parser->depth;
  return value;
}

static template_node *parse_and(template_parser *parser) {
  template_node *left = parse_not(parser);
  while (!template_failed(parser->run) && template_take_name(parser, "and"))
    left = make(parser, NODE_AND, left, parse_not(parser));
  return left;
}

static template_node *parse_or(template_parser *parser) {
  template_node *left = parse_and(parser);
  while (!template_failed(parser->run) && template_take_name(parser, "or"))
    left = make(parser, NODE_OR, left, parse_and(parser));
  return left;
}

static template_node *parse_condition(template_parser *parser, bool with_condition) {
  if (!template_enter(parser)) {
    --parser->depth;
    return NULL;
  }
  template_node *value = parse_or(parser);
  while (with_condition && !template_failed(parser->run) && template_take_name(parser, "if")) {
    template_node *condition = make(parser, NODE_CONDITION, parse_or(parser), value);
    if (condition && template_take_name(parser, "else"))
      condition->third = parse_condition(parser, true);
    value = condition;
  }
  --parser->depth;
  return value;
}
