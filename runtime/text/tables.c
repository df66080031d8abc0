//===- tables.c - look tokens and merges up -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables are made when a tokenizer is opened (about 3 ms for 50,000 tokens) rather than stored: a stored hash table would have to be
// checked entry by entry anyway.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <string.h>

uint64_t text_hash(const uint8_t *data, size_t size) {
  uint64_t hash = size * UINT64_C(0x9e3779b97f4a7c15);
  while (size) {
    uint64_t word = 0;
    if (size >= 8) {
      memcpy(&word, data, 8);
    } else if (size >= 4) {
      uint32_t low, high;
      memcpy(&low, data, 4);
      memcpy(&high, data + size - 4, 4);
      word = low | (uint64_t)high << 32;
    } else {
      word = data[0] | (uint64_t)data[size / 2] << 8 | (uint64_t)data[size - 1] << 16;
    }
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 32;
    size_t step = size < 8 ? size : 8;
    data += step;
    size -= step;
  }
  return hash;
}

// The smallest power of two that leaves half the slots empty.
static uint32_t slot_count(uint32_t entries) {
  uint32_t slots = 16;
  while (slots < 2 * (uint64_t)entries && slots < (UINT32_C(1) << 31))
    slots *= 2;
  return slots;
}

//===----------------------------------------------------------------------===//
// Tokens by their bytes
//===----------------------------------------------------------------------===//

int32_t text_find_token(const tenon_tokenizer *tokenizer, const uint8_t *data, size_t size) {
  if (size > tokenizer->longest)
    return -1;
  for (uint32_t slot = (uint32_t)text_hash(data, size) & tokenizer->token_mask; tokenizer->token_slots[slot];
       slot = (slot + 1) & tokenizer->token_mask) {
    uint32_t id = tokenizer->token_slots[slot] - 1;
    text_span token = text_spelling(tokenizer, id);
    if (token.size == size && memcmp(token.data, data, size) == 0)
      return (int32_t)id;
  }
  return -1;
}

static const uint8_t space_mark[] = {0xe2, 0x96, 0x81};

static bool is_mark(const uint8_t *at) {
  return memcmp(at, space_mark, sizeof space_mark) == 0;
}

// Marks only at the front: then no token reaches from a character to a mark behind it.
static bool has_inner_mark(text_span token) {
  for (size_t i = 1; i + sizeof space_mark <= token.size; ++i)
    if (is_mark(token.data + i) && (i < sizeof space_mark || !is_mark(token.data + i - sizeof space_mark)))
      return true;
  return false;
}

static bool is_reachable(const tenon_tokenizer *tokenizer, uint32_t id) {
  return !(tokenizer->attributes[id] & TENON_TEXT_UNREACHABLE) && text_spelling(tokenizer, id).size;
}

static tenon_status build_tokens(tenon_tokenizer *tokenizer) {
  uint32_t slots = slot_count(tokenizer->tokens);
  tokenizer->token_slots = calloc(slots, sizeof *tokenizer->token_slots);
  if (!tokenizer->token_slots)
    return text_out_of_memory();
  tokenizer->token_mask = slots - 1;
  bool inner = false;
  for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
    text_span token = text_spelling(tokenizer, id);
    if (!is_reachable(tokenizer, id) || text_find_token(tokenizer, token.data, token.size) >= 0)
      continue;
    if (token.size > tokenizer->longest)
      tokenizer->longest = (uint32_t)token.size;
    inner |= has_inner_mark(token);
    uint32_t slot = (uint32_t)text_hash(token.data, token.size) & tokenizer->token_mask;
    while (tokenizer->token_slots[slot])
      slot = (slot + 1) & tokenizer->token_mask;
    tokenizer->token_slots[slot] = id + 1;
  }
  // The mark must be a token itself, or it could be unknown together with what stands before it. A piece that is looked up as a whole
  // must stay whole.
  tokenizer->words_independent = !inner && text_find_token(tokenizer, space_mark, sizeof space_mark) >= 0 &&
                                 !(tokenizer->flags & TENON_TEXT_FLAG_WHOLE_WORDS) &&
                                 (tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE || tokenizer->kind == TENON_TEXT_KIND_BPE ||
                                  tokenizer->kind == TENON_TEXT_KIND_UNIGRAM);
  return text_ok();
}

// Byte-level BPE starts from the tokens of single bytes, the others spell unknown characters by byte tokens.
static void build_bytes(tenon_tokenizer *tokenizer) {
  for (int byte = 0; byte < 256; ++byte) {
    uint8_t data = (uint8_t)byte;
    tokenizer->byte_ids[byte] = text_find_token(tokenizer, &data, 1);
  }
  if (tokenizer->kind == TENON_TEXT_KIND_BYTE_BPE)
    return;
  for (uint32_t id = tokenizer->tokens; id-- > 0;)
    if (text_type(tokenizer, id) == TENON_TEXT_TYPE_BYTE)
      tokenizer->byte_ids[text_token(tokenizer, id).data[0]] = (int32_t)id;
}

// Unigram and the longest tokens walk all of them, WordPiece those that begin a word and those that go on with one.
static tenon_status build_tries(tenon_tokenizer *tokenizer) {
  text_trie_entry *entries = malloc(tokenizer->tokens * sizeof *entries);
  if (!entries)
    return text_out_of_memory();
  const uint32_t front = tokenizer->continues;
  tenon_status status = text_ok();
  for (int continuing = 0; continuing < 2 && !status.code; ++continuing) {
    size_t count = 0;
    for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
      bool continues = (tokenizer->attributes[id] & TENON_TEXT_CONTINUES) != 0;
      if (!is_reachable(tokenizer, id) || (continuing ? !continues : continues && !front))
        continue;
      text_span token = text_spelling(tokenizer, id);
      uint32_t skip = !continuing ? 0 : front < token.size ? front : (uint32_t)token.size;
      entries[count++] = (text_trie_entry){token.data + skip, (uint32_t)token.size - skip, (int32_t)id};
    }
    status = text_trie_build(continuing ? &tokenizer->continuing : &tokenizer->trie, entries, count);
  }
  free(entries);
  return status;
}

//===----------------------------------------------------------------------===//
// Merges
//===----------------------------------------------------------------------===//

static uint32_t merge_slot(const tenon_tokenizer *tokenizer, uint32_t left, uint32_t right) {
  uint64_t key = ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);
  return (uint32_t)(key >> 32) & tokenizer->merge_mask;
}

const text_merge *text_find_merge(const tenon_tokenizer *tokenizer, uint32_t left, uint32_t right) {
  for (uint32_t slot = merge_slot(tokenizer, left, right);; slot = (slot + 1) & tokenizer->merge_mask) {
    const text_merge *merge = &tokenizer->merge_slots[slot];
    if (merge->result == TENON_TEXT_NO_TOKEN)
      return NULL;
    if (merge->left == left && merge->right == right)
      return merge;
  }
}

// Of a pair that is listed twice the first counts.
static tenon_status build_merges(tenon_tokenizer *tokenizer) {
  uint32_t slots = slot_count(tokenizer->merges);
  tokenizer->merge_slots = malloc(slots * sizeof *tokenizer->merge_slots);
  if (!tokenizer->merge_slots)
    return text_out_of_memory();
  tokenizer->merge_mask = slots - 1;
  memset(tokenizer->merge_slots, 0xff, slots * sizeof *tokenizer->merge_slots);
  for (uint32_t rank = 0; rank < tokenizer->merges; ++rank) {
    const uint8_t *row = tokenizer->merge_rows + 12 * (size_t)rank;
    text_merge merge = {text_load_u32(row), text_load_u32(row + 4), rank, text_load_u32(row + 8)};
    if (text_find_merge(tokenizer, merge.left, merge.right))
      continue;
    uint32_t slot = merge_slot(tokenizer, merge.left, merge.right);
    while (tokenizer->merge_slots[slot].result != TENON_TEXT_NO_TOKEN)
      slot = (slot + 1) & tokenizer->merge_mask;
    tokenizer->merge_slots[slot] = merge;
  }
  return text_ok();
}

typedef struct scored {
  double score;
  uint32_t id;
} scored;

// The highest score first.
static int compare_scores(const void *left, const void *right) {
  const scored *a = left, *b = right;
  if (a->score != b->score)
    return a->score > b->score ? -1 : 1;
  return a->id < b->id ? -1 : a->id > b->id;
}

static tenon_status build_ranks(tenon_tokenizer *tokenizer) {
  scored *keys = malloc(tokenizer->tokens * sizeof *keys);
  tokenizer->score_ranks = malloc(tokenizer->tokens * sizeof *tokenizer->score_ranks);
  if (!keys || !tokenizer->score_ranks) {
    free(keys);
    return text_out_of_memory();
  }
  for (uint32_t id = 0; id < tokenizer->tokens; ++id)
    keys[id] = (scored){text_score(tokenizer, id), id};
  qsort(keys, tokenizer->tokens, sizeof *keys, compare_scores);
  uint32_t rank = 0;
  for (uint32_t i = 0; i < tokenizer->tokens; ++i) {
    rank += i && keys[i].score != keys[i - 1].score;
    tokenizer->score_ranks[keys[i].id] = rank;
  }
  free(keys);
  return text_ok();
}

tenon_status text_build_tables(tenon_tokenizer *tokenizer) {
  tenon_status status = build_tokens(tokenizer);
  if (status.code)
    return status;
  build_bytes(tokenizer);
  switch (tokenizer->kind) {
  case TENON_TEXT_KIND_SENTENCEPIECE:
    status = build_ranks(tokenizer);
    break;
  case TENON_TEXT_KIND_UNIGRAM:
  case TENON_TEXT_KIND_WORDPIECE:
  case TENON_TEXT_KIND_LONGEST:
    status = build_tries(tokenizer);
    break;
  default:
    status = build_merges(tokenizer);
    break;
  }
  return status.code ? status : text_build_added(tokenizer);
}
