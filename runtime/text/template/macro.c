//===- macro.c - macros and the blocks that call them -------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A macro sees the names of where it was defined, as they are when it is called. Arguments bind as in Python; those that nobody gave
// are their defaults, evaluated at the call, or undefined. A macro that reads varargs, kwargs or caller takes them.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/tree_impl.h"

struct template_macro {
  const template_node *node; /* first: parameters; body; flags */
  text_span name;
  template_scope *scope;
};

static int shown(text_span text) {
  return text.size > 60 ? 60 : (int)text.size;
}

template_value template_new_macro(template_run *run, const template_node *node, text_span name) {
  template_macro *macro = template_allocate(run, 1, sizeof *macro);
  if (!macro)
    return template_none();
  *macro = (template_macro){node, name, run->scope};
  for (template_scope *scope = run->scope; scope && !scope->kept; scope = scope->parent)
    scope->kept = true;
  return (template_value){.kind = VALUE_MACRO, .macro = macro};
}

// The named argument, which is then used.
static const template_value *take_named(const template_arguments *arguments, bool *used, text_span name) {
  for (size_t i = 0; i < arguments->named_count; ++i)
    if (!used[i] && template_same(arguments->named[i].name, name)) {
      used[i] = true;
      return &arguments->named[i].value;
    }
  return NULL;
}

static size_t bind_parameters(template_run *run, const template_macro *macro, const template_arguments *arguments, bool *used) {
  size_t at = 0;
  for (const template_node *parameter = macro->node->first; parameter && template_step(run); parameter = parameter->next, ++at) {
    const template_value *named = at < arguments->count ? NULL : take_named(arguments, used, parameter->name);
    template_value value = template_undefined(parameter->name);
    if (at < arguments->count)
      value = arguments->positional[at];
    else if (named)
      value = *named;
    else if (parameter->first)
      value = template_evaluate(run, parameter->first);
    template_define(run, parameter->name, value);
  }
  return at;
}

static void bind_rest(template_run *run, const template_macro *macro, const template_arguments *arguments, size_t taken) {
  if (!(macro->node->flags & MACRO_VARARGS)) {
    if (arguments->count > taken)
      template_fail(run, TENON_UNSUPPORTED, "the macro '%.*s' takes %zu arguments, but got %zu", shown(macro->name),
                    (const char *)macro->name.data, taken, arguments->count);
    return;
  }
  template_value rest = template_new_list(run, VALUE_TUPLE, 0);
  for (size_t i = taken; i < arguments->count && !template_failed(run); ++i)
    template_list_add(run, rest.list, arguments->positional[i]);
  template_define(run, template_span("varargs"), rest);
}

static void bind_named_rest(template_run *run, const template_macro *macro, const template_arguments *arguments, const bool *used) {
  template_value rest = template_new_dict(run, VALUE_DICT);
  for (size_t i = 0; i < arguments->named_count && !template_failed(run); ++i) {
    if (used[i])
      continue;
    if (!(macro->node->flags & MACRO_KWARGS)) {
      template_fail(run, TENON_UNSUPPORTED, "the macro '%.*s' has no parameter '%.*s'", shown(macro->name), (const char *)macro->name.data,
                    shown(arguments->named[i].name), (const char *)arguments->named[i].name.data);
      return;
    }
    template_dict_set(run, rest.dict, template_string(arguments->named[i].name), arguments->named[i].value);
  }
  if (macro->node->flags & MACRO_KWARGS)
    template_define(run, template_span("kwargs"), rest);
}

static void bind(template_run *run, const template_macro *macro, const template_arguments *arguments) {
  bool *used = template_allocate(run, arguments->named_count + 1, sizeof *used);
  if (!used)
    return;
  memset(used, 0, (arguments->named_count + 1) * sizeof *used);
  size_t taken = bind_parameters(run, macro, arguments, used);
  if (macro->node->flags & MACRO_CALLER) {
    text_span name = template_span("caller");
    bool parameter = false;
    for (const template_node *one = macro->node->first; one; one = one->next)
      parameter |= template_same(one->name, name);
    const template_value *caller = parameter ? NULL : take_named(arguments, used, name);
    if (!parameter)
      template_define(run, name, caller ? *caller : template_undefined(name));
  }
  bind_named_rest(run, macro, arguments, used);
  bind_rest(run, macro, arguments, taken);
}

template_value template_call_macro(template_run *run, template_macro *macro, const template_arguments *arguments) {
  template_scope *outer = run->scope;
  const template_signal signal = run->signal;
  size_t begin = template_capture(run);
  run->signal = SIGNAL_NONE;
  run->scope = template_push_scope(run, macro->scope);
  if (template_deeper(run)) {
    bind(run, macro, arguments);
    template_execute(run, macro->node->body);
  }
  template_leave(run);
  run->scope = outer;
  run->signal = signal;
  return template_captured(run, begin);
}

// {% call(parameters) f(arguments) %} body {% endcall %}: f gets the body as the macro `caller`.
void template_execute_call_block(template_run *run, const template_node *node) {
  template_arguments arguments;
  template_value caller = template_new_macro(run, node, template_span("caller"));
  template_value callee = template_evaluate(run, node->second->first);
  if (!template_evaluate_arguments(run, node->second->second, &arguments))
    return;
  template_variable *named = template_allocate(run, arguments.named_count + 1, sizeof *named);
  if (!named)
    return;
  if (arguments.named_count)
    memcpy(named, arguments.named, arguments.named_count * sizeof *named);
  named[arguments.named_count++] = (template_variable){template_span("caller"), caller};
  arguments.named = named;
  run->line = node->line;
  template_value value = template_call(run, &callee, &arguments);
  if (!template_failed(run))
    template_write(run, &value);
}
