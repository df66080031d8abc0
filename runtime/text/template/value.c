//===- value.c - what holds for all values ------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/run_impl.h"

const char *template_kind_name(const template_value *value) {
  static const char *const names[] = {
      [VALUE_ABSENT] = "nothing",  [VALUE_UNDEFINED] = "undefined", [VALUE_NONE] = "none",           [VALUE_BOOLEAN] = "boolean",
      [VALUE_INTEGER] = "integer", [VALUE_LONG] = "long integer",   [VALUE_REAL] = "float",          [VALUE_STRING] = "string",
      [VALUE_LIST] = "list",       [VALUE_TUPLE] = "tuple",         [VALUE_VIEW] = "view",           [VALUE_GENERATOR] = "generator",
      [VALUE_RANGE] = "range",     [VALUE_DICT] = "dict",           [VALUE_NAMESPACE] = "namespace", [VALUE_LOOP] = "loop",
      [VALUE_MACRO] = "macro",     [VALUE_FUNCTION] = "function",   [VALUE_METHOD] = "method",
  };
  return names[value->kind];
}

bool template_is_integer(const template_value *value) {
  return value->kind == VALUE_INTEGER || value->kind == VALUE_BOOLEAN;
}

bool template_is_number(const template_value *value) {
  return template_is_integer(value) || value->kind == VALUE_REAL;
}

double template_as_real(const template_value *value) {
  return value->kind == VALUE_REAL ? value->real : (double)value->integer;
}

bool template_truth(const template_value *value) {
  switch ((template_kind)value->kind) {
  case VALUE_ABSENT:
  case VALUE_UNDEFINED:
  case VALUE_NONE:
    return false;
  case VALUE_BOOLEAN:
  case VALUE_INTEGER:
    return value->integer != 0;
  case VALUE_REAL:
    return value->real != 0;
  case VALUE_STRING:
    return value->string.size != 0;
  case VALUE_LIST:
  case VALUE_TUPLE:
  case VALUE_VIEW:
    return value->list->count != 0;
  case VALUE_RANGE:
    return value->range->count != 0;
  case VALUE_DICT:
    return value->dict->count != 0;
  default:
    return true;
  }
}

bool template_callable(const template_value *value) {
  return value->kind == VALUE_MACRO || value->kind == VALUE_FUNCTION || value->kind == VALUE_METHOD || value->kind == VALUE_LOOP ||
         value->kind == VALUE_UNDEFINED;
}

bool template_iterable(const template_value *value) {
  return value->kind == VALUE_UNDEFINED || value->kind == VALUE_STRING || template_is_sequence(value) || value->kind == VALUE_VIEW ||
         value->kind == VALUE_GENERATOR || value->kind == VALUE_RANGE || value->kind == VALUE_DICT;
}

int64_t template_length(template_run *run, const template_value *value) {
  switch ((template_kind)value->kind) {
  case VALUE_UNDEFINED:
    return 0;
  case VALUE_STRING:
    template_work(run, value->string.size / 16);
    return (int64_t)template_count(value->string);
  case VALUE_LIST:
  case VALUE_TUPLE:
  case VALUE_VIEW:
    return (int64_t)value->list->count;
  case VALUE_RANGE:
    return value->range->count;
  case VALUE_DICT:
    return (int64_t)value->dict->count;
  default:
    return -1;
  }
}

template_value template_range_item(const template_range *range, int64_t at) {
  return template_integer(range->start + at * range->step);
}

static void add_characters(template_run *run, template_list *list, text_span text) {
  while (text.size && template_step(run)) {
    size_t size = template_character(text);
    template_list_add(run, list, template_string((text_span){text.data, size}));
    text = (text_span){text.data + size, text.size - size};
  }
}

// What was left of the generator; it has nothing more to give.
static template_list *take_rest(template_run *run, template_list *generator) {
  template_value taken = template_new_list(run, VALUE_LIST, 0);
  if (template_failed(run))
    return generator;
  *taken.list = *generator;
  *generator = (template_list){0};
  return taken.list;
}

template_list *template_items(template_run *run, const template_value *value) {
  if (template_is_sequence(value) || value->kind == VALUE_VIEW)
    return value->list;
  if (value->kind == VALUE_GENERATOR)
    return take_rest(run, value->list);
  if (!template_iterable(value))
    template_fail(run, TENON_UNSUPPORTED, "expects something to go through, but got a value of type %s", template_kind_name(value));
  template_value made = template_new_list(run, VALUE_LIST, value->kind == VALUE_DICT ? value->dict->count : 0);
  static template_list nothing;
  if (template_failed(run))
    return &nothing;
  if (value->kind == VALUE_STRING)
    add_characters(run, made.list, value->string);
  else if (value->kind == VALUE_RANGE)
    for (int64_t i = 0; i < value->range->count && !template_failed(run); ++i)
      template_list_add(run, made.list, template_range_item(value->range, i));
  else if (value->kind == VALUE_DICT)
    for (size_t i = 0; i < value->dict->count; ++i)
      template_list_add(run, made.list, value->dict->entries[i].key);
  return made.list;
}

//===----------------------------------------------------------------------===//
// Equality, hashes and order
//===----------------------------------------------------------------------===//

static bool equal_lists(template_run *run, const template_list *left, const template_list *right) {
  bool equal = left->count == right->count;
  for (size_t i = 0; equal && i < left->count; ++i)
    equal = template_equal(run, &left->items[i], &right->items[i]);
  return equal;
}

static bool equal_dicts(template_run *run, const template_dict *left, const template_dict *right) {
  bool equal = left->count == right->count;
  for (size_t i = 0; equal && i < left->count; ++i) {
    const template_value *other = template_dict_get(run, right, &left->entries[i].key);
    equal = other && template_equal(run, &left->entries[i].value, other);
  }
  return equal;
}

static bool equal_ranges(const template_range *left, const template_range *right) {
  return left->count == right->count && (!left->count || (left->start == right->start && (left->count == 1 || left->step == right->step)));
}

static bool equal_same_kind(template_run *run, const template_value *left, const template_value *right) {
  switch ((template_kind)left->kind) {
  case VALUE_STRING:
    template_work(run, left->string.size / 64);
    return template_same(left->string, right->string);
  case VALUE_LONG:
    return template_same(left->string, right->string);
  case VALUE_LIST:
  case VALUE_TUPLE:
  case VALUE_VIEW:
    return equal_lists(run, left->list, right->list);
  case VALUE_DICT:
    return equal_dicts(run, left->dict, right->dict);
  case VALUE_RANGE:
    return equal_ranges(left->range, right->range);
  case VALUE_UNDEFINED:
  case VALUE_NONE:
  case VALUE_ABSENT:
    return true;
  default:
    return left->list == right->list; // the same thing
  }
}

bool template_equal(template_run *run, const template_value *left, const template_value *right) {
  if (template_is_integer(left) && template_is_integer(right))
    return left->integer == right->integer;
  if (template_is_number(left) && template_is_number(right))
    return template_as_real(left) == template_as_real(right);
  if (left->kind != right->kind)
    return false;
  bool equal = template_deeper(run) && equal_same_kind(run, left, right);
  template_leave(run);
  return equal;
}

static uint64_t hash_bytes(const void *data, size_t size) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < size; ++i)
    hash = (hash ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
  return hash ^ hash >> 29;
}

uint64_t template_hash(template_run *run, const template_value *key) {
  uint64_t hash = key->kind;
  if (key->kind == VALUE_STRING || key->kind == VALUE_LONG) {
    template_work(run, key->string.size / 16);
    hash = hash_bytes(key->string.data, key->string.size);
  } else if (template_is_number(key)) {
    // Numbers that are equal have the same hash, whatever their type.
    double number = template_as_real(key) + 0.0;
    hash = hash_bytes(&number, sizeof number);
  } else if (key->kind == VALUE_TUPLE) {
    if (template_deeper(run))
      for (size_t i = 0; i < key->list->count; ++i)
        hash = hash * 31 + template_hash(run, &key->list->items[i]);
    template_leave(run);
  } else if (key->kind == VALUE_LIST || key->kind == VALUE_DICT) {
    template_fail(run, TENON_UNSUPPORTED, "a %s cannot be a key", template_kind_name(key));
  } else if (key->kind > VALUE_NONE) {
    hash = hash_bytes(&key->list, sizeof key->list);
  }
  return hash;
}

static int compare_text(text_span left, text_span right) {
  size_t common = left.size < right.size ? left.size : right.size;
  int order = common ? memcmp(left.data, right.data, common) : 0;
  return order ? order : (left.size > right.size) - (left.size < right.size);
}

int template_order(template_run *run, const template_value *left, const template_value *right, const char *sign) {
  if (template_is_integer(left) && template_is_integer(right))
    return (left->integer > right->integer) - (left->integer < right->integer);
  if (template_is_number(left) && template_is_number(right)) {
    double first = template_as_real(left), second = template_as_real(right);
    return (first > second) - (first < second);
  }
  if (left->kind == VALUE_STRING && right->kind == VALUE_STRING) {
    template_work(run, left->string.size / 64);
    return compare_text(left->string, right->string);
  }
  int order = 0;
  if (template_is_sequence(left) && left->kind == right->kind) {
    const template_list *first = left->list, *second = right->list;
    if (template_deeper(run))
      for (size_t i = 0; !order && i < first->count && i < second->count; ++i)
        if (!template_equal(run, &first->items[i], &second->items[i]))
          order = template_order(run, &first->items[i], &second->items[i], sign);
    template_leave(run);
    return order ? order : (first->count > second->count) - (first->count < second->count);
  }
  const template_value *missing = left->kind == VALUE_UNDEFINED ? left : right;
  if (missing->kind == VALUE_UNDEFINED)
    template_fail(run, TENON_UNSUPPORTED, "'%s' of '%.*s', which is undefined", sign,
                  missing->string.size > 60 ? 60 : (int)missing->string.size, (const char *)missing->string.data);
  else
    template_fail(run, TENON_UNSUPPORTED, "'%s' has no meaning between %s and %s", sign, template_kind_name(left),
                  template_kind_name(right));
  return 0;
}

bool template_contains(template_run *run, const template_value *container, const template_value *item) {
  if (container->kind == VALUE_DICT || container->kind == VALUE_UNDEFINED)
    return container->kind == VALUE_DICT && template_dict_get(run, container->dict, item) != NULL;
  if (container->kind == VALUE_STRING) {
    if (item->kind != VALUE_STRING) {
      template_fail(run, TENON_UNSUPPORTED, "'in' a string expects a string, but got a value of type %s", template_kind_name(item));
      return false;
    }
    template_work(run, container->string.size / 16);
    return template_find(container->string, item->string, 0) != SIZE_MAX;
  }
  const template_list *list = template_items(run, container);
  for (size_t i = 0; i < list->count && template_step(run); ++i)
    if (template_equal(run, &list->items[i], item))
      return true;
  return false;
}
