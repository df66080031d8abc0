//===- collection_methods.c - methods of dicts and lists ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What would change a value is forbidden, as in Jinja's immutable sandbox.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/call_impl.h"

static template_value view(template_run *run, const template_dict *dict, const char *name, bool keys, bool values) {
  template_value made = template_new_list(run, VALUE_VIEW, dict->count);
  if (template_failed(run))
    return made;
  made.list->name = name;
  for (size_t i = 0; i < dict->count && !template_failed(run); ++i) {
    template_value item = keys ? dict->entries[i].key : dict->entries[i].value;
    if (keys && values) {
      item = template_new_list(run, VALUE_TUPLE, 2);
      template_list_add(run, item.list, dict->entries[i].key);
      template_list_add(run, item.list, dict->entries[i].value);
    }
    template_list_add(run, made.list, item);
  }
  return made;
}

CALLED(method_items) {
  UNUSED;
  return view(run, self->dict, "dict_items", true, true);
}

CALLED(method_keys) {
  UNUSED;
  return view(run, self->dict, "dict_keys", true, false);
}

CALLED(method_values) {
  UNUSED;
  return view(run, self->dict, "dict_values", false, true);
}

CALLED(method_get) {
  UNUSED;
  const template_value *found = template_dict_get(run, self->dict, &given[0]);
  return found ? *found : given[1].kind == VALUE_ABSENT ? template_none() : given[1];
}

CALLED(method_copy) {
  UNUSED;
  return *self;
}

CALLED(method_index) {
  UNUSED;
  for (size_t i = 0; i < self->list->count && template_step(run); ++i)
    if (template_equal(run, &self->list->items[i], &given[0]))
      return template_integer((int64_t)i);
  template_fail(run, TENON_UNSUPPORTED, "index of what is not there");
  return template_integer(0);
}

CALLED(method_count) {
  UNUSED;
  int64_t count = 0;
  for (size_t i = 0; i < self->list->count && template_step(run); ++i)
    count += template_equal(run, &self->list->items[i], &given[0]);
  return template_integer(count);
}

static const template_row dict_methods[] = {
    {"items", "", method_items},         {"keys", "", method_keys}, {"values", "", method_values},
    {"get", "key! default", method_get}, {"copy", "", method_copy}, {NULL, NULL, NULL},
};

static const template_row list_methods[] = {
    {"index", "value!", method_index},
    {"count", "value!", method_count},
    {"copy", "", method_copy},
    {NULL, NULL, NULL},
};

static bool listed(const char *const *names, text_span name) {
  for (; *names; ++names)
    if (template_named(name, *names))
      return true;
  return false;
}

const template_row *template_find_method(const template_value *value, text_span name, bool *unsafe) {
  static const char *const dict_changes[] = {"clear", "pop", "popitem", "setdefault", "update", NULL};
  static const char *const list_changes[] = {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort", NULL};
  switch ((template_kind)value->kind) {
  case VALUE_STRING: {
    const template_row *row = template_find_row(template_string_methods, name);
    return row ? row : template_find_row(template_find_methods, name);
  }
  case VALUE_DICT:
    *unsafe = listed(dict_changes, name);
    return template_find_row(dict_methods, name);
  case VALUE_LIST:
    *unsafe = listed(list_changes, name);
    return template_find_row(list_methods, name);
  case VALUE_TUPLE:
    return template_named(name, "copy") ? NULL : template_find_row(list_methods, name);
  default:
    return NULL;
  }
}
