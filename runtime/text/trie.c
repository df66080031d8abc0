//===- trie.c - byte strings with a number each -------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The strings are sorted; then each node is a range of them that share a beginning, and its children are the ranges within it that
// share one byte more. Nodes are made level by level, so that children of a node lie side by side.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>

// The strings that a node stands for.
typedef struct range {
  uint32_t begin;
  uint32_t end;
  uint32_t depth;
} range;

typedef struct builder {
  const text_trie_entry *entries;
  text_trie_node *nodes;
  range *ranges;
  size_t count;
  size_t capacity;
} builder;

static int compare_entries(const void *left, const void *right) {
  const text_trie_entry *a = left, *b = right;
  size_t size = a->size < b->size ? a->size : b->size;
  int order = size ? memcmp(a->data, b->data, size) : 0;
  if (order)
    return order;
  if (a->size != b->size)
    return a->size < b->size ? -1 : 1;
  return a->value < b->value ? -1 : a->value > b->value;
}

static bool add_node(builder *to, uint8_t byte, range strings) {
  if (to->count == to->capacity) {
    size_t capacity = 2 * to->capacity + 64;
    text_trie_node *nodes = realloc(to->nodes, capacity * sizeof *nodes);
    if (nodes)
      to->nodes = nodes;
    range *ranges = nodes ? realloc(to->ranges, capacity * sizeof *ranges) : NULL;
    if (!ranges)
      return false;
    to->ranges = ranges;
    to->capacity = capacity;
  }
  to->nodes[to->count] = (text_trie_node){.value = -1, .byte = byte};
  to->ranges[to->count++] = strings;
  return true;
}

// Strings that end at the node come first in its range, the one of the smallest value before its equals.
static bool expand(builder *to, uint32_t node) {
  range strings = to->ranges[node];
  uint32_t at = strings.begin;
  if (node && to->entries[at].size == strings.depth)
    to->nodes[node].value = to->entries[at].value;
  while (at < strings.end && to->entries[at].size == strings.depth)
    ++at;
  to->nodes[node].children = (uint32_t)to->count;
  while (at < strings.end) {
    uint8_t byte = to->entries[at].data[strings.depth];
    uint32_t end = at + 1;
    while (end < strings.end && to->entries[end].data[strings.depth] == byte)
      ++end;
    if (!add_node(to, byte, (range){at, end, strings.depth + 1}))
      return false;
    ++to->nodes[node].count;
    at = end;
  }
  return true;
}

tenon_status text_trie_build(text_trie *trie, text_trie_entry *entries, size_t count) {
  if (count)
    qsort(entries, count, sizeof *entries, compare_entries);
  builder to = {.entries = entries};
  bool done = add_node(&to, 0, (range){0, (uint32_t)count, 0});
  for (uint32_t node = 0; done && node < to.count; ++node)
    done = expand(&to, node);
  free(to.ranges);
  if (!done) {
    free(to.nodes);
    return text_out_of_memory();
  }
  trie->nodes = to.nodes;
  for (uint32_t child = 0; child < to.nodes[0].count; ++child)
    trie->root[to.nodes[to.nodes[0].children + child].byte] = to.nodes[0].children + child;
  return text_ok();
}

void text_trie_free(text_trie *trie) {
  free(trie->nodes);
}

uint32_t text_trie_step(const text_trie *trie, uint32_t node, uint8_t byte) {
  if (!node)
    return trie->root[byte];
  const text_trie_node *parent = &trie->nodes[node];
  uint32_t low = parent->children, high = low + parent->count;
  while (high - low > 8) {
    uint32_t middle = (low + high) / 2;
    if (trie->nodes[middle].byte <= byte)
      low = middle;
    else
      high = middle;
  }
  for (; low < high; ++low)
    if (trie->nodes[low].byte == byte)
      return low;
  return 0;
}

int32_t text_trie_find_longest(const text_trie *trie, const uint8_t *data, size_t size, size_t *length) {
  int32_t found = -1;
  uint32_t node = 0;
  for (size_t at = 0; at < size; ++at) {
    node = text_trie_step(trie, node, data[at]);
    if (!node)
      break;
    if (trie->nodes[node].value >= 0) {
      found = trie->nodes[node].value;
      *length = at + 1;
    }
  }
  return found;
}
