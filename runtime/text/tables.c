//===- tables.c - look tokens, merges and special tokens up -------*- C -*-===//
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

// Whether text can become this token by merging.
static bool is_mergeable(const tenon_tokenizer *tokenizer, uint32_t id) {
  uint32_t type = text_type(tokenizer, id);
  return type == TENON_TEXT_TYPE_NORMAL ||
         (tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE && (type == TENON_TEXT_TYPE_USER_DEFINED || type == TENON_TEXT_TYPE_UNUSED));
}

int32_t text_find_token(const tenon_tokenizer *tokenizer, const uint8_t *data, size_t size) {
  if (size > tokenizer->longest)
    return -1;
  for (uint32_t slot = (uint32_t)text_hash(data, size) & tokenizer->token_mask; tokenizer->token_slots[slot];
       slot = (slot + 1) & tokenizer->token_mask) {
    uint32_t id = tokenizer->token_slots[slot] - 1;
    text_span token = text_token(tokenizer, id);
    if (token.size == size && memcmp(token.data, data, size) == 0)
      return (int32_t)id;
  }
  return -1;
}

// Spaces only at the front: then no merge crosses from a character to a space behind it.
static bool has_inner_space(text_span token) {
  for (size_t i = 1; i < token.size; ++i)
    if (token.data[i] == ' ' && token.data[i - 1] != ' ')
      return true;
  return false;
}

static tenon_status build_tokens(tenon_tokenizer *tokenizer) {
  uint32_t slots = slot_count(tokenizer->tokens);
  tokenizer->token_slots = calloc(slots, sizeof *tokenizer->token_slots);
  if (!tokenizer->token_slots)
    return text_out_of_memory();
  tokenizer->token_mask = slots - 1;
  tokenizer->words_independent = true;
  for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
    text_span token = text_token(tokenizer, id);
    if (!token.size || !is_mergeable(tokenizer, id) || text_find_token(tokenizer, token.data, token.size) >= 0)
      continue;
    if (token.size > tokenizer->longest)
      tokenizer->longest = (uint32_t)token.size;
    tokenizer->words_independent &= !has_inner_space(token);
    uint32_t slot = (uint32_t)text_hash(token.data, token.size) & tokenizer->token_mask;
    while (tokenizer->token_slots[slot])
      slot = (slot + 1) & tokenizer->token_mask;
    tokenizer->token_slots[slot] = id + 1;
  }
  return text_ok();
}

// SentencePiece spells unknown characters by byte tokens, byte-level BPE starts from the tokens of single bytes.
static void build_bytes(tenon_tokenizer *tokenizer) {
  for (int byte = 0; byte < 256; ++byte) {
    uint8_t data = (uint8_t)byte;
    tokenizer->byte_ids[byte] = text_find_token(tokenizer, &data, 1);
  }
  if (tokenizer->kind != TENON_TEXT_KIND_SENTENCEPIECE)
    return;
  for (uint32_t id = tokenizer->tokens; id-- > 0;)
    if (text_type(tokenizer, id) == TENON_TEXT_TYPE_BYTE)
      tokenizer->byte_ids[text_token(tokenizer, id).data[0]] = (int32_t)id;
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

static int compare_keys(const void *left, const void *right) {
  uint64_t a, b;
  memcpy(&a, left, sizeof a);
  memcpy(&b, right, sizeof b);
  return a < b ? -1 : a > b;
}

// An integer that is smaller the higher the score is.
static uint32_t descending(uint32_t bits) {
  if (bits == UINT32_C(0x80000000))
    bits = 0; // -0.0 is 0.0
  return (bits >> 31) ? bits : ~bits & UINT32_C(0x7fffffff);
}

static tenon_status build_ranks(tenon_tokenizer *tokenizer) {
  uint64_t *keys = malloc(tokenizer->tokens * sizeof *keys);
  tokenizer->score_ranks = malloc(tokenizer->tokens * sizeof *tokenizer->score_ranks);
  if (!keys || !tokenizer->score_ranks) {
    free(keys);
    return text_out_of_memory();
  }
  for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
    uint32_t bits = text_load_u32(tokenizer->scores + 4 * (size_t)id);
    if ((bits & UINT32_C(0x7fffffff)) > UINT32_C(0x7f800000)) {
      free(keys);
      return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: a score is not a number");
    }
    keys[id] = (uint64_t)descending(bits) << 32 | id;
  }
  qsort(keys, tokenizer->tokens, sizeof *keys, compare_keys);
  uint32_t rank = 0;
  for (uint32_t i = 0; i < tokenizer->tokens; ++i) {
    rank += i && keys[i] >> 32 != keys[i - 1] >> 32;
    tokenizer->score_ranks[(uint32_t)keys[i]] = rank;
  }
  free(keys);
  return text_ok();
}

//===----------------------------------------------------------------------===//
// Special tokens
//===----------------------------------------------------------------------===//

static bool is_cut_out(const tenon_tokenizer *tokenizer, uint32_t id, bool always) {
  uint32_t type = text_type(tokenizer, id);
  if (!text_token(tokenizer, id).size)
    return false;
  return type == TENON_TEXT_TYPE_USER_DEFINED || (!always && (type == TENON_TEXT_TYPE_CONTROL || type == TENON_TEXT_TYPE_UNKNOWN));
}

static tenon_status build_specials(const tenon_tokenizer *tokenizer, bool always, text_specials *out) {
  size_t count = 0;
  for (uint32_t id = 0; id < tokenizer->tokens; ++id)
    count += is_cut_out(tokenizer, id, always);
  uint64_t *keys = malloc((count + 1) * sizeof *keys);
  out->ids = malloc((count + 1) * sizeof *out->ids);
  if (!keys || !out->ids) {
    free(keys);
    return text_out_of_memory();
  }
  // Sorted by first byte, then the longest first, then by id.
  size_t at = 0;
  for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
    if (!is_cut_out(tokenizer, id, always))
      continue;
    text_span token = text_token(tokenizer, id);
    keys[at++] = (uint64_t)token.data[0] << 56 | (uint64_t)(TENON_TEXT_MAX_TOKEN_BYTES - token.size) << 32 | id;
  }
  qsort(keys, count, sizeof *keys, compare_keys);
  for (size_t i = 0; i < count; ++i) {
    out->ids[i] = (int32_t)(uint32_t)keys[i];
    ++out->first[(keys[i] >> 56) + 1];
  }
  out->only_byte = count && keys[0] >> 56 == keys[count - 1] >> 56 ? (int32_t)(keys[0] >> 56) : -1;
  for (int byte = 0; byte < 256; ++byte)
    out->first[byte + 1] += out->first[byte];
  free(keys);
  return text_ok();
}

tenon_status text_build_tables(tenon_tokenizer *tokenizer) {
  tenon_status status = build_tokens(tokenizer);
  if (status.code)
    return status;
  build_bytes(tokenizer);
  status = tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE ? build_ranks(tokenizer) : build_merges(tokenizer);
  if (!status.code)
    status = build_specials(tokenizer, false, &tokenizer->parsed);
  if (!status.code)
    status = build_specials(tokenizer, true, &tokenizer->always);
  return status;
}
