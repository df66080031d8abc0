//===- unigram.c - the most likely tokens of a piece --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of all ways to spell the piece by tokens the one of the highest sum of scores. For every place where a character ends the best way to
// it is kept; a token that begins there may be the best way to a later place. A character that no token spells counts as unknown.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

static void arrive(text_arrival *at, double score, int32_t id, uint32_t begin) {
  if (at->begin == TEXT_NO_RANK || score > at->score)
    *at = (text_arrival){score, id, begin};
}

static void leave(const text_scratch *scratch, const uint8_t *data, size_t size, size_t begin, size_t step) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  text_arrival *arrivals = scratch->arrivals;
  const double score = arrivals[begin].score;
  bool alone = false;
  uint32_t node = 0;
  for (size_t at = begin; at < size; ++at) {
    node = text_trie_step(&tokenizer->trie, node, data[at]);
    if (!node)
      break;
    int32_t id = tokenizer->trie.nodes[node].value;
    if (id < 0)
      continue;
    arrive(&arrivals[at + 1], score + text_score(tokenizer, (uint32_t)id), id, (uint32_t)begin);
    alone |= at + 1 == begin + step;
  }
  if (!alone)
    arrive(&arrivals[begin + step], score + tokenizer->unk_score, -1, (uint32_t)begin);
}

// Turns the way back from the end into the way from the start; `begin` then is where the next token ends. Returns the first end.
static uint32_t turn(text_arrival *arrivals, size_t size) {
  uint32_t at = (uint32_t)size, next = TEXT_NO_RANK;
  while (at) {
    uint32_t begin = arrivals[at].begin;
    arrivals[at].begin = next;
    next = at;
    at = begin;
  }
  return next;
}

void text_unigram_piece(text_scratch *scratch, const uint8_t *data, size_t size) {
  void *memory = scratch->arrivals;
  bool done = text_reserve(scratch, &memory, &scratch->arrival_capacity, size + 1, sizeof *scratch->arrivals);
  scratch->arrivals = memory;
  if (!done)
    return;
  text_arrival *arrivals = scratch->arrivals;
  for (size_t i = 0; i <= size; ++i)
    arrivals[i] = (text_arrival){.begin = TEXT_NO_RANK};
  for (size_t at = 0, step; at < size; at += step) {
    text_read(data + at, size - at, &step);
    leave(scratch, data, size, at, step);
  }
  uint32_t begin = 0;
  for (uint32_t end = turn(arrivals, size); end != TEXT_NO_RANK && !scratch->failure.code; end = arrivals[end].begin) {
    int32_t id = arrivals[end].id;
    if (id >= 0 && id != scratch->tokenizer->unk)
      text_emit(scratch, id);
    else
      text_emit_unknown(scratch, data + begin, end - begin);
    begin = end;
  }
}
