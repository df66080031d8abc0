//===- parse.c - the statements of a template ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/tree_impl.h"

static template_node *parse_body(template_parser *parser, const char *const *ends);

// Up to {% end %}, which is taken.
static template_node *parse_until(template_parser *parser, const char *end, uint32_t opened) {
  const char *const ends[] = {end, NULL};
  template_node *body = parse_body(parser, ends);
  if (!template_take_name(parser, end)) {
    parser->run->line = opened;
    template_fail(parser->run, TENON_UNSUPPORTED, "a block that does not end: expects '%s'", end);
  }
  return body;
}

// A name, names, or name.attribute of a namespace.
static template_node *parse_target(template_parser *parser, int options) {
  template_node *target = template_parse_tuple(parser, TUPLE_TARGETS | options);
  if (target && target->kind == NODE_NAME && template_take_symbol(parser, ".")) {
    target->kind = NODE_ATTRIBUTE;
    target->first = template_new_node(parser, NODE_NAME);
    if (target->first)
      target->first->name = target->name;
    target->name = template_expect_name(parser);
  }
  for (template_node *item = target && target->kind == NODE_TUPLE ? target->first : target; item; item = item->next)
    if (item->kind != NODE_NAME && item->kind != NODE_ATTRIBUTE && item->kind != NODE_TUPLE) {
      parser->run->line = item->line;
      template_fail(parser->run, TENON_UNSUPPORTED, "an assignment to what is not a name");
    }
  return target;
}

static void parse_if(template_parser *parser, template_node *node) {
  static const char *const ends[] = {"elif", "else", "endif", NULL};
  const uint32_t opened = node->line;
  for (;;) {
    node->first = template_parse_tuple(parser, TUPLE_NO_CONDITION);
    node->body = parse_body(parser, ends);
    if (!template_take_name(parser, "elif"))
      break;
    node->otherwise = template_new_node(parser, NODE_IF);
    if (!(node = node->otherwise))
      return;
    node->flags = IF_ELIF;
  }
  if (template_take_name(parser, "else"))
    node->otherwise = parse_until(parser, "endif", opened);
  else if (!template_take_name(parser, "endif")) {
    parser->run->line = opened;
    template_fail(parser->run, TENON_UNSUPPORTED, "a block that does not end: expects 'endif'");
  }
}

static void parse_for(template_parser *parser, template_node *node) {
  static const char *const ends[] = {"else", "endfor", NULL};
  node->first = parse_target(parser, 0);
  if (!template_take_name(parser, "in"))
    template_unexpected(parser, "'in'");
  node->second = template_parse_tuple(parser, TUPLE_NO_CONDITION);
  if (template_take_name(parser, "if"))
    node->third = template_parse_expression(parser);
  if (template_at_name(parser, "recursive"))
    template_fail(parser->run, TENON_UNSUPPORTED, "a recursive loop");
  ++parser->loops;
  node->body = parse_body(parser, ends);
  --parser->loops;
  if (template_take_name(parser, "else"))
    node->otherwise = parse_until(parser, "endfor", node->line);
  else if (!template_take_name(parser, "endfor")) {
    parser->run->line = node->line;
    template_fail(parser->run, TENON_UNSUPPORTED, "a block that does not end: expects 'endfor'");
  }
}

static void parse_set(template_parser *parser, template_node *node) {
  node->first = parse_target(parser, 0);
  if (template_take_symbol(parser, "=")) {
    node->second = template_parse_tuple(parser, 0);
    return;
  }
  node->kind = NODE_SET_BLOCK;
  if (template_at_symbol(parser, "|"))
    node->second = template_parse_filters(parser, NULL, false);
  node->body = parse_until(parser, "endset", node->line);
}

static void parse_parameters(template_parser *parser, template_node *node) {
  template_node **end = &node->first;
  bool defaults = false;
  template_expect_symbol(parser, "(");
  while (!template_failed(parser->run) && !template_at_symbol(parser, ")")) {
    template_node *parameter = template_new_node(parser, NODE_ARGUMENT);
    text_span name = template_expect_name(parser);
    if (!parameter)
      return;
    parameter->name = name;
    if (template_take_symbol(parser, "="))
      parameter->first = template_parse_expression(parser);
    else if (defaults)
      template_fail(parser->run, TENON_UNSUPPORTED, "a parameter without a default behind one with a default");
    defaults |= parameter->first != NULL;
    *end = parameter;
    end = &parameter->next;
    if (!template_at_symbol(parser, ")"))
      template_expect_symbol(parser, ",");
  }
  template_expect_symbol(parser, ")");
}

// The body of a macro or call block: loops outside are not its own, and the names that it reads tell which arguments it takes.
static void parse_macro_body(template_parser *parser, template_node *node, const char *end) {
  const int loops = parser->loops;
  const uint8_t names = parser->names;
  parser->loops = 0;
  parser->names = 0;
  node->body = parse_until(parser, end, node->line);
  node->flags = parser->names;
  parser->loops = loops;
  parser->names |= names;
}

static void parse_call(template_parser *parser, template_node *node) {
  if (template_at_symbol(parser, "("))
    parse_parameters(parser, node);
  node->second = template_parse_expression(parser);
  if (node->second && node->second->kind != NODE_CALL)
    template_unexpected(parser, "a call before");
  parse_macro_body(parser, node, "endcall");
}

static void parse_with(template_parser *parser, template_node *node) {
  template_node **end = &node->first;
  while (!template_failed(parser->run) && parser->at->kind != TOKEN_STATEMENT_END) {
    template_node *assignment = template_new_node(parser, NODE_SET);
    if (!assignment)
      return;
    assignment->first = parse_target(parser, 0);
    template_expect_symbol(parser, "=");
    assignment->second = template_parse_expression(parser);
    *end = assignment;
    end = &assignment->next;
    if (parser->at->kind != TOKEN_STATEMENT_END)
      template_expect_symbol(parser, ",");
  }
  node->body = parse_until(parser, "endwith", node->line);
}

static void parse_jump(template_parser *parser, template_node *node) {
  if (!parser->loops)
    template_fail(parser->run, TENON_UNSUPPORTED, "%s outside of a loop", node->kind == NODE_BREAK ? "break" : "continue");
}

static void parse_macro(template_parser *parser, template_node *node) {
  node->name = template_expect_name(parser);
  parse_parameters(parser, node);
  parse_macro_body(parser, node, "endmacro");
}

static void parse_filter_block(template_parser *parser, template_node *node) {
  node->second = template_parse_filters(parser, NULL, true);
  node->body = parse_until(parser, "endfilter", node->line);
}

static void parse_generation(template_parser *parser, template_node *node) {
  node->body = parse_until(parser, "endgeneration", node->line);
}

static void parse_print(template_parser *parser, template_node *node) {
  node->first = template_parse_expression(parser);
}

static template_node *parse_statement(template_parser *parser) {
  static const struct {
    const char *name;
    template_node_kind kind;
    void (*parse)(template_parser *, template_node *);
  } statements[] = {
      {"if", NODE_IF, parse_if},
      {"for", NODE_FOR, parse_for},
      {"set", NODE_SET, parse_set},
      {"macro", NODE_MACRO, parse_macro},
      {"call", NODE_CALL_BLOCK, parse_call},
      {"filter", NODE_FILTER_BLOCK, parse_filter_block},
      {"with", NODE_WITH, parse_with},
      {"generation", NODE_SCOPE, parse_generation},
      {"print", NODE_OUTPUT, parse_print},
      {"break", NODE_BREAK, parse_jump},
      {"continue", NODE_CONTINUE, parse_jump},
  };
  parser->run->line = parser->at->line;
  text_span name = template_expect_name(parser);
  for (size_t i = 0; i < sizeof statements / sizeof *statements; ++i)
    if (template_named(name, statements[i].name)) {
      template_node *node = template_new_node(parser, statements[i].kind);
      if (node)
        statements[i].parse(parser, node);
      return node;
    }
  bool closes = name.size > 3 && memcmp(name.data, "end", 3) == 0;
  template_fail(parser->run, TENON_UNSUPPORTED, "%s '%.*s'",
                closes || template_named(name, "else") || template_named(name, "elif") ? "nothing is open for" : "unknown statement",
                name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
  return NULL;
}

static bool at_end(const template_parser *parser, const char *const *ends) {
  for (; *ends; ++ends)
    if (template_at_name(parser, *ends))
      return true;
  return false;
}

static template_node *parse_text(template_parser *parser) {
  template_node *node = template_new_node(parser, NODE_TEXT);
  text_span text = (parser->at++)->text;
  if (node)
    node->name = text;
  return node;
}

static template_node *parse_output(template_parser *parser) {
  template_node *node = template_new_node(parser, NODE_OUTPUT);
  ++parser->at;
  template_node *value = template_parse_tuple(parser, 0);
  if (node)
    node->first = value;
  if (parser->at->kind != TOKEN_OUTPUT_END)
    template_unexpected(parser, "the end of the output");
  else
    ++parser->at;
  return node;
}

// Nodes up to a statement that begins with one of `ends`, whose name is then next, or to the end of the template.
static template_node *parse_body(template_parser *parser, const char *const *ends) {
  template_node *body = NULL, **end = &body;
  template_enter(parser);
  // A body begins behind the end of the statement that opens it.
  if (parser->at->kind == TOKEN_STATEMENT_END)
    ++parser->at;
  else if (*ends)
    template_unexpected(parser, "the end of the statement");
  while (!template_failed(parser->run) && parser->at->kind != TOKEN_END) {
    template_node *node = NULL;
    if (parser->at->kind == TOKEN_STATEMENT) {
      ++parser->at;
      if (at_end(parser, ends))
        break;
      node = parse_statement(parser);
      if (!template_failed(parser->run) && parser->at->kind != TOKEN_STATEMENT_END)
        template_unexpected(parser, "the end of the statement");
      else if (!template_failed(parser->run))
        ++parser->at;
    } else {
      node = parser->at->kind == TOKEN_TEXT ? parse_text(parser) : parse_output(parser);
    }
    if (node) {
      *end = node;
      end = &node->next;
    }
  }
  --parser->depth;
  return body;
}

template_node *template_parse(template_run *run) {
  static const char *const none[] = {NULL};
  template_parser parser = {.run = run, .at = template_cut(run)};
  return parser.at ? parse_body(&parser, none) : NULL;
}
