//===- parse_operand.c - what operators stand between -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Literals, names and parentheses, with the members, calls, filters and tests behind them.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

static template_node *constant(template_parser *parser, template_value value) {
  template_node *node = template_new_node(parser, NODE_CONSTANT);
  if (node)
    node->constant = value;
  return node;
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
    template_append_node(&end, template_parse_expression(parser));
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
    template_append_node(&end, template_parse_expression(parser));
    template_expect_symbol(parser, ":");
    template_append_node(&end, template_parse_expression(parser));
    if (!template_at_symbol(parser, "}"))
      template_expect_symbol(parser, ",");
  }
  template_expect_symbol(parser, "}");
  return dict;
}

template_node *template_parse_primary(template_parser *parser) {
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
    only = options & TUPLE_TARGETS ? template_parse_primary(parser) : template_parse_condition(parser, !(options & TUPLE_NO_CONDITION));
    template_append_node(&end, only);
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
  template_node *argument = template_make_node(parser, NODE_ARGUMENT, template_parse_expression(parser), NULL);
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
    template_append_node(&end, argument);
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
  template_node *slice = template_make_node(parser, NODE_SLICE, key, parse_bound(parser));
  if (template_take_symbol(parser, ":") && slice)
    slice->third = parse_bound(parser);
  return slice;
}

static template_node *parse_member(template_parser *parser, template_node *value) {
  if (parser->at->kind == TOKEN_INTEGER)
    return template_make_node(parser, NODE_ITEM, value, constant(parser, template_literal_value(parser->run, *parser->at++)));
  template_node *member = template_make_node(parser, NODE_ATTRIBUTE, value, NULL);
  text_span name = template_expect_name(parser);
  if (member)
    member->name = name;
  return member;
}

template_node *template_parse_postfix(template_parser *parser, template_node *value) {
  while (!template_failed(parser->run)) {
    if (template_take_symbol(parser, ".")) {
      value = parse_member(parser, value);
    } else if (template_take_symbol(parser, "[")) {
      value = template_make_node(parser, NODE_ITEM, value, parse_subscript(parser));
      template_expect_symbol(parser, "]");
    } else if (template_at_symbol(parser, "(")) {
      value = template_make_node(parser, NODE_CALL, value, NULL);
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
    template_node *filter = template_make_node(parser, NODE_FILTER, operand, NULL);
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
  template_node *test = template_make_node(parser, NODE_TEST, operand, NULL), *arguments = NULL;
  text_span name = template_expect_name(parser);
  if (template_at_symbol(parser, "("))
    arguments = parse_arguments(parser);
  else if (template_at_name(parser, "is"))
    template_unexpected(parser, "one test");
  else if (at_test_argument(parser)) {
    template_node *argument = template_parse_postfix(parser, template_parse_primary(parser));
    arguments = template_make_node(parser, NODE_ARGUMENT, argument, NULL);
  }
  if (test) {
    test->name = name;
    test->row = template_find_test(name);
    test->second = arguments;
  }
  return negated ? template_make_node(parser, NODE_NOT, test, NULL) : test;
}

template_node *template_parse_suffixes(template_parser *parser, template_node *value) {
  while (!template_failed(parser->run)) {
    if (template_at_symbol(parser, "|"))
      value = template_parse_filters(parser, value, false);
    else if (template_take_name(parser, "is"))
      value = parse_test(parser, value);
    else if (template_at_symbol(parser, "("))
      value = template_make_node(parser, NODE_CALL, value, parse_arguments(parser));
    else
      break;
  }
  return value;
}
