//===- encode.c - text to tokens ----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Special tokens are cut out first. What lies between them is text: byte-level BPE hands its well-formed stretches to the patterns and
// the other bytes straight to merging, SentencePiece puts its space in front and cuts where words are independent.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <string.h>

// Steps of backtracking that a pattern may take for one match. The tokenizers' own patterns need a handful.
#define MATCH_LIMIT 2000000
#define JIT_STACK_BYTES (256 * 1024)

static tenon_status open_scratch(text_scratch *scratch, const tenon_tokenizer *tokenizer, size_t size) {
  *scratch = (text_scratch){.tokenizer = tokenizer, .failure = text_ok()};
  if (tokenizer->patterns) {
    scratch->match = pcre2_match_data_create(1, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->stack = pcre2_jit_stack_create(8 * 1024, JIT_STACK_BYTES, NULL);
    if (!scratch->match || !scratch->context)
      return text_out_of_memory();
    pcre2_set_match_limit(scratch->context, MATCH_LIMIT);
    // Where there is no JIT there is no stack for it, and none is needed.
    if (scratch->stack)
      pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
  }
  // Short texts repeat nothing. Without a cache everything is merged, so that running out of memory here is no failure.
  if (size >= 256) {
    uint32_t slots = 256;
    while (slots < size / 8 && slots < 16384)
      slots *= 2;
    scratch->cache = calloc(slots, sizeof *scratch->cache);
    scratch->cache_mask = slots - 1;
  }
  return text_ok();
}

static void close_scratch(text_scratch *scratch) {
  free(scratch->symbols);
  free(scratch->heap);
  free(scratch->cache);
  pcre2_match_data_free(scratch->match);
  pcre2_match_context_free(scratch->context);
  pcre2_jit_stack_free(scratch->stack);
}

//===----------------------------------------------------------------------===//
// Text between special tokens
//===----------------------------------------------------------------------===//

static void encode_bytes(text_scratch *scratch, text_span text) {
  while (text.size && !scratch->failure.code) {
    size_t valid = text_valid_prefix(text.data, text.size);
    text_encode_pieces(scratch, text.data, valid);
    size_t end = valid;
    while (end < text.size && !text_character(text.data + end, text.size - end))
      ++end;
    text_encode_piece(scratch, text.data + valid, end - valid);
    text = (text_span){text.data + end, text.size - end};
  }
}

// Writes text as SentencePiece sees it: a space in front if it is wanted, and U+2581 as a space. Returns the size.
static size_t write_spaced(uint8_t *out, text_span text, bool prefix) {
  uint8_t *at = out;
  if (prefix)
    *at++ = ' ';
  for (size_t i = 0; i < text.size; ++i) {
    if (text.size - i >= 3 && memcmp(text.data + i, "\xe2\x96\x81", 3) == 0) {
      *at++ = ' ';
      i += 2;
    } else {
      *at++ = text.data[i];
    }
  }
  return (size_t)(at - out);
}

// Words are pieces of their own where no token reaches from a character to a space behind it.
static void encode_words(text_scratch *scratch, const uint8_t *data, size_t size) {
  size_t begin = 0;
  for (size_t i = 1; scratch->tokenizer->words_independent && i < size; ++i)
    if (data[i] == ' ' && data[i - 1] != ' ') {
      text_encode_piece(scratch, data + begin, i - begin);
      begin = i;
    }
  text_encode_piece(scratch, data + begin, size - begin);
}

// The state of one call: where SentencePiece's text goes, and whether a space belongs in front of the next text.
typedef struct text_fragments {
  text_scratch scratch;
  uint8_t *spaced;
  size_t spaced_size;
  bool after_special;
} text_fragments;

static void encode_text(text_fragments *fragments, text_span text) {
  if (!text.size)
    return;
  const tenon_tokenizer *tokenizer = fragments->scratch.tokenizer;
  if (tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE) {
    bool prefix = fragments->after_special && (tokenizer->flags & TENON_TEXT_FLAG_SPACE_PREFIX);
    uint8_t *spaced = fragments->spaced + fragments->spaced_size;
    size_t size = write_spaced(spaced, text, prefix);
    fragments->spaced_size += size;
    encode_words(&fragments->scratch, spaced, size);
  } else {
    encode_bytes(&fragments->scratch, text);
  }
  fragments->after_special = false;
}

//===----------------------------------------------------------------------===//
// Special tokens
//===----------------------------------------------------------------------===//

// The special token that text begins with, the longest; -1 if there is none.
static int32_t special_at(const tenon_tokenizer *tokenizer, const text_specials *specials, text_span text) {
  for (uint32_t i = specials->first[text.data[0]]; i < specials->first[text.data[0] + 1]; ++i) {
    text_span token = text_token(tokenizer, (uint32_t)specials->ids[i]);
    if (token.size <= text.size && memcmp(token.data, text.data, token.size) == 0)
      return specials->ids[i];
  }
  return -1;
}

// Where the first special token begins, or the end of the text.
static size_t find_special(const tenon_tokenizer *tokenizer, const text_specials *specials, text_span text, int32_t *id) {
  *id = -1;
  if (!specials->first[256])
    return text.size;
  for (size_t at = 0; at < text.size; ++at) {
    if (specials->only_byte >= 0) {
      const uint8_t *found = memchr(text.data + at, specials->only_byte, text.size - at);
      if (!found)
        return text.size;
      at = (size_t)(found - text.data);
    }
    *id = special_at(tokenizer, specials, (text_span){text.data + at, text.size - at});
    if (*id >= 0)
      return at;
  }
  return text.size;
}

static void encode_fragments(text_fragments *fragments, text_span text, bool parse) {
  const tenon_tokenizer *tokenizer = fragments->scratch.tokenizer;
  const text_specials *specials = parse ? &tokenizer->parsed : &tokenizer->always;
  while (text.size && !fragments->scratch.failure.code) {
    int32_t id;
    size_t end = find_special(tokenizer, specials, text, &id);
    encode_text(fragments, (text_span){text.data, end});
    if (id >= 0) {
      text_emit(&fragments->scratch, id);
      fragments->after_special = true;
      end += text_token(tokenizer, (uint32_t)id).size;
    }
    text = (text_span){text.data + end, text.size - end};
  }
}

static tenon_status encode(text_fragments *fragments, text_span text, uint32_t flags) {
  const tenon_tokenizer *tokenizer = fragments->scratch.tokenizer;
  text_scratch *scratch = &fragments->scratch;
  if (tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE) {
    // Between any two pieces of text lies a special token of at least one byte, so that every space in front has room.
    fragments->spaced = malloc(text.size + 2);
    if (!fragments->spaced)
      return text_out_of_memory();
  }
  if ((flags & TENON_ENCODE_ADD_SPECIAL) && (tokenizer->flags & TENON_TEXT_FLAG_ADD_BOS))
    text_emit(scratch, tokenizer->bos);
  encode_fragments(fragments, text, (flags & TENON_ENCODE_PARSE_SPECIAL) != 0);
  if ((flags & TENON_ENCODE_ADD_SPECIAL) && (tokenizer->flags & TENON_TEXT_FLAG_ADD_EOS))
    text_emit(scratch, tokenizer->eos);
  return scratch->failure;
}

tenon_status tenon_tokenizer_encode(const tenon_tokenizer *tokenizer, const char *text, size_t size, uint32_t flags, int32_t **ids,
                                    size_t *count) {
  if (!tokenizer || (!text && size) || !ids || !count)
    return text_failure(TENON_USAGE, "expects a tokenizer, a text and places to store its tokens");
  if (size > INT32_MAX - 8)
    return text_failure(TENON_RESOURCE, "expects a text below 2 GB, but got %zu bytes", size);
  text_fragments fragments = {.after_special = true};
  tenon_status status = open_scratch(&fragments.scratch, tokenizer, size);
  if (!status.code)
    status = encode(&fragments, (text_span){(const uint8_t *)text, size}, flags);
  free(fragments.spaced);
  close_scratch(&fragments.scratch);
  // A text of no tokens still returns memory, so that null means failure.
  int32_t *result = fragments.scratch.ids;
  if (!status.code && !result) {
    result = malloc(sizeof *result);
    if (!result)
      status = text_out_of_memory();
  }
  if (status.code) {
    free(result);
    return status;
  }
  *ids = result;
  *count = fragments.scratch.count;
  return status;
}
