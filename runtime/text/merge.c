//===- merge.c - merge the symbols of a piece into tokens ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All kinds of BPE repeat one step: of all adjacent pairs that merge take the one of the lowest rank, the leftmost among equals, and
// merge it. By merges, the rank is the place in their list; the symbols start as bytes or as characters. By scores, as SentencePiece
// does it, a pair merges if together they spell a token, and the rank is the order of that token's score.
//
// A short piece is searched anew for every step. A long one keeps its pairs in a heap: a merge adds at most two, so that n symbols take
// O(n log n). Entries are not removed when their pair changes; they are recognised by a rank that is no longer the pair's.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <string.h>

// From this many symbols on the heap is faster (measured between 24 and 64 on English words).
#define HEAP_FROM 40

//===----------------------------------------------------------------------===//
// Pairs
//===----------------------------------------------------------------------===//

// Looks up what symbol `at` and the one after it merge into.
static void find_pair(const text_scratch *scratch, const uint8_t *data, int32_t at) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  text_symbol *left = &scratch->symbols[at];
  left->rank = TEXT_NO_RANK;
  if (left->next < 0)
    return;
  const text_symbol *right = &scratch->symbols[left->next];
  if (tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE) {
    int32_t id = text_find_token(tokenizer, data + left->begin, (size_t)left->size + right->size);
    if (id >= 0) {
      left->rank = tokenizer->score_ranks[id];
      left->result = id;
    }
  } else if (left->id >= 0 && right->id >= 0) {
    const text_merge *merge = text_find_merge(tokenizer, (uint32_t)left->id, (uint32_t)right->id);
    if (merge) {
      left->rank = merge->rank;
      left->result = (int32_t)merge->result;
    }
  }
}

// Merges symbol `at` with the one after it and looks the two new pairs up.
static void merge_at(const text_scratch *scratch, const uint8_t *data, int32_t at) {
  text_symbol *left = &scratch->symbols[at];
  text_symbol *right = &scratch->symbols[left->next];
  left->id = left->result;
  left->size += right->size;
  left->next = right->next;
  right->size = 0;
  right->rank = TEXT_NO_RANK;
  if (left->next >= 0)
    scratch->symbols[left->next].previous = at;
  find_pair(scratch, data, at);
  if (left->previous >= 0)
    find_pair(scratch, data, left->previous);
}

static void merge_short(const text_scratch *scratch, const uint8_t *data) {
  const text_symbol *symbols = scratch->symbols;
  for (;;) {
    int32_t best = 0;
    for (int32_t at = symbols[0].next; at >= 0; at = symbols[at].next)
      if (symbols[at].rank < symbols[best].rank)
        best = at;
    if (symbols[best].rank == TEXT_NO_RANK)
      return;
    merge_at(scratch, data, best);
  }
}

//===----------------------------------------------------------------------===//
// The heap: entries are rank << 32 | symbol, the smallest on top
//===----------------------------------------------------------------------===//

static void push(text_scratch *scratch, int32_t at) {
  uint32_t rank = scratch->symbols[at].rank;
  if (rank == TEXT_NO_RANK)
    return;
  uint64_t entry = (uint64_t)rank << 32 | (uint32_t)at;
  uint64_t *heap = scratch->heap;
  size_t hole = scratch->heap_size++;
  for (; hole && heap[(hole - 1) / 2] > entry; hole = (hole - 1) / 2)
    heap[hole] = heap[(hole - 1) / 2];
  heap[hole] = entry;
}

static uint64_t pop(text_scratch *scratch) {
  uint64_t *heap = scratch->heap;
  uint64_t top = heap[0], last = heap[--scratch->heap_size];
  size_t hole = 0, size = scratch->heap_size;
  for (size_t child = 1; child < size; child = 2 * hole + 1) {
    child += child + 1 < size && heap[child + 1] < heap[child];
    if (heap[child] >= last)
      break;
    heap[hole] = heap[child];
    hole = child;
  }
  if (size)
    heap[hole] = last;
  return top;
}

static void merge_long(text_scratch *scratch, const uint8_t *data, size_t count) {
  // The pairs there are at first, and two for each of at most count - 1 merges.
  void *heap = scratch->heap;
  bool done = text_reserve(scratch, &heap, &scratch->heap_capacity, 3 * count, sizeof *scratch->heap);
  scratch->heap = heap;
  if (!done)
    return;
  scratch->heap_size = 0;
  for (size_t at = 0; at < count; ++at)
    push(scratch, (int32_t)at);
  while (scratch->heap_size) {
    uint64_t entry = pop(scratch);
    int32_t at = (int32_t)(uint32_t)entry;
    if (scratch->symbols[at].rank != entry >> 32)
      continue;
    merge_at(scratch, data, at);
    push(scratch, at);
    if (scratch->symbols[at].previous >= 0)
      push(scratch, scratch->symbols[at].previous);
  }
}

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

// The token of the symbol that merging starts from at data: a byte, or a character (a byte that is no UTF-8 stands for itself).
static int32_t first_symbol(const tenon_tokenizer *tokenizer, const uint8_t *data, size_t size, size_t *step) {
  *step = 1;
  if (tokenizer->kind == TENON_TEXT_KIND_BYTE_BPE)
    return tokenizer->byte_ids[data[0]];
  *step = text_character(data, size);
  *step += !*step;
  return text_find_token(tokenizer, data, *step);
}

static size_t seed(text_scratch *scratch, const uint8_t *data, size_t size) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  void *symbols = scratch->symbols;
  bool done = text_reserve(scratch, &symbols, &scratch->symbol_capacity, size, sizeof *scratch->symbols);
  scratch->symbols = symbols;
  if (!done)
    return 0;
  size_t count = 0;
  for (size_t begin = 0, step; begin < size; begin += step) {
    int32_t id = first_symbol(tokenizer, data + begin, size - begin, &step);
    if (id < 0 && (tokenizer->flags & TENON_TEXT_FLAG_CLOSE_GAPS))
      continue;
    scratch->symbols[count] = (text_symbol){
        .id = id, .begin = (uint32_t)begin, .size = (uint32_t)step, .previous = (int32_t)count - 1, .next = (int32_t)count + 1};
    ++count;
  }
  if (!count)
    return 0;
  scratch->symbols[count - 1].next = -1;
  for (size_t at = 0; at < count; ++at)
    find_pair(scratch, data, (int32_t)at);
  return count;
}

void text_merge_piece(text_scratch *scratch, const uint8_t *data, size_t size) {
  if (scratch->tokenizer->flags & TENON_TEXT_FLAG_WHOLE_WORDS) {
    int32_t id = text_find_token(scratch->tokenizer, data, size);
    if (id >= 0) {
      text_emit(scratch, id);
      return;
    }
  }
  size_t count = seed(scratch, data, size);
  if (!count)
    return;
  if (count < HEAP_FROM)
    merge_short(scratch, data);
  else
    merge_long(scratch, data, count);
  for (int32_t at = 0; at >= 0 && !scratch->failure.code; at = scratch->symbols[at].next) {
    const text_symbol *symbol = &scratch->symbols[at];
    if (symbol->id >= 0)
      text_emit(scratch, symbol->id);
    else
      text_emit_unknown(scratch, data + symbol->begin, symbol->size);
  }
}
