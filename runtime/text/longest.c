//===- longest.c - the longest token first ------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/text_impl.h"

// A byte that no token begins with is unknown by itself.
void text_longest_piece(text_scratch *scratch, const uint8_t *data, size_t size) {
  for (size_t at = 0, length = 0; at < size && !scratch->failure.code; at += length) {
    length = 1;
    int32_t id = text_trie_find_longest(&scratch->tokenizer->trie, data + at, size - at, &length);
    if (id >= 0)
      text_emit(scratch, id);
    else
      text_emit_unknown(scratch, data + at, 1);
  }
}
