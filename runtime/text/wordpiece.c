//===- wordpiece.c - the longest tokens of a word -----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/text_impl.h"

static bool is_too_long(const tenon_tokenizer *tokenizer, const uint8_t *data, size_t size) {
  size_t characters = 0;
  for (size_t i = 0; i < size; ++i)
    characters += (data[i] & 0xc0) != 0x80;
  return tokenizer->word_characters && characters > tokenizer->word_characters;
}

// A word that cannot be spelled to its end is one unknown token.
void text_wordpiece_piece(text_scratch *scratch, const uint8_t *data, size_t size) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  const size_t count = scratch->count;
  bool known = !is_too_long(tokenizer, data, size);
  for (size_t at = 0, length = 0; known && at < size && !scratch->failure.code; at += length) {
    int32_t id = text_trie_find_longest(at ? &tokenizer->continuing : &tokenizer->trie, data + at, size - at, &length);
    known = id >= 0;
    if (known)
      text_emit(scratch, id);
  }
  if (known || scratch->failure.code)
    return;
  scratch->count = count;
  text_emit_unknown(scratch, data, size);
}
