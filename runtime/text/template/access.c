//===- access.c - attributes, items and slices --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x.name is the attribute (a method, say) or else the item; x["name"] is the item or else the attribute. What is not there is undefined,
// and asking something undefined for more is a failure.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/template/run_impl.h"

static template_value bound_method(template_run *run, const template_value *self, const template_row *row) {
  template_method *method = template_allocate(run, 1, sizeof *method);
  if (!method)
    return template_none();
  *method = (template_method){*self, row};
  return (template_value){.kind = VALUE_METHOD, .method = method};
}

static bool is_undefined(template_run *run, const template_value *value) {
  if (value->kind != VALUE_UNDEFINED)
    return false;
  template_fail(run, TENON_UNSUPPORTED, "'%.*s' is undefined", value->string.size > 100 ? 100 : (int)value->string.size,
                (const char *)value->string.data);
  return true;
}

// What the value has by itself, whatever its items are; VALUE_ABSENT: nothing.
static template_value own_attribute(template_run *run, const template_value *value, text_span name) {
  bool unsafe = false;
  if (value->kind == VALUE_LOOP)
    return template_loop_attribute(run, value->loop, name);
  const template_row *row = template_find_method(value, name, &unsafe);
  if (row)
    return bound_method(run, value, row);
  template_value absent = {.kind = VALUE_ABSENT};
  if (unsafe) {
    absent = template_undefined(name);
    absent.flags = VALUE_UNSAFE;
  }
  return absent;
}

// The item, VALUE_ABSENT if there is none.
static template_value own_item(template_run *run, const template_value *value, const template_value *key) {
  const template_value absent = {.kind = VALUE_ABSENT};
  if (value->kind == VALUE_DICT || value->kind == VALUE_NAMESPACE) {
    bool simple = key->kind != VALUE_LIST && key->kind != VALUE_DICT;
    const template_value *found = simple ? template_dict_get(run, value->dict, key) : NULL;
    return found ? *found : absent;
  }
  if (!template_is_integer(key))
    return absent;
  bool indexed = template_is_sequence(value) || value->kind == VALUE_STRING || value->kind == VALUE_RANGE;
  int64_t count = indexed ? template_length(run, value) : 0, at = key->integer < 0 ? key->integer + count : key->integer;
  if (at < 0 || at >= count)
    return absent;
  if (value->kind == VALUE_RANGE)
    return template_range_item(value->range, at);
  if (value->kind != VALUE_STRING)
    return value->list->items[at];
  size_t begin = template_offset(value->string, (size_t)at);
  text_span rest = {value->string.data + begin, value->string.size - begin};
  return template_string((text_span){rest.data, template_character(rest)});
}

template_value template_attribute(template_run *run, const template_value *value, text_span name) {
  if (is_undefined(run, value))
    return *value;
  template_value found = own_attribute(run, value, name), key = template_string(name);
  if (found.kind == VALUE_ABSENT)
    found = own_item(run, value, &key);
  return found.kind == VALUE_ABSENT ? template_undefined(name) : found;
}

template_value template_item(template_run *run, const template_value *value, const template_value *key) {
  if (is_undefined(run, value))
    return *value;
  template_value found = own_item(run, value, key);
  if (found.kind == VALUE_ABSENT && key->kind == VALUE_STRING)
    found = own_attribute(run, value, key->string);
  return found.kind == VALUE_ABSENT ? template_undefined(template_text(run, key)) : found;
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

static int64_t bound(const template_value *value, int64_t count, int64_t otherwise, bool backwards) {
  if (!template_is_integer(value))
    return otherwise;
  int64_t at = value->integer < 0 ? value->integer + count : value->integer;
  return clamp(at, backwards ? -1 : 0, backwards ? count - 1 : count);
}

static template_value slice_string(template_run *run, text_span text, int64_t start, int64_t stop, int64_t step) {
  if (step == 1) {
    size_t begin = template_offset(text, (size_t)start);
    text_span rest = {text.data + begin, text.size - begin};
    return template_string((text_span){rest.data, stop > start ? template_offset(rest, (size_t)(stop - start)) : 0});
  }
  template_value whole = template_string(text);
  template_list *characters = template_items(run, &whole);
  uint8_t *bytes = template_bytes(run, text.size);
  size_t size = 0;
  for (int64_t at = start; bytes && !template_failed(run) && (step > 0 ? at < stop : at > stop); at += step) {
    text_span character = characters->items[at].string;
    memcpy(bytes + size, character.data, character.size);
    size += character.size;
  }
  return template_string((text_span){bytes, size});
}

static template_value slice_range(template_run *run, const template_range *range, int64_t start, int64_t stop, int64_t step) {
  template_range *made = template_allocate(run, 1, sizeof *made);
  if (!made)
    return template_none();
  int64_t count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  *made =
      (template_range){range->start + start * range->step, step * range->step, range->start + stop * range->step, count < 0 ? 0 : count};
  return (template_value){.kind = VALUE_RANGE, .range = made};
}

template_value template_slice(template_run *run, const template_value *value, const template_value bounds[3]) {
  if (is_undefined(run, value))
    return *value;
  bool sliced = template_is_sequence(value) || value->kind == VALUE_STRING || value->kind == VALUE_RANGE;
  for (int i = 0; i < 3; ++i)
    sliced &= template_is_integer(&bounds[i]) || bounds[i].kind == VALUE_NONE || bounds[i].kind == VALUE_ABSENT;
  if (!sliced) {
    template_fail(run, TENON_UNSUPPORTED, "a slice of a value of type %s, or by something that is no integer", template_kind_name(value));
    return template_none();
  }
  int64_t step = template_is_integer(&bounds[2]) ? bounds[2].integer : 1, count = template_length(run, value);
  if (!step) {
    template_fail(run, TENON_UNSUPPORTED, "a slice with a step of 0");
    return template_none();
  }
  step = clamp(step, -count - 1, count + 1);
  int64_t start = bound(&bounds[0], count, step > 0 ? 0 : count - 1, step < 0);
  int64_t stop = bound(&bounds[1], count, step > 0 ? count : -1, step < 0);
  if (value->kind == VALUE_STRING)
    return slice_string(run, value->string, start, stop, step);
  if (value->kind == VALUE_RANGE)
    return slice_range(run, value->range, start, stop, step);
  template_value made = template_new_list(run, (template_kind)value->kind, 0);
  for (int64_t at = start; !template_failed(run) && (step > 0 ? at < stop : at > stop); at += step)
    template_list_add(run, made.list, value->list->items[at]);
  return made;
}
