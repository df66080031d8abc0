//===- call.c - calls, and the functions that templates have ------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/run_impl.h"

#include <time.h>

static int shown(text_span text) {
  return text.size > 60 ? 60 : (int)text.size;
}

const template_row *template_find_row(const template_row *rows, text_span name) {
  for (; rows->name; ++rows)
    if (template_named(name, rows->name))
      return rows;
  return NULL;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

// The next name of a row's parameters; false at their end.
static bool next_parameter(const char **parameters, text_span *name, bool *needed) {
  while (**parameters == ' ')
    ++*parameters;
  if (!**parameters)
    return false;
  size_t size = strcspn(*parameters, " !");
  *name = (text_span){(const uint8_t *)*parameters, size};
  *needed = (*parameters)[size] == '!';
  *parameters += size + *needed;
  return true;
}

static void bind(template_run *run, const template_row *row, const template_arguments *arguments, template_value *given) {
  const char *parameters = row->parameters;
  size_t at = 0, used = 0;
  text_span name;
  for (bool needed; at < TEMPLATE_PARAMETERS && next_parameter(&parameters, &name, &needed); ++at) {
    if (at < arguments->count)
      given[at] = arguments->positional[at];
    for (size_t i = 0; i < arguments->named_count; ++i)
      if (template_same(arguments->named[i].name, name) && given[at].kind == VALUE_ABSENT) {
        given[at] = arguments->named[i].value;
        ++used;
      }
    if (needed && given[at].kind == VALUE_ABSENT)
      template_fail(run, TENON_UNSUPPORTED, "'%s' needs the argument '%.*s'", row->name, (int)name.size, (const char *)name.data);
  }
  if (arguments->count > at)
    template_fail(run, TENON_UNSUPPORTED, "'%s' takes %zu arguments, but got %zu", row->name, at, arguments->count);
  if (used < arguments->named_count)
    template_fail(run, TENON_UNSUPPORTED, "'%s' got an argument by a name that it has not: '%.*s'", row->name,
                  shown(arguments->named[used].name), (const char *)arguments->named[used].name.data);
}

template_value template_call_row(template_run *run, const template_row *row, const template_value *self,
                                 const template_arguments *arguments) {
  template_value given[TEMPLATE_PARAMETERS] = {{0}};
  if (row->parameters[0] != '*')
    bind(run, row, arguments, given);
  return template_step(run) ? row->call(run, self, given, arguments) : template_none();
}

template_value template_call(template_run *run, const template_value *callee, const template_arguments *arguments) {
  if (template_failed(run))
    return template_none();
  switch ((template_kind)callee->kind) {
  case VALUE_MACRO:
    return template_call_macro(run, callee->macro, arguments);
  case VALUE_FUNCTION:
    return template_call_row(run, callee->function, callee, arguments);
  case VALUE_METHOD:
    return template_call_row(run, callee->method->row, &callee->method->self, arguments);
  case VALUE_UNDEFINED:
    template_fail(run, TENON_UNSUPPORTED,
                  callee->flags & VALUE_UNSAFE ? "the sandbox forbids '%.*s'" : "a call of '%.*s', which is undefined",
                  shown(callee->string), (const char *)callee->string.data);
    break;
  default:
    template_fail(run, TENON_UNSUPPORTED, "a call of a value of type %s", template_kind_name(callee));
  }
  return template_none();
}

text_span template_want_text(template_run *run, const template_value *value, const char *what) {
  if (value->kind == VALUE_STRING)
    return value->string;
  template_fail(run, TENON_UNSUPPORTED, "%s expects a string, but got a value of type %s", what, template_kind_name(value));
  return (text_span){(const uint8_t *)"", 0};
}

int64_t template_want_integer(template_run *run, const template_value *value, const char *what, int64_t otherwise) {
  if (value->kind == VALUE_ABSENT)
    return otherwise;
  if (!template_is_integer(value))
    template_fail(run, TENON_UNSUPPORTED, "%s expects an integer, but got a value of type %s", what, template_kind_name(value));
  return value->integer;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

// The longest range that Jinja's sandbox makes.
#define MAX_RANGE 100000

static template_value range(template_run *run, const template_value *self, const template_value *given, const template_arguments *all) {
  (void)self;
  int64_t start = template_want_integer(run, &given[0], "range", 0), stop = template_want_integer(run, &given[1], "range", 0);
  int64_t step = template_want_integer(run, &given[2], "range", 1);
  if (given[1].kind == VALUE_ABSENT) {
    stop = start;
    start = 0;
  }
  const int64_t most = INT64_C(1) << 60;
  bool wide = start > most || start < -most || stop > most || stop < -most || step > most || step < -most;
  int64_t count = wide || !step ? 0 : step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  template_range *made = template_allocate(run, 1, sizeof *made);
  if (!step || all->named_count)
    template_fail(run, TENON_UNSUPPORTED, step ? "range takes no arguments by name" : "a range with a step of 0");
  if (wide || count > MAX_RANGE)
    template_fail(run, TENON_RESOURCE, "a range of more than %d numbers", MAX_RANGE);
  if (!made || template_failed(run))
    return template_none();
  *made = (template_range){start, step, stop, count < 0 ? 0 : count};
  return (template_value){.kind = VALUE_RANGE, .range = made};
}

static void add_pairs(template_run *run, template_dict *dict, const template_value *value) {
  if (value->kind == VALUE_DICT) {
    for (size_t i = 0; i < value->dict->count && !template_failed(run); ++i)
      template_dict_set(run, dict, value->dict->entries[i].key, value->dict->entries[i].value);
    return;
  }
  const template_list *items = template_items(run, value);
  for (size_t i = 0; i < items->count && !template_failed(run); ++i) {
    const template_list *pair = template_items(run, &items->items[i]);
    if (!template_failed(run) && pair->count != 2)
      template_fail(run, TENON_UNSUPPORTED, "a dict expects pairs");
    if (!template_failed(run))
      template_dict_set(run, dict, pair->items[0], pair->items[1]);
  }
}

static template_value make_dict(template_run *run, template_kind kind, const template_arguments *all) {
  template_value made = template_new_dict(run, kind);
  if (all->count > 1)
    template_fail(run, TENON_UNSUPPORTED, "dict and namespace take one argument without a name");
  if (all->count && !template_failed(run))
    add_pairs(run, made.dict, &all->positional[0]);
  for (size_t i = 0; i < all->named_count && !template_failed(run); ++i)
    template_dict_set(run, made.dict, template_string(all->named[i].name), all->named[i].value);
  return made;
}

static template_value dict(template_run *run, const template_value *self, const template_value *given, const template_arguments *all) {
  (void)self, (void)given;
  return make_dict(run, VALUE_DICT, all);
}

static template_value make_namespace(template_run *run, const template_value *self, const template_value *given,
                                     const template_arguments *all) {
  (void)self, (void)given;
  return make_dict(run, VALUE_NAMESPACE, all);
}

static template_value raise_exception(template_run *run, const template_value *self, const template_value *given,
                                      const template_arguments *all) {
  (void)self, (void)all;
  text_span message = template_text(run, &given[0]);
  template_fail(run, TENON_USAGE, "the template refuses these messages: %.*s", message.size > 200 ? 200 : (int)message.size,
                (const char *)message.data);
  return template_none();
}

static template_value strftime_now(template_run *run, const template_value *self, const template_value *given,
                                   const template_arguments *all) {
  (void)self, (void)all;
  char format[128], text[512];
  text_span wanted = template_want_text(run, &given[0], "strftime_now");
  if (wanted.size >= sizeof format || memchr(wanted.data, 0, wanted.size)) {
    template_fail(run, TENON_UNSUPPORTED, "a date format of more than %zu bytes, or with a NUL", sizeof format - 1);
    return template_none();
  }
  memcpy(format, wanted.data, wanted.size);
  format[wanted.size] = 0;
  time_t now = time(NULL);
  struct tm local;
  size_t size = localtime_r(&now, &local) ? strftime(text, sizeof text, format, &local) : 0;
  return template_copy(run, text, size);
}

const template_row *template_find_function(text_span name) {
  static const template_row functions[] = {
      {"range", "start! stop step", range},      {"dict", "*", dict},
      {"namespace", "*", make_namespace},        {"raise_exception", "message!", raise_exception},
      {"strftime_now", "format!", strftime_now}, {NULL, NULL, NULL},
  };
  return template_find_row(functions, name);
}
