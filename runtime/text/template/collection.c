//===- collection.c - lists and dictionaries ----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/template/run_impl.h"

template_value template_new_list(template_run *run, template_kind kind, size_t capacity) {
  template_list *list = template_allocate(run, 1, sizeof *list);
  if (!list)
    return template_none();
  *list = (template_list){.capacity = capacity};
  if (capacity && !(list->items = template_allocate(run, capacity, sizeof *list->items)))
    list->capacity = 0;
  return (template_value){.kind = (uint8_t)kind, .list = list};
}

void template_list_add(template_run *run, template_list *list, template_value item) {
  if (!template_step(run))
    return;
  template_value *items = template_grow(run, list->items, list->count, &list->capacity, sizeof *items);
  if (!items)
    return;
  list->items = items;
  list->items[list->count++] = item;
}

//===----------------------------------------------------------------------===//
// Dictionaries
//===----------------------------------------------------------------------===//

#define FEW_ENTRIES 8

template_value template_new_dict(template_run *run, template_kind kind) {
  template_dict *dict = template_allocate(run, 1, sizeof *dict);
  if (!dict)
    return template_none();
  memset(dict, 0, sizeof *dict);
  return (template_value){.kind = (uint8_t)kind, .dict = dict};
}

static bool is_entry(template_run *run, const template_entry *entry, uint64_t hash, const template_value *key) {
  return entry->hash == hash && template_equal(run, &entry->key, key);
}

static template_entry *find_entry(template_run *run, const template_dict *dict, uint64_t hash, const template_value *key) {
  if (!dict->slots) {
    for (size_t i = 0; i < dict->count; ++i)
      if (is_entry(run, &dict->entries[i], hash, key))
        return &dict->entries[i];
    return NULL;
  }
  for (size_t slot = hash & dict->slot_mask; dict->slots[slot] && template_step(run); slot = (slot + 1) & dict->slot_mask)
    if (is_entry(run, &dict->entries[dict->slots[slot] - 1], hash, key))
      return &dict->entries[dict->slots[slot] - 1];
  return NULL;
}

static void index_entry(template_dict *dict, size_t at) {
  size_t slot = dict->entries[at].hash & dict->slot_mask;
  while (dict->slots[slot])
    slot = (slot + 1) & dict->slot_mask;
  dict->slots[slot] = (uint32_t)at + 1;
}

static void index_all(template_run *run, template_dict *dict) {
  size_t size = 4 * dict->capacity;
  uint32_t *slots = template_work(run, size) ? template_allocate(run, size, sizeof *slots) : NULL;
  if (!slots)
    return;
  memset(slots, 0, size * sizeof *slots);
  dict->slots = slots;
  dict->slot_mask = size - 1;
  for (size_t i = 0; i < dict->count; ++i)
    index_entry(dict, i);
}

void template_dict_set(template_run *run, template_dict *dict, template_value key, template_value value) {
  uint64_t hash = template_hash(run, &key);
  if (!template_step(run))
    return;
  template_entry *found = find_entry(run, dict, hash, &key);
  if (found) {
    found->value = value;
    return;
  }
  size_t before = dict->capacity;
  template_entry *entries = template_grow(run, dict->entries, dict->count, &dict->capacity, sizeof *entries);
  if (!entries)
    return;
  dict->entries = entries;
  entries[dict->count++] = (template_entry){key, value, hash};
  if (dict->capacity != before && dict->capacity > FEW_ENTRIES)
    index_all(run, dict);
  else if (dict->slots)
    index_entry(dict, dict->count - 1);
}

const template_value *template_dict_get(template_run *run, const template_dict *dict, const template_value *key) {
  uint64_t hash = template_hash(run, key);
  if (!template_step(run))
    return NULL;
  const template_entry *found = find_entry(run, dict, hash, key);
  return found ? &found->value : NULL;
}

const template_value *template_dict_find(template_run *run, const template_dict *dict, const char *key) {
  template_value name = template_literal(key);
  return template_dict_get(run, dict, &name);
}
