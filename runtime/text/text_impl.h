//===- text_impl.h - what the files of runtime/text share ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An open tokenizer is the blob, checked and still in its place, plus the tables that make looking things up quick. Encoding goes
// encode.c (special tokens) -> pretokenize.c (pieces) -> merge.c (tokens), with the working memory of one call in text_scratch.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_TEXT_IMPL_H
#define TENON_RUNTIME_TEXT_TEXT_IMPL_H

#include "tenon/runtime/text/bytes.h"
#include "tenon/runtime/text/format.h"
#include "tenon/runtime/text/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

//===----------------------------------------------------------------------===//
// The open tokenizer
//===----------------------------------------------------------------------===//

// A pair of tokens that merge: open addressing by (left, right); empty where result is TENON_TEXT_NO_TOKEN.
typedef struct text_merge {
  uint32_t left;
  uint32_t right;
  uint32_t rank;
  uint32_t result;
} text_merge;

// Tokens that are cut out of the text before anything else: those that begin with the same byte, the longest first.
typedef struct text_specials {
  int32_t *ids;
  uint32_t first[257]; /* ids of byte b are at [first[b], first[b + 1]) */
  int32_t only_byte;   /* the one byte all begin with, or -1 */
} text_specials;

struct tenon_tokenizer {
  uint32_t kind;
  uint32_t flags;
  uint32_t tokens;
  uint32_t merges;
  uint32_t patterns;
  int32_t bos, eos, eot, pad, unk;
  const uint8_t *token_ends;
  const uint8_t *token_bytes;
  const uint8_t *attributes;
  const uint8_t *scores;
  const uint8_t *merge_rows;
  text_span pattern_bytes;
  text_span chat_template;

  // Tables made by text_build_tables.
  int32_t byte_ids[256]; /* the token that spells a byte, or -1 */
  uint32_t *token_slots; /* open addressing by bytes: id + 1 of the tokens that text can become; 0: empty */
  uint32_t token_mask;
  uint32_t longest; /* bytes of the longest of them */
  text_merge *merge_slots;
  uint32_t merge_mask;
  uint32_t *score_ranks;  /* SentencePiece: order of the token's score, 0 is the highest; equal scores share a rank */
  bool words_independent; /* SentencePiece: no token has a space after another character, so words can be cut at spaces */
  text_specials parsed;   /* control, unknown and user-defined tokens */
  text_specials always;   /* user-defined tokens */
  pcre2_code *codes[TENON_TEXT_MAX_PATTERNS];
  bool jit[TENON_TEXT_MAX_PATTERNS];
};

static inline text_span text_token(const tenon_tokenizer *tokenizer, uint32_t id) {
  uint32_t begin = id ? text_load_u32(tokenizer->token_ends + 4 * (size_t)(id - 1)) : 0;
  uint32_t end = text_load_u32(tokenizer->token_ends + 4 * (size_t)id);
  return (text_span){tokenizer->token_bytes + begin, end - begin};
}

static inline uint32_t text_type(const tenon_tokenizer *tokenizer, uint32_t id) {
  return tokenizer->attributes[id] & TENON_TEXT_TYPE_MASK;
}

// blob.c and tables.c: the two halves of opening.
tenon_status text_read_blob(tenon_tokenizer *tokenizer, text_span blob);
tenon_status text_build_tables(tenon_tokenizer *tokenizer);
tenon_status text_compile_patterns(tenon_tokenizer *tokenizer);

uint64_t text_hash(const uint8_t *data, size_t size);
// The token that is spelled so and that text can become, or -1.
int32_t text_find_token(const tenon_tokenizer *tokenizer, const uint8_t *data, size_t size);
// What the two tokens merge into, or null.
const text_merge *text_find_merge(const tenon_tokenizer *tokenizer, uint32_t left, uint32_t right);

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

// One symbol of a piece while it is merged. Symbols of a piece form a list.
typedef struct text_symbol {
  int32_t id; /* -1: no token */
  uint32_t begin;
  uint32_t size; /* 0: merged into the one before */
  int32_t previous;
  int32_t next;
  uint32_t rank;  /* of merging with the next one; TEXT_NO_RANK: they do not merge */
  int32_t result; /* the token that gives */
} text_symbol;

#define TEXT_NO_RANK 0xffffffffu

// A piece seen before in this call, and where its tokens are in the output.
typedef struct text_cached {
  const uint8_t *data;
  uint32_t size;
  uint32_t count;
  size_t at;
} text_cached;

// The memory of one call of encode. `failure` is set once; from then on nothing more is appended.
typedef struct text_scratch {
  const tenon_tokenizer *tokenizer;
  int32_t *ids;
  size_t count;
  size_t capacity;
  text_symbol *symbols;
  size_t symbol_capacity;
  uint64_t *heap;
  size_t heap_size;
  size_t heap_capacity;
  text_cached *cache;
  uint32_t cache_mask;
  pcre2_match_data *match;
  pcre2_match_context *context;
  pcre2_jit_stack *stack;
  tenon_status failure;
} text_scratch;

void text_emit(text_scratch *scratch, int32_t id);
// pretokenize.c: cuts well-formed text by the tokenizer's patterns and merges each piece.
void text_encode_pieces(text_scratch *scratch, const uint8_t *data, size_t size);
// merge.c: appends the tokens of one piece; data must stay until the call of encode ends.
void text_encode_piece(text_scratch *scratch, const uint8_t *data, size_t size);

#endif /* TENON_RUNTIME_TEXT_TEXT_IMPL_H */
