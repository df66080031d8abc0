//===- sequence_filters.c - filters of lists and dicts ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/call_impl.h"
#include "tenon/runtime/text/template/tree_impl.h"

template_value template_generator(template_run *run) {
  return template_new_list(run, VALUE_GENERATOR, 0);
}

CALLED(filter_length) {
  UNUSED;
  int64_t length = template_length(run, self);
  if (length < 0)
    template_fail(run, TENON_UNSUPPORTED, "length of a value of type %s", template_kind_name(self));
  return template_integer(length);
}

CALLED(filter_default) {
  UNUSED;
  template_value otherwise = given[0].kind == VALUE_ABSENT ? template_literal("") : given[0];
  bool missing = self->kind == VALUE_UNDEFINED || (template_truth(&given[1]) && !template_truth(self));
  return missing ? otherwise : *self;
}

CALLED(filter_first) {
  UNUSED;
  if (self->kind == VALUE_STRING && self->string.size)
    return template_string((text_span){self->string.data, template_character(self->string)});
  template_list *items = self->kind == VALUE_GENERATOR ? self->list : template_items(run, self);
  if (template_failed(run) || !items->count)
    return template_undefined(template_span("the first item of nothing"));
  template_value first = items->items[0];
  if (self->kind == VALUE_GENERATOR) {
    ++items->items;
    --items->count;
    --items->capacity;
  }
  return first;
}

CALLED(filter_last) {
  UNUSED;
  if (self->kind == VALUE_GENERATOR)
    template_fail(run, TENON_UNSUPPORTED, "last of a generator");
  const template_list *items = template_items(run, self);
  bool any = !template_failed(run) && items->count;
  return any ? items->items[items->count - 1] : template_undefined(template_span("the last item of nothing"));
}

static template_value copied(template_run *run, template_kind kind, const template_list *items, bool backwards) {
  template_value made = template_new_list(run, kind, 0);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i)
    template_list_add(run, made.list, items->items[backwards ? items->count - 1 - i : i]);
  return made;
}

CALLED(filter_list) {
  UNUSED;
  return copied(run, VALUE_LIST, template_items(run, self), false);
}

CALLED(filter_reverse) {
  UNUSED;
  const template_list *items = template_items(run, self);
  if (self->kind != VALUE_STRING)
    return copied(run, self->kind == VALUE_GENERATOR ? VALUE_LIST : VALUE_GENERATOR, items, true);
  template_value backwards = copied(run, VALUE_LIST, items, true);
  return template_failed(run) ? backwards : template_join(run, template_span(""), backwards.list);
}

template_value template_join(template_run *run, text_span between, const template_list *items) {
  size_t begin = template_capture(run);
  for (size_t i = 0; i < items->count && template_step(run); ++i) {
    if (i)
      template_put(run, between.data, between.size);
    template_write(run, &items->items[i]);
  }
  return template_captured(run, begin);
}

template_value template_path(template_run *run, template_value item, const template_value *path, const template_value *otherwise) {
  if (path->kind == VALUE_ABSENT || path->kind == VALUE_NONE)
    return item;
  if (path->kind != VALUE_STRING)
    return template_item(run, &item, path);
  text_span rest = path->string;
  for (bool more = true; more && template_step(run);) {
    size_t size = template_find(rest, template_span("."), 0);
    more = size != SIZE_MAX;
    template_value part = template_string((text_span){rest.data, more ? size : rest.size});
    bool digits = part.string.size > 0 && part.string.size < 10;
    int64_t number = 0;
    for (size_t i = 0; digits && i < part.string.size; ++i) {
      digits = part.string.data[i] >= '0' && part.string.data[i] <= '9';
      number = 10 * number + (part.string.data[i] - '0');
    }
    if (digits)
      part = template_integer(number);
    item = template_item(run, &item, &part);
    if (item.kind == VALUE_UNDEFINED && otherwise && otherwise->kind != VALUE_ABSENT && otherwise->kind != VALUE_NONE)
      item = *otherwise;
    if (more)
      rest = (text_span){rest.data + size + 1, rest.size - size - 1};
  }
  return item;
}

CALLED(filter_join) {
  UNUSED;
  const template_list *items = template_items(run, self);
  text_span between = given[0].kind == VALUE_ABSENT ? template_span("") : template_text(run, &given[0]);
  if (given[1].kind == VALUE_ABSENT || given[1].kind == VALUE_NONE)
    return template_join(run, between, items);
  template_value parts = template_new_list(run, VALUE_LIST, 0);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i)
    template_list_add(run, parts.list, template_path(run, items->items[i], &given[1], NULL));
  return template_failed(run) ? parts : template_join(run, between, parts.list);
}

CALLED(filter_items) {
  UNUSED;
  template_value made = template_generator(run);
  if (self->kind != VALUE_UNDEFINED && self->kind != VALUE_DICT)
    template_fail(run, TENON_UNSUPPORTED, "items of a value of type %s", template_kind_name(self));
  for (size_t i = 0; !template_failed(run) && self->kind == VALUE_DICT && i < self->dict->count; ++i) {
    template_value pair = template_new_list(run, VALUE_TUPLE, 2);
    if (template_failed(run))
      break;
    template_list_add(run, pair.list, self->dict->entries[i].key);
    template_list_add(run, pair.list, self->dict->entries[i].value);
    template_list_add(run, made.list, pair);
  }
  return made;
}

CALLED(filter_sum) {
  UNUSED;
  template_value sum = given[1].kind == VALUE_ABSENT ? template_integer(0) : given[1];
  const template_list *items = template_items(run, self);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    template_value item = template_path(run, items->items[i], &given[0], NULL);
    if (item.kind == VALUE_STRING)
      template_fail(run, TENON_UNSUPPORTED, "sum of strings");
    if (!template_failed(run))
      sum = template_operate(run, SYMBOL_ADD, &sum, &item);
  }
  return sum;
}

CALLED(filter_batch) {
  UNUSED;
  const template_list *items = template_items(run, self);
  int64_t size = template_want_integer(run, &given[0], "batch", 1);
  template_value made = template_generator(run), row = template_none();
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    if (row.kind == VALUE_NONE || (int64_t)row.list->count == size) {
      row = template_new_list(run, VALUE_LIST, 0);
      if (template_failed(run))
        return made;
      template_list_add(run, made.list, row);
    }
    template_list_add(run, row.list, items->items[i]);
  }
  bool fills = row.kind == VALUE_LIST && given[1].kind != VALUE_ABSENT && given[1].kind != VALUE_NONE;
  while (fills && !template_failed(run) && (int64_t)row.list->count < size)
    template_list_add(run, row.list, given[1]);
  return made;
}

CALLED(filter_slice) {
  UNUSED;
  const template_list *items = template_items(run, self);
  int64_t slices = template_want_integer(run, &given[0], "slice", 1), count = (int64_t)items->count;
  template_value made = template_generator(run);
  if (slices <= 0)
    template_fail(run, TENON_UNSUPPORTED, "slice expects a positive number");
  bool fills = given[1].kind != VALUE_ABSENT && given[1].kind != VALUE_NONE;
  size_t at = 0;
  for (int64_t i = 0; !template_failed(run) && i < slices; ++i) {
    template_value row = template_new_list(run, VALUE_LIST, 0);
    bool extra = i < count % slices;
    for (int64_t k = 0; !template_failed(run) && k < count / slices + extra; ++k)
      template_list_add(run, row.list, items->items[at++]);
    if (fills && !extra && !template_failed(run))
      template_list_add(run, row.list, given[1]);
    if (!template_failed(run))
      template_list_add(run, made.list, row);
  }
  return made;
}

//===----------------------------------------------------------------------===//
// map, select and their like
//===----------------------------------------------------------------------===//

static const template_value *named_argument(const template_arguments *all, const char *name) {
  for (size_t i = 0; i < all->named_count; ++i)
    if (template_named(all->named[i].name, name))
      return &all->named[i].value;
  return NULL;
}

// The filter or test that the argument at `at` names; those behind it are its arguments.
static const template_row *named_row(template_run *run, const template_arguments *all, size_t at, const char *what,
                                     const template_row *(*find)(text_span), template_arguments *rest) {
  text_span name = template_want_text(run, &all->positional[at], what);
  const template_row *row = find(name);
  if (!row)
    template_fail(run, TENON_UNSUPPORTED, "unknown %s '%.*s'", find == template_find_filter ? "filter" : "test",
                  name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
  *rest = (template_arguments){all->positional + at + 1, all->count - at - 1, all->named, all->named_count};
  return row;
}

CALLED(filter_map) {
  UNUSED;
  template_value made = template_generator(run);
  const template_value *attribute = all->count ? NULL : named_argument(all, "attribute");
  template_arguments rest = {0};
  const template_row *row = NULL;
  if (!template_truth(self))
    return made;
  if (!attribute && !all->count)
    template_fail(run, TENON_UNSUPPORTED, "map expects a filter or an attribute");
  else if (!attribute)
    row = named_row(run, all, 0, "map", template_find_filter, &rest);
  const template_list *items = template_items(run, self);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    template_value item = attribute ? template_path(run, items->items[i], attribute, named_argument(all, "default"))
                                    : template_call_row(run, row, &items->items[i], &rest);
    template_list_add(run, made.list, item);
  }
  return made;
}

static template_value chosen(template_run *run, const template_value *self, const template_arguments *all, bool by_attribute, bool wanted) {
  template_value made = template_generator(run);
  template_arguments rest = {0};
  if (!template_truth(self))
    return made;
  if (by_attribute && !all->count)
    template_fail(run, TENON_UNSUPPORTED, "selectattr and rejectattr expect an attribute");
  const template_row *test = !template_failed(run) && all->count > by_attribute
                                 ? named_row(run, all, by_attribute, "the name of a test", template_find_test, &rest)
                                 : NULL;
  const template_list *items = template_items(run, self);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    template_value item = items->items[i];
    if (by_attribute)
      item = template_path(run, item, &all->positional[0], NULL);
    if (test && !template_failed(run))
      item = template_call_row(run, test, &item, &rest);
    if (!template_failed(run) && template_truth(&item) == wanted)
      template_list_add(run, made.list, items->items[i]);
  }
  return made;
}

CALLED(filter_select) {
  UNUSED;
  return chosen(run, self, all, false, true);
}

CALLED(filter_reject) {
  UNUSED;
  return chosen(run, self, all, false, false);
}

CALLED(filter_selectattr) {
  UNUSED;
  return chosen(run, self, all, true, true);
}

CALLED(filter_rejectattr) {
  UNUSED;
  return chosen(run, self, all, true, false);
}

const template_row template_sequence_filters[] = {
    {"length", "", filter_length},
    {"count", "", filter_length},
    {"default", "default_value boolean", filter_default},
    {"d", "default_value boolean", filter_default},
    {"first", "", filter_first},
    {"last", "", filter_last},
    {"list", "", filter_list},
    {"reverse", "", filter_reverse},
    {"join", "d attribute", filter_join},
    {"items", "", filter_items},
    {"sum", "attribute start", filter_sum},
    {"batch", "linecount! fill_with", filter_batch},
    {"slice", "slices! fill_with", filter_slice},
    {"map", "*", filter_map},
    {"select", "*", filter_select},
    {"reject", "*", filter_reject},
    {"selectattr", "*", filter_selectattr},
    {"rejectattr", "*", filter_rejectattr},
    {NULL, NULL, NULL},
};
