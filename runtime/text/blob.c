//===- blob.c - open a tokenizer ----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything in the blob is checked here, once: afterwards ids, offsets and sizes can be used as they are. A blob that passes may still
// be nonsense (its merges in a strange order, say) but can do no harm.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <string.h>

static tenon_status damaged(const char *what) {
  return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: %s", what);
}

// Reads a section whose size must be `expected`, or any size if that is negative.
static tenon_status read_section(text_span blob, int index, int64_t expected, const char *name, text_span *out) {
  const uint8_t *words = blob.data + 4 * (TENON_TEXT_HEADER_SECTIONS + 2 * (size_t)index);
  uint32_t offset = text_load_u32(words), size = text_load_u32(words + 4);
  if (expected >= 0 && size != (uint64_t)expected)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: expects %lld bytes of %s, but got %u", (long long)expected, name,
                        size);
  if (size && (offset % 4 || offset < 4 * TENON_TEXT_HEADER_WORDS || offset > blob.size || size > blob.size - offset))
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: its %s lie outside the file", name);
  *out = (text_span){size ? blob.data + offset : blob.data, size};
  return text_ok();
}

static tenon_status read_id(const tenon_tokenizer *tokenizer, text_span blob, int word, int32_t *out) {
  uint32_t id = text_load_u32(blob.data + 4 * (size_t)word);
  *out = -1;
  if (id == TENON_TEXT_NO_TOKEN)
    return text_ok();
  if (id >= tokenizer->tokens)
    return damaged("a special token is not in the vocabulary");
  *out = (int32_t)id;
  return text_ok();
}

static tenon_status check_tokens(const tenon_tokenizer *tokenizer, size_t bytes) {
  uint32_t begin = 0;
  for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
    uint32_t end = text_load_u32(tokenizer->token_ends + 4 * (size_t)id);
    if (end < begin || end > bytes || end - begin > TENON_TEXT_MAX_TOKEN_BYTES)
      return damaged("the bytes of a token lie outside the file");
    begin = end;
    uint32_t type = text_type(tokenizer, id);
    if (type < TENON_TEXT_TYPE_NORMAL || type > TENON_TEXT_TYPE_BYTE)
      return damaged("a token has no known type");
    if (type == TENON_TEXT_TYPE_BYTE && text_token(tokenizer, id).size != 1)
      return damaged("a byte token is not one byte");
  }
  return text_ok();
}

// Merging must keep the text: the result spells the left and then the right token.
static tenon_status check_merges(const tenon_tokenizer *tokenizer) {
  for (uint32_t rank = 0; rank < tokenizer->merges; ++rank) {
    const uint8_t *row = tokenizer->merge_rows + 12 * (size_t)rank;
    uint32_t ids[3] = {text_load_u32(row), text_load_u32(row + 4), text_load_u32(row + 8)};
    for (int i = 0; i < 3; ++i)
      if (ids[i] >= tokenizer->tokens)
        return damaged("a merge has a token that is not in the vocabulary");
    text_span left = text_token(tokenizer, ids[0]), right = text_token(tokenizer, ids[1]), result = text_token(tokenizer, ids[2]);
    if (result.size != left.size + right.size || memcmp(result.data, left.data, left.size) != 0 ||
        memcmp(result.data + left.size, right.data, right.size) != 0)
      return damaged("a merge does not spell its parts");
  }
  return text_ok();
}

static tenon_status read_header(tenon_tokenizer *tokenizer, text_span blob) {
  if (blob.size < 4 * TENON_TEXT_HEADER_WORDS || text_load_u32(blob.data) != TENON_TEXT_MAGIC)
    return text_failure(TENON_UNSUPPORTED, "this is not a tokenizer");
  uint32_t version = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_VERSION);
  if (version != TENON_TEXT_VERSION)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer has format %u, but this runtime reads %u", version, TENON_TEXT_VERSION);
  if (text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_SIZE) != blob.size)
    return damaged("its size is not the one it states");
  tokenizer->kind = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_KIND);
  tokenizer->flags = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_FLAGS);
  tokenizer->tokens = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_TOKENS);
  tokenizer->merges = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_MERGES);
  tokenizer->patterns = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_PATTERNS);
  if (tokenizer->kind != TENON_TEXT_KIND_BYTE_BPE && tokenizer->kind != TENON_TEXT_KIND_SENTENCEPIECE)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is of kind %u, which this runtime does not know", tokenizer->kind);
  if (!tokenizer->tokens || tokenizer->tokens > TENON_TEXT_MAX_TOKENS)
    return damaged("it has no tokens, or too many");
  if (tokenizer->patterns > TENON_TEXT_MAX_PATTERNS)
    return damaged("it has too many patterns");
  return text_ok();
}

static tenon_status read_ids(tenon_tokenizer *tokenizer, text_span blob) {
  int32_t *const ids[] = {&tokenizer->bos, &tokenizer->eos, &tokenizer->eot, &tokenizer->pad, &tokenizer->unk};
  for (int i = 0; i < 5; ++i) {
    tenon_status status = read_id(tokenizer, blob, TENON_TEXT_HEADER_BOS + i, ids[i]);
    if (status.code)
      return status;
  }
  if (((tokenizer->flags & TENON_TEXT_FLAG_ADD_BOS) && tokenizer->bos < 0) ||
      ((tokenizer->flags & TENON_TEXT_FLAG_ADD_EOS) && tokenizer->eos < 0))
    return damaged("it adds a token to text that it does not have");
  return text_ok();
}

tenon_status text_read_blob(tenon_tokenizer *tokenizer, text_span blob) {
  tenon_status status = read_header(tokenizer, blob);
  if (!status.code)
    status = read_ids(tokenizer, blob);
  if (status.code)
    return status;

  const int64_t tokens = tokenizer->tokens;
  const bool scored = tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE;
  const struct {
    int64_t size;
    const char *name;
  } expected[TENON_TEXT_SECTION_COUNT] = {
      {4 * tokens, "token ends"},
      {-1, "token bytes"},
      {tokens, "attributes"},
      {scored ? 4 * tokens : 0, "scores"},
      {12 * (int64_t)tokenizer->merges, "merges"},
      {-1, "patterns"},
      {-1, "chat template"},
  };
  text_span sections[TENON_TEXT_SECTION_COUNT];
  for (int i = 0; i < TENON_TEXT_SECTION_COUNT; ++i) {
    status = read_section(blob, i, expected[i].size, expected[i].name, &sections[i]);
    if (status.code)
      return status;
  }
  tokenizer->token_ends = sections[TENON_TEXT_SECTION_TOKEN_ENDS].data;
  tokenizer->token_bytes = sections[TENON_TEXT_SECTION_TOKEN_BYTES].data;
  tokenizer->attributes = sections[TENON_TEXT_SECTION_ATTRIBUTES].data;
  tokenizer->scores = sections[TENON_TEXT_SECTION_SCORES].data;
  tokenizer->merge_rows = sections[TENON_TEXT_SECTION_MERGES].data;
  tokenizer->pattern_bytes = sections[TENON_TEXT_SECTION_PATTERNS];
  tokenizer->chat_template = sections[TENON_TEXT_SECTION_TEMPLATE];
  if (tokenizer->chat_template.size > TENON_TEXT_MAX_TEMPLATE_BYTES)
    return damaged("its chat template is too long");
  status = check_tokens(tokenizer, sections[TENON_TEXT_SECTION_TOKEN_BYTES].size);
  return status.code ? status : check_merges(tokenizer);
}

tenon_status tenon_tokenizer_open(const void *blob, size_t size, tenon_tokenizer **out) {
  if (!blob || !out)
    return text_failure(TENON_USAGE, "expects a tokenizer and a place to store it");
  tenon_tokenizer *tokenizer = calloc(1, sizeof *tokenizer);
  if (!tokenizer)
    return text_out_of_memory();
  tenon_status status = text_read_blob(tokenizer, (text_span){blob, size});
  if (!status.code)
    status = text_build_tables(tokenizer);
  if (!status.code)
    status = text_compile_patterns(tokenizer);
  if (status.code)
    tenon_tokenizer_close(tokenizer);
  else
    *out = tokenizer;
  return status;
}

void tenon_tokenizer_close(tenon_tokenizer *tokenizer) {
  if (!tokenizer)
    return;
  for (uint32_t i = 0; i < TENON_TEXT_MAX_PATTERNS; ++i)
    pcre2_code_free(tokenizer->codes[i]);
  free(tokenizer->token_slots);
  free(tokenizer->merge_slots);
  free(tokenizer->score_ranks);
  free(tokenizer->parsed.ids);
  free(tokenizer->always.ids);
  free(tokenizer);
}

void tenon_tokenizer_get_info(const tenon_tokenizer *tokenizer, tenon_tokenizer_info *out) {
  *out = (tenon_tokenizer_info){
      .vocabulary = (int32_t)tokenizer->tokens,
      .bos = tokenizer->bos,
      .eos = tokenizer->eos,
      .eot = tokenizer->eot,
      .pad = tokenizer->pad,
      .unk = tokenizer->unk,
      .add_bos = (tokenizer->flags & TENON_TEXT_FLAG_ADD_BOS) != 0,
      .add_eos = (tokenizer->flags & TENON_TEXT_FLAG_ADD_EOS) != 0,
      .chat_template = tokenizer->chat_template.size ? (const char *)tokenizer->chat_template.data : NULL,
      .chat_template_size = tokenizer->chat_template.size,
  };
}

static bool in_range(const tenon_tokenizer *tokenizer, int32_t id) {
  return id >= 0 && (uint32_t)id < tokenizer->tokens;
}

int tenon_tokenizer_is_special(const tenon_tokenizer *tokenizer, int32_t id) {
  if (!in_range(tokenizer, id))
    return 1;
  uint32_t type = text_type(tokenizer, (uint32_t)id);
  return type == TENON_TEXT_TYPE_CONTROL || type == TENON_TEXT_TYPE_UNKNOWN;
}

int tenon_tokenizer_is_end(const tenon_tokenizer *tokenizer, int32_t id) {
  return in_range(tokenizer, id) && (tokenizer->attributes[id] & TENON_TEXT_END) != 0;
}

int tenon_tokenizer_has_byte(const tenon_tokenizer *tokenizer, uint8_t byte) {
  return tokenizer->byte_ids[byte] >= 0;
}

const char *tenon_tokenizer_token(const tenon_tokenizer *tokenizer, int32_t id, size_t *size) {
  text_span token = {NULL, 0};
  if (in_range(tokenizer, id))
    token = text_token(tokenizer, (uint32_t)id);
  *size = token.size;
  return (const char *)token.data;
}
