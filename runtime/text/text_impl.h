//===- text_impl.h - what the files of runtime/text share ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An open tokenizer is the blob, checked and still in its place, plus the tables that make looking things up quick. Encoding goes
// encode.c (added tokens) -> normalize.c (text) -> pretokenize.c (pieces) -> merge.c, unigram.c, wordpiece.c or longest.c (tokens), with
// the working memory of one call in text_scratch.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_TEXT_IMPL_H
#define TENON_RUNTIME_TEXT_TEXT_IMPL_H

#include "tenon/runtime/text/bytes.h"
#include "tenon/runtime/text/format.h"
#include "tenon/runtime/text/text.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

//===----------------------------------------------------------------------===//
// Properties of characters (unicode.c)
//===----------------------------------------------------------------------===//

bool text_is_space(uint32_t character); /* White_Space */
bool text_is_word(uint32_t character);  /* what regular expressions call \w */
bool text_is_mark(uint32_t character);  /* category M */
bool text_is_nonspacing_mark(uint32_t character);
// Controls, formats and private use, but no tabs and line ends.
bool text_is_control(uint32_t character);
// Whether no boundary of user-perceived characters lies between the two; `state` starts as 0.
bool text_joins(uint32_t left, uint32_t right, int32_t *state);
void text_append_lowercase(text_buffer *out, uint32_t character);
// Appends the Unicode normal form that the options name; bytes that are no UTF-8 stay.
void text_append_form(text_buffer *out, text_span text, uint32_t options);

//===----------------------------------------------------------------------===//
// Tries: byte strings with a number each (trie.c)
//===----------------------------------------------------------------------===//

// Children of a node lie side by side, in the order of their bytes. Node 0 is the root.
typedef struct text_trie_node {
  uint32_t children;
  int32_t value; /* of the string that ends here, or -1 */
  uint16_t count;
  uint8_t byte;
} text_trie_node;

typedef struct text_trie {
  text_trie_node *nodes;
  uint32_t root[256];
} text_trie;

typedef struct text_trie_entry {
  const uint8_t *data;
  uint32_t size;
  int32_t value;
} text_trie_entry;

// Sorts the entries. Of equal strings the smallest value stays; empty strings are left out.
tenon_status text_trie_build(text_trie *trie, text_trie_entry *entries, size_t count);
void text_trie_free(text_trie *trie);
// The node that the byte leads to, or 0.
uint32_t text_trie_step(const text_trie *trie, uint32_t node, uint8_t byte);
// The longest string that data begins with, and its size; -1 if there is none.
int32_t text_trie_find_longest(const text_trie *trie, const uint8_t *data, size_t size, size_t *length);

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

// A pattern, and the same for text of nothing but ASCII, which is several times faster; null where there is none.
typedef struct text_pattern {
  pcre2_code *code;
  pcre2_code *ascii;
  bool jit;
} text_pattern;

typedef struct text_step {
  uint32_t code;
  uint32_t option;
  text_span first;
  text_span second;
  text_pattern pattern;
} text_step;

typedef struct text_steps {
  text_step steps[TENON_TEXT_MAX_STEPS];
  uint32_t count;
} text_steps;

// Added tokens by their spelling; values are rows of `added`.
typedef struct text_added {
  text_trie trie;
  int32_t only_byte; /* the one byte all begin with; -1: several, -2: there are none */
} text_added;

// The sets of added tokens: looked for in text as it came, and after its normalisation.
enum { TEXT_ADDED_RAW, TEXT_ADDED_NORMALIZED, TEXT_ADDED_SETS };

struct tenon_tokenizer {
  uint32_t kind;
  uint32_t flags;
  uint32_t tokens;
  uint32_t merges;
  uint32_t word_characters;
  uint32_t continues; /* bytes of WordPiece's "##" */
  uint32_t first;     /* TENON_TEXT_FIRST_* */
  double unk_score;
  int32_t bos, eos, eot, pad, unk;
  const uint8_t *token_ends;
  const uint8_t *token_bytes;
  const uint8_t *text_ends;
  const uint8_t *text_bytes;
  const uint8_t *attributes;
  const uint8_t *scores;
  const uint8_t *merge_rows;
  text_span added;
  text_span prefix;
  text_span suffix;
  text_span chat_template;
  text_steps normalizers;
  text_steps splits;

  // Tables made by text_build_tables.
  int32_t byte_ids[256]; /* the token that spells a byte, or -1 */
  uint32_t *token_slots; /* open addressing by bytes: id + 1 of the tokens that text can become; 0: empty */
  uint32_t token_mask;
  uint32_t longest; /* bytes of the longest of them */
  text_merge *merge_slots;
  uint32_t merge_mask;
  uint32_t *score_ranks;              /* SentencePiece: order of the token's score, 0 is the highest; equal scores share a rank */
  text_trie trie;                     /* unigram and longest: all tokens; WordPiece: those that begin a word */
  text_trie continuing;               /* WordPiece: those that go on with one */
  bool letters;                       /* a step of SPLITS turned bytes into GPT-2's letters */
  bool words_independent;             /* no token has U+2581 behind another character, so words can be cut before it */
  text_added parsed[TEXT_ADDED_SETS]; /* all added tokens */
  text_added always[TEXT_ADDED_SETS]; /* those that are not special */
};

static inline text_span text_between(const uint8_t *ends, const uint8_t *bytes, uint32_t id) {
  uint32_t begin = id ? text_load_u32(ends + 4 * (size_t)(id - 1)) : 0;
  uint32_t end = text_load_u32(ends + 4 * (size_t)id);
  return (text_span){bytes + begin, end - begin};
}

// What a token is matched by.
static inline text_span text_spelling(const tenon_tokenizer *tokenizer, uint32_t id) {
  return text_between(tokenizer->token_ends, tokenizer->token_bytes, id);
}

// What a token is written as.
static inline text_span text_token(const tenon_tokenizer *tokenizer, uint32_t id) {
  return text_between(tokenizer->text_ends, tokenizer->text_bytes, id);
}

static inline uint32_t text_type(const tenon_tokenizer *tokenizer, uint32_t id) {
  return tokenizer->attributes[id] & TENON_TEXT_TYPE_MASK;
}

static inline double text_score(const tenon_tokenizer *tokenizer, uint32_t id) {
  const uint8_t *at = tokenizer->scores + 8 * (size_t)id;
  uint64_t bits = text_load_u32(at) | (uint64_t)text_load_u32(at + 4) << 32;
  double score;
  memcpy(&score, &bits, sizeof score);
  return score;
}

// The token and the flags of a row of `added`.
static inline uint32_t text_added_id(const tenon_tokenizer *tokenizer, uint32_t row) {
  return text_load_u32(tokenizer->added.data + 8 * (size_t)row);
}
static inline uint32_t text_added_flags(const tenon_tokenizer *tokenizer, uint32_t row) {
  return text_load_u32(tokenizer->added.data + 8 * (size_t)row + 4);
}

// blob.c, steps.c and tables.c: the parts of opening.
tenon_status text_read_blob(tenon_tokenizer *tokenizer, text_span blob);
tenon_status text_read_steps(text_steps *out, text_span section, const char *name);
tenon_status text_compile_steps(text_steps *steps, bool splits, const char *name);
void text_free_steps(text_steps *steps);
tenon_status text_build_tables(tenon_tokenizer *tokenizer);
tenon_status text_build_added(tenon_tokenizer *tokenizer);

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

// The best way to the end of a character, for unigram.
typedef struct text_arrival {
  double score;
  int32_t id;
  uint32_t begin; /* TEXT_NO_RANK: nothing ends here */
} text_arrival;

// A piece seen before in this call, and where its tokens are in the output. Fills a cache line.
#define TEXT_CACHED_BYTES 48
typedef struct text_cached {
  uint8_t data[TEXT_CACHED_BYTES];
  uint32_t size;
  uint32_t count;
  int32_t only; /* the token, if it is one */
  uint32_t at;
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
  text_arrival *arrivals;
  size_t arrival_capacity;
  text_cached *cache;
  uint32_t cache_mask;
  pcre2_match_data *match;
  pcre2_match_context *context;
  pcre2_jit_stack *stack;
  text_buffer normal[2];                    /* the text between added tokens, before and after a step */
  text_buffer pieces[TENON_TEXT_MAX_STEPS]; /* what a step of SPLITS made of a piece */
  text_buffer letters;                      /* a piece out of GPT-2's alphabet */
  const uint8_t *beginning;                 /* where the text's first piece lies, while none was cut; null otherwise */
  size_t unknown_end;                       /* how many ids there were when this piece's last unknown token was emitted */
  tenon_status failure;
} text_scratch;

tenon_status text_open_scratch(text_scratch *scratch, const tenon_tokenizer *tokenizer, size_t size);
void text_close_scratch(text_scratch *scratch);
void text_emit(text_scratch *scratch, int32_t id);
// Makes room in an array for at least `need` elements; false: it is noted that memory is used up.
bool text_reserve(text_scratch *scratch, void **array, size_t *capacity, size_t need, size_t element);

// Finds the next match of a pattern in well-formed text at or after `from`; false at the end or on failure, which is noted.
bool text_find_match(text_scratch *scratch, const text_pattern *pattern, text_span text, size_t from, size_t *begin, size_t *end);

// added.c: the first added token at or after `from`, with the white space it takes along; false if there is none.
typedef struct text_found {
  size_t begin;
  size_t end;
  int32_t id;
} text_found;
bool text_find_added(const tenon_tokenizer *tokenizer, const text_added *added, text_span text, size_t from, text_found *out);

// normalize.c: what the text becomes; it lies in scratch until the next call.
text_span text_normalize(text_scratch *scratch, text_span text);
// charsmap.c: SentencePiece's precompiled map.
tenon_status text_check_charsmap(text_span map);
void text_append_mapped(text_buffer *out, text_span map, text_span text, bool graphemes);
// pretokenize.c: cuts text into pieces and encodes each.
void text_encode_pieces(text_scratch *scratch, text_span text);
// encode.c: appends the tokens of one piece.
void text_encode_piece(text_scratch *scratch, const uint8_t *data, size_t size);
// merge.c, unigram.c, wordpiece.c, longest.c: the models.
void text_merge_piece(text_scratch *scratch, const uint8_t *data, size_t size);
void text_unigram_piece(text_scratch *scratch, const uint8_t *data, size_t size);
void text_wordpiece_piece(text_scratch *scratch, const uint8_t *data, size_t size);
void text_longest_piece(text_scratch *scratch, const uint8_t *data, size_t size);
// Spells a character that is no token: by byte tokens, or as unknown.
void text_emit_unknown(text_scratch *scratch, const uint8_t *data, size_t size);

#endif /* TENON_RUNTIME_TEXT_TEXT_IMPL_H */
