//===- template_postfix.c - literals, names and members in chat templates -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template_impl.h"

#include <string.h>

//===----------------------------------------------------------------------===//
// Literals and names
//===----------------------------------------------------------------------===//

// Resolves the escapes that Jinja's strings share with Python's; an unknown one stays as it is written.
static template_value unescape(template_run *run, text_span text) {
  if (!text.size || !memchr(text.data, '\\', text.size))
    return template_string(text.data, text.size);
  uint8_t *made = template_allocate(run, text.size);
  if (!made)
    return template_undefined();
  size_t size = 0;
  for (size_t i = 0; i < text.size; ++i) {
    uint8_t byte = text.data[i];
    if (byte == '\\' && i + 1 < text.size) {
      static const char written[] = "ntr\\'\"", meant[] = "\n\t\r\\'\"";
      const char *known = text.data[i + 1] ? strchr(written, text.data[i + 1]) : NULL;
      if (known) {
        byte = (uint8_t)meant[known - written];
        ++i;
      } else if (strchr("xuUNabfv01234567\n", text.data[i + 1])) {
        template_refuse(run, text, "an escape in a string");
      }
    }
    made[size++] = byte;
  }
  return template_string(made, size);
}

static template_value find_variable(const template_run *run, text_span name) {
  for (size_t i = run->variable_count; i-- > 0;)
    if (text_same(run->variables[i].name, name))
      return run->variables[i].value;
  return template_undefined();
}

// {{ raise_exception('...') }} is how templates refuse messages.
static template_value raise_exception(template_run *run, text_span *rest, bool active) {
  template_value message = template_evaluate(run, rest, active);
  template_expect(run, rest, ")", "a call without its closing parenthesis");
  if (active && !run->failure.code) {
    text_span text = template_print(run, &message);
    run->failure = text_failure(TENON_USAGE, "the chat template refuses these messages: %.*s", text.size > 160 ? 160 : (int)text.size,
                                (const char *)text.data);
  }
  return template_undefined();
}

static template_value evaluate_name(template_run *run, template_token token, text_span *rest, bool active) {
  text_span name = token.text;
  if (template_accept(rest, "(")) {
    if (text_named(name, "raise_exception"))
      return raise_exception(run, rest, active);
    if (active) {
      template_refuse(run, name, "the function");
      return template_undefined();
    }
    if (!template_accept(rest, ")")) {
      template_evaluate(run, rest, false);
      template_expect(run, rest, ")", "a call");
    }
    return template_undefined();
  }
  if (text_named(name, "true") || text_named(name, "True"))
    return template_boolean(true);
  if (text_named(name, "false") || text_named(name, "False"))
    return template_boolean(false);
  if (text_named(name, "none") || text_named(name, "None"))
    return (template_value){.kind = VALUE_NONE};
  return find_variable(run, name);
}

static template_value evaluate_integer(template_run *run, text_span digits) {
  int64_t number = 0;
  for (size_t i = 0; i < digits.size && !run->failure.code; ++i) {
    if (digits.data[i] < '0' || digits.data[i] > '9' || i > 9)
      template_refuse(run, digits, "the number");
    number = number * 10 + (digits.data[i] - '0');
  }
  return template_integer(number);
}

static template_value evaluate_primary(template_run *run, text_span *rest, bool active) {
  text_span before = *rest;
  template_token token = template_next_token(rest);
  if (token.kind == TOKEN_STRING) {
    template_value value = active ? unescape(run, token.text) : template_undefined();
    // Adjacent literals are one string, as in Python; nobody's template needs it.
    if (active && template_peek(*rest).kind == TOKEN_STRING)
      template_refuse(run, before, "two strings in a row");
    return value;
  }
  if (token.kind == TOKEN_INTEGER) {
    return evaluate_integer(run, token.text);
  }
  if (template_is(token, "(")) {
    template_value value = template_evaluate(run, rest, active);
    template_expect(run, rest, ")", "a parenthesis that does not close");
    return value;
  }
  if (token.kind == TOKEN_NAME)
    return evaluate_name(run, token, rest, active);
  template_refuse(run, before, "an expression");
  return template_undefined();
}

//===----------------------------------------------------------------------===//
// Attributes, indices, filters and tests
//===----------------------------------------------------------------------===//

static template_value loop_attribute(const template_value *loop, text_span name) {
  int64_t count = (int64_t)(loop->last - loop->first), at = loop->integer;
  if (text_named(name, "first"))
    return template_boolean(at == 0);
  if (text_named(name, "last"))
    return template_boolean(at + 1 == count);
  if (text_named(name, "index"))
    return template_integer(at + 1);
  if (text_named(name, "index0"))
    return template_integer(at);
  if (text_named(name, "length"))
    return template_integer(count);
  return template_undefined();
}

static template_value attribute(template_run *run, const template_value *value, text_span name, text_span where) {
  if (value->kind == VALUE_MESSAGE) {
    const tenon_message *message = &run->messages[value->first];
    if (text_named(name, "role"))
      return template_string(message->role, message->role_size);
    if (text_named(name, "content"))
      return template_string(message->content, message->content_size);
    return template_undefined();
  }
  if (value->kind == VALUE_LOOP)
    return loop_attribute(value, name);
  if (value->kind == VALUE_UNDEFINED)
    template_refuse(run, where, "a member of something undefined");
  else
    template_refuse(run, where, "the member");
  return template_undefined();
}

static template_value at_index(template_run *run, const template_value *value, const template_value *index, text_span where) {
  if (index->kind == VALUE_STRING)
    return attribute(run, value, index->string, where);
  if (value->kind != VALUE_MESSAGES || index->kind != VALUE_INTEGER) {
    template_refuse(run, where, "the index");
    return template_undefined();
  }
  int64_t count = (int64_t)(value->last - value->first), at = index->integer < 0 ? index->integer + count : index->integer;
  if (at < 0 || at >= count)
    return template_undefined();
  return (template_value){.kind = VALUE_MESSAGE, .first = value->first + (size_t)at};
}

// [begin:end] of messages; `at` is where a missing bound lies.
static size_t bound(template_run *run, const template_value *value, const template_value *index, size_t missing, text_span where) {
  if (index->kind == VALUE_UNDEFINED)
    return missing;
  if (index->kind != VALUE_INTEGER) {
    template_refuse(run, where, "the slice");
    return missing;
  }
  int64_t count = (int64_t)(value->last - value->first), at = index->integer < 0 ? index->integer + count : index->integer;
  at = at < 0 ? 0 : at > count ? count : at;
  return value->first + (size_t)at;
}

static template_value evaluate_subscript(template_run *run, text_span *rest, const template_value *value, bool active) {
  text_span where = *rest;
  template_value begin = template_undefined(), end = template_undefined();
  bool slice = false;
  if (!template_is(template_peek(*rest), ":"))
    begin = template_evaluate(run, rest, active);
  if (template_accept(rest, ":")) {
    slice = true;
    if (!template_is(template_peek(*rest), "]"))
      end = template_evaluate(run, rest, active);
  }
  template_expect(run, rest, "]", "the index");
  if (!active || run->failure.code)
    return template_undefined();
  if (!slice)
    return at_index(run, value, &begin, where);
  if (value->kind != VALUE_MESSAGES) {
    template_refuse(run, where, "a slice of something else than messages");
    return template_undefined();
  }
  size_t first = bound(run, value, &begin, value->first, where), last = bound(run, value, &end, value->last, where);
  return (template_value){.kind = VALUE_MESSAGES, .first = first, .last = last < first ? first : last};
}

// The size of the white space character at the front, as Python's str.strip sees it; 0 if there is none.
static size_t space_at(text_span text) {
  static const char *const wide[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                                     "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
  if (text.size && ((text.data[0] >= 0x09 && text.data[0] <= 0x0d) || (text.data[0] >= 0x1c && text.data[0] <= 0x20)))
    return 1;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; ++i) {
    size_t size = strlen(wide[i]);
    if (text.size >= size && memcmp(text.data, wide[i], size) == 0)
      return size;
  }
  bool general = text.size >= 3 && text.data[0] == 0xe2 && text.data[1] == 0x80 && text.data[2] >= 0x80 && text.data[2] <= 0x8a;
  return general ? 3 : 0;
}

static text_span strip(text_span text) {
  for (size_t size; (size = space_at(text));)
    text = (text_span){text.data + size, text.size - size};
  for (size_t size = 1; size <= 3 && size <= text.size;) {
    text_span end = {text.data + text.size - size, size};
    if (space_at(end) == size) {
      text.size -= size;
      size = 1;
    } else {
      ++size;
    }
  }
  return text;
}

static template_value stripped(template_run *run, const template_value *value, text_span where, bool active) {
  if (!active)
    return template_undefined();
  if (value->kind != VALUE_STRING) {
    template_refuse(run, where, "trimming something that is not text");
    return template_undefined();
  }
  text_span text = strip(value->string);
  return template_string(text.data, text.size);
}

static template_value evaluate_filter(template_run *run, text_span *rest, const template_value *value, bool active) {
  text_span where = *rest;
  template_token name = template_next_token(rest);
  if (template_is(name, "trim") && !template_is(template_peek(*rest), "("))
    return stripped(run, value, where, active);
  if (template_is(name, "length") && !template_is(template_peek(*rest), "(") && value->kind == VALUE_MESSAGES)
    return template_integer((int64_t)(value->last - value->first));
  if (active || name.kind != TOKEN_NAME)
    template_refuse(run, where, "the filter");
  else if (template_accept(rest, "(")) {
    if (!template_accept(rest, ")")) {
      template_evaluate(run, rest, false);
      template_expect(run, rest, ")", "the filter");
    }
  }
  return template_undefined();
}

static template_value evaluate_member(template_run *run, text_span *rest, const template_value *value, bool active) {
  text_span where = *rest;
  template_token name = template_next_token(rest);
  if (name.kind != TOKEN_NAME) {
    template_refuse(run, where, "the member");
    return template_undefined();
  }
  if (!template_accept(rest, "("))
    return active ? attribute(run, value, name.text, where) : template_undefined();
  if (text_named(name.text, "strip") && template_accept(rest, ")"))
    return stripped(run, value, where, active);
  if (active) {
    template_refuse(run, where, "the method");
    return template_undefined();
  }
  if (!template_accept(rest, ")")) {
    template_evaluate(run, rest, false);
    template_expect(run, rest, ")", "the method");
  }
  return template_undefined();
}

static template_value evaluate_test(template_run *run, text_span *rest, const template_value *value, bool active) {
  bool negated = template_accept(rest, "not");
  text_span where = *rest;
  template_token name = template_next_token(rest);
  bool truth = false;
  if (template_is(name, "defined"))
    truth = value->kind != VALUE_UNDEFINED;
  else if (template_is(name, "undefined"))
    truth = value->kind == VALUE_UNDEFINED;
  else if (template_is(name, "none"))
    truth = value->kind == VALUE_NONE;
  else if (template_is(name, "string"))
    truth = value->kind == VALUE_STRING;
  else if (active || name.kind != TOKEN_NAME)
    template_refuse(run, where, "the test");
  return template_boolean(truth != negated);
}

template_value template_evaluate_postfix(template_run *run, text_span *rest, bool active) {
  template_value value = evaluate_primary(run, rest, active);
  while (template_step(run)) {
    if (template_accept(rest, "."))
      value = evaluate_member(run, rest, &value, active);
    else if (template_accept(rest, "["))
      value = evaluate_subscript(run, rest, &value, active);
    else if (template_accept(rest, "|"))
      value = evaluate_filter(run, rest, &value, active);
    else if (template_accept(rest, "is"))
      value = evaluate_test(run, rest, &value, active);
    else
      break;
  }
  return value;
}
