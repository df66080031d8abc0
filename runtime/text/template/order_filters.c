//===- order_filters.c - filters that compare items ---------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strings are compared without regard to case unless asked otherwise. Sorting is stable, backwards too.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/call_impl.h"

template_value template_fold(template_run *run, template_value value, const template_value *case_sensitive) {
  bool folds = value.kind == VALUE_STRING && !template_truth(case_sensitive);
  return folds ? template_change_case(run, value.string, CASE_LOWER) : value;
}

typedef struct keyed {
  template_value key;
  template_value item;
} keyed;

// Merges the sorted halves of `items`; of equal ones those of the first half come first.
static void merge(template_run *run, keyed *items, keyed *room, size_t count, bool backwards) {
  if (count < 2 || template_failed(run))
    return;
  size_t half = count / 2, left = 0, right = half;
  merge(run, items, room, half, backwards);
  merge(run, items + half, room, count - half, backwards);
  for (size_t i = 0; i < count && template_step(run); ++i) {
    bool from_right = left == half;
    if (left < half && right < count)
      from_right = backwards ? template_order(run, &items[left].key, &items[right].key, "<") < 0
                             : template_order(run, &items[right].key, &items[left].key, "<") < 0;
    room[i] = items[from_right ? right++ : left++];
  }
  if (!template_failed(run))
    memcpy(items, room, count * sizeof *items);
}

static template_value sorted(template_run *run, keyed *items, size_t count, bool backwards) {
  keyed *room = template_allocate(run, count + 1, sizeof *room);
  template_value made = template_new_list(run, VALUE_LIST, count);
  if (room)
    merge(run, items, room, count, backwards);
  for (size_t i = 0; !template_failed(run) && i < count; ++i)
    template_list_add(run, made.list, items[i].item);
  return made;
}

// The item's attributes "a,b" as a list.
static template_value key_of(template_run *run, template_value item, const template_value *attributes,
                             const template_value *case_sensitive) {
  bool several = attributes->kind == VALUE_STRING && memchr(attributes->string.data, ',', attributes->string.size);
  if (!several)
    return template_fold(run, template_path(run, item, attributes, NULL), case_sensitive);
  template_value key = template_new_list(run, VALUE_LIST, 0);
  text_span rest = attributes->string;
  for (bool more = true; more && template_step(run);) {
    size_t size = template_find(rest, template_span(","), 0);
    more = size != SIZE_MAX;
    template_value part = template_string((text_span){rest.data, more ? size : rest.size});
    template_value value = template_fold(run, template_path(run, item, &part, NULL), case_sensitive);
    if (!template_failed(run))
      template_list_add(run, key.list, value);
    if (more)
      rest = (text_span){rest.data + size + 1, rest.size - size - 1};
  }
  return key;
}

CALLED(filter_sort) {
  UNUSED;
  const template_list *items = template_items(run, self);
  keyed *rows = template_allocate(run, items->count + 1, sizeof *rows);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i)
    rows[i] = (keyed){key_of(run, items->items[i], &given[2], &given[1]), items->items[i]};
  return template_failed(run) ? template_none() : sorted(run, rows, items->count, template_truth(&given[0]));
}

CALLED(filter_dictsort) {
  UNUSED;
  text_span by = given[1].kind == VALUE_ABSENT ? template_span("key") : template_want_text(run, &given[1], "dictsort");
  if (self->kind != VALUE_DICT || (!template_named(by, "key") && !template_named(by, "value")))
    template_fail(run, TENON_UNSUPPORTED, "dictsort expects a dict, and to sort it by key or value");
  if (template_failed(run))
    return template_none();
  const template_dict *dict = self->dict;
  keyed *rows = template_allocate(run, dict->count + 1, sizeof *rows);
  for (size_t i = 0; !template_failed(run) && i < dict->count; ++i) {
    template_value pair = template_new_list(run, VALUE_TUPLE, 2);
    if (template_failed(run))
      break;
    template_list_add(run, pair.list, dict->entries[i].key);
    template_list_add(run, pair.list, dict->entries[i].value);
    rows[i] = (keyed){template_fold(run, template_named(by, "key") ? dict->entries[i].key : dict->entries[i].value, &given[0]), pair};
  }
  return template_failed(run) ? template_none() : sorted(run, rows, dict->count, template_truth(&given[2]));
}

CALLED(filter_unique) {
  UNUSED;
  const template_list *items = template_items(run, self);
  template_value seen = template_new_dict(run, VALUE_DICT), made = template_generator(run);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    template_value key = template_fold(run, template_path(run, items->items[i], &given[1], NULL), &given[0]);
    if (template_failed(run) || template_dict_get(run, seen.dict, &key))
      continue;
    template_dict_set(run, seen.dict, key, template_none());
    template_list_add(run, made.list, items->items[i]);
  }
  return made;
}

static template_value extreme(template_run *run, const template_value *self, const template_value *given, bool largest) {
  const template_list *items = template_items(run, self);
  keyed best = {0};
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    keyed one = {template_fold(run, template_path(run, items->items[i], &given[1], NULL), &given[0]), items->items[i]};
    if (template_failed(run))
      break;
    int order = i ? template_order(run, &one.key, &best.key, largest ? ">" : "<") : 0;
    if (!i || (largest ? order > 0 : order < 0))
      best = one;
  }
  return best.item.kind == VALUE_ABSENT ? template_undefined(template_span("the least or most of nothing")) : best.item;
}

CALLED(filter_min) {
  UNUSED;
  return extreme(run, self, given, false);
}

CALLED(filter_max) {
  UNUSED;
  return extreme(run, self, given, true);
}

// Pairs of a key and the items that have it, in the order of the keys.
CALLED(filter_groupby) {
  UNUSED;
  const template_list *items = template_items(run, self);
  keyed *rows = template_allocate(run, items->count + 1, sizeof *rows);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i)
    rows[i] = (keyed){template_fold(run, template_path(run, items->items[i], &given[0], &given[1]), &given[2]), items->items[i]};
  template_value made = template_new_list(run, VALUE_LIST, 0), group = template_none();
  if (!template_failed(run))
    sorted(run, rows, items->count, false);
  for (size_t i = 0; !template_failed(run) && i < items->count; ++i) {
    if (!i || !template_equal(run, &rows[i].key, &rows[i - 1].key)) {
      template_value pair = template_new_list(run, VALUE_TUPLE, 2), key = template_path(run, rows[i].item, &given[0], &given[1]);
      group = template_new_list(run, VALUE_LIST, 0);
      if (template_failed(run))
        break;
      template_list_add(run, pair.list, key);
      template_list_add(run, pair.list, group);
      template_list_add(run, made.list, pair);
    }
    template_list_add(run, group.list, rows[i].item);
  }
  return made;
}

const template_row template_order_filters[] = {
    {"sort", "reverse case_sensitive attribute", filter_sort},
    {"dictsort", "case_sensitive by reverse", filter_dictsort},
    {"unique", "case_sensitive attribute", filter_unique},
    {"min", "case_sensitive attribute", filter_min},
    {"max", "case_sensitive attribute", filter_max},
    {"groupby", "attribute! default case_sensitive", filter_groupby},
    {NULL, NULL, NULL},
};

const template_row *template_find_filter(text_span name) {
  static const template_row *const tables[] = {template_text_filters, template_sequence_filters, template_number_filters,
                                               template_order_filters};
  const template_row *found = NULL;
  for (size_t i = 0; !found && i < sizeof tables / sizeof *tables; ++i)
    found = template_find_row(tables[i], name);
  return found;
}
