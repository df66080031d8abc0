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

static tenon_status check_ends(const uint8_t *ends, uint32_t tokens, size_t bytes) {
  uint32_t begin = 0;
  for (uint32_t id = 0; id < tokens; ++id) {
    uint32_t end = text_load_u32(ends + 4 * (size_t)id);
    if (end < begin || end > bytes || end - begin > TENON_TEXT_MAX_TOKEN_BYTES)
      return damaged("the bytes of a token lie outside the file");
    begin = end;
  }
  return text_ok();
}

static tenon_status check_tokens(const tenon_tokenizer *tokenizer) {
  for (uint32_t id = 0; id < tokenizer->tokens; ++id) {
    uint32_t type = text_type(tokenizer, id);
    if (type < TENON_TEXT_TYPE_NORMAL || type > TENON_TEXT_TYPE_BYTE)
      return damaged("a token has no known type");
    if (type == TENON_TEXT_TYPE_BYTE && text_token(tokenizer, id).size != 1)
      return damaged("a byte token is not one byte");
    if (tokenizer->scores && text_score(tokenizer, id) != text_score(tokenizer, id))
      return damaged("a score is not a number");
  }
  return text_ok();
}

static tenon_status check_ids(const tenon_tokenizer *tokenizer, text_span ids, size_t step, const char *name) {
  if (ids.size % step)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: expects rows of %zu bytes of %s", step, name);
  for (size_t i = 0; i < ids.size; i += step)
    if (text_load_u32(ids.data + i) >= tokenizer->tokens)
      return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: one of its %s is not in the vocabulary", name);
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
    text_span left = text_spelling(tokenizer, ids[0]), right = text_spelling(tokenizer, ids[1]);
    text_span result = text_spelling(tokenizer, ids[2]);
    if (!left.size || !right.size)
      return damaged("a merge has a part of no bytes");
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
  tokenizer->word_characters = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_WORD_CHARACTERS);
  tokenizer->continues = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_CONTINUES);
  tokenizer->first = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_FIRST);
  uint64_t score = text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_UNK_SCORE_LOW) |
                   (uint64_t)text_load_u32(blob.data + 4 * TENON_TEXT_HEADER_UNK_SCORE_HIGH) << 32;
  memcpy(&tokenizer->unk_score, &score, sizeof score);
  if (tokenizer->kind < TENON_TEXT_KIND_BYTE_BPE || tokenizer->kind > TENON_TEXT_KIND_LONGEST)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is of kind %u, which this runtime does not know", tokenizer->kind);
  if (!tokenizer->tokens || tokenizer->tokens > TENON_TEXT_MAX_TOKENS)
    return damaged("it has no tokens, or too many");
  if (tokenizer->first > TENON_TEXT_FIRST_WORD || tokenizer->unk_score != tokenizer->unk_score)
    return damaged("a number of its header is out of range");
  return text_ok();
}

static tenon_status read_ids(tenon_tokenizer *tokenizer, text_span blob) {
  int32_t *const ids[] = {&tokenizer->bos, &tokenizer->eos, &tokenizer->eot, &tokenizer->pad, &tokenizer->unk};
  for (int i = 0; i < 5; ++i) {
    tenon_status status = read_id(tokenizer, blob, TENON_TEXT_HEADER_BOS + i, ids[i]);
    if (status.code)
      return status;
  }
  if ((tokenizer->flags & TENON_TEXT_FLAG_UNKNOWN) && tokenizer->unk < 0)
    return damaged("it writes an unknown token that it does not have");
  return text_ok();
}

static void keep_sections(tenon_tokenizer *tokenizer, const text_span *sections) {
  tokenizer->token_ends = sections[TENON_TEXT_SECTION_TOKEN_ENDS].data;
  tokenizer->token_bytes = sections[TENON_TEXT_SECTION_TOKEN_BYTES].data;
  const bool same = !sections[TENON_TEXT_SECTION_TEXT_ENDS].size;
  tokenizer->text_ends = same ? tokenizer->token_ends : sections[TENON_TEXT_SECTION_TEXT_ENDS].data;
  tokenizer->text_bytes = same ? tokenizer->token_bytes : sections[TENON_TEXT_SECTION_TEXT_BYTES].data;
  tokenizer->attributes = sections[TENON_TEXT_SECTION_ATTRIBUTES].data;
  tokenizer->scores = sections[TENON_TEXT_SECTION_SCORES].size ? sections[TENON_TEXT_SECTION_SCORES].data : NULL;
  tokenizer->merge_rows = sections[TENON_TEXT_SECTION_MERGES].data;
  tokenizer->added = sections[TENON_TEXT_SECTION_ADDED];
  tokenizer->prefix = sections[TENON_TEXT_SECTION_PREFIX];
  tokenizer->suffix = sections[TENON_TEXT_SECTION_SUFFIX];
  tokenizer->chat_template = sections[TENON_TEXT_SECTION_TEMPLATE];
}

static tenon_status check_sections(tenon_tokenizer *tokenizer, const text_span *sections) {
  if (tokenizer->chat_template.size > TENON_TEXT_MAX_TEMPLATE_BYTES)
    return damaged("its chat template is too long");
  if (tokenizer->prefix.size > 4 * TENON_TEXT_MAX_AROUND || tokenizer->suffix.size > 4 * TENON_TEXT_MAX_AROUND)
    return damaged("it puts too many tokens around a text");
  tenon_status status = check_ends(tokenizer->token_ends, tokenizer->tokens, sections[TENON_TEXT_SECTION_TOKEN_BYTES].size);
  if (!status.code && sections[TENON_TEXT_SECTION_TEXT_ENDS].size)
    status = check_ends(tokenizer->text_ends, tokenizer->tokens, sections[TENON_TEXT_SECTION_TEXT_BYTES].size);
  if (!status.code)
    status = check_tokens(tokenizer);
  if (!status.code)
    status = check_merges(tokenizer);
  if (!status.code)
    status = check_ids(tokenizer, tokenizer->added, 8, "added tokens");
  if (!status.code)
    status = check_ids(tokenizer, tokenizer->prefix, 4, "tokens in front of a text");
  if (!status.code)
    status = check_ids(tokenizer, tokenizer->suffix, 4, "tokens behind a text");
  if (!status.code)
    status = text_read_steps(&tokenizer->normalizers, sections[TENON_TEXT_SECTION_NORMALIZERS], "normalizers");
  return status.code ? status : text_read_steps(&tokenizer->splits, sections[TENON_TEXT_SECTION_SPLITS], "splits");
}

tenon_status text_read_blob(tenon_tokenizer *tokenizer, text_span blob) {
  tenon_status status = read_header(tokenizer, blob);
  if (!status.code)
    status = read_ids(tokenizer, blob);
  if (status.code)
    return status;

  const int64_t tokens = tokenizer->tokens;
  const bool scored = tokenizer->kind == TENON_TEXT_KIND_SENTENCEPIECE || tokenizer->kind == TENON_TEXT_KIND_UNIGRAM;
  const bool spoken = text_load_u32(blob.data + 4 * (TENON_TEXT_HEADER_SECTIONS + 2 * TENON_TEXT_SECTION_TEXT_ENDS + 1)) != 0;
  const struct {
    int64_t size;
    const char *name;
  } expected[TENON_TEXT_SECTION_COUNT] = {
      {4 * tokens, "token ends"},
      {-1, "token bytes"},
      {spoken ? 4 * tokens : 0, "text ends"},
      {-1, "text bytes"},
      {tokens, "attributes"},
      {scored ? 8 * tokens : 0, "scores"},
      {12 * (int64_t)tokenizer->merges, "merges"},
      {-1, "added tokens"},
      {-1, "normalizers"},
      {-1, "splits"},
      {-1, "tokens in front of a text"},
      {-1, "tokens behind a text"},
      {-1, "chat template"},
  };
  text_span sections[TENON_TEXT_SECTION_COUNT];
  for (int i = 0; i < TENON_TEXT_SECTION_COUNT; ++i) {
    status = read_section(blob, i, expected[i].size, expected[i].name, &sections[i]);
    if (status.code)
      return status;
  }
  keep_sections(tokenizer, sections);
  return check_sections(tokenizer, sections);
}

tenon_status tenon_tokenizer_open(const void *blob, size_t size, tenon_tokenizer **out) {
  if (!blob || !out)
    return text_failure(TENON_USAGE, "expects a tokenizer and a place to store it");
  tenon_tokenizer *tokenizer = calloc(1, sizeof *tokenizer);
  if (!tokenizer)
    return text_out_of_memory();
  tenon_status status = text_read_blob(tokenizer, (text_span){blob, size});
  if (!status.code)
    status = text_compile_steps(&tokenizer->normalizers, false, "normalizers");
  if (!status.code)
    status = text_compile_steps(&tokenizer->splits, true, "splits");
  for (uint32_t i = 0; i < tokenizer->splits.count; ++i)
    tokenizer->letters |= tokenizer->splits.steps[i].code == TENON_TEXT_SPLIT_ALPHABET;
  if (!status.code)
    status = text_build_tables(tokenizer);
  if (status.code)
    tenon_tokenizer_close(tokenizer);
  else
    *out = tokenizer;
  return status;
}

void tenon_tokenizer_close(tenon_tokenizer *tokenizer) {
  if (!tokenizer)
    return;
  text_free_steps(&tokenizer->normalizers);
  text_free_steps(&tokenizer->splits);
  free(tokenizer->token_slots);
  free(tokenizer->merge_slots);
  free(tokenizer->score_ranks);
  text_trie_free(&tokenizer->trie);
  text_trie_free(&tokenizer->continuing);
  for (int set = 0; set < TEXT_ADDED_SETS; ++set) {
    text_trie_free(&tokenizer->parsed[set].trie);
    text_trie_free(&tokenizer->always[set].trie);
  }
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
