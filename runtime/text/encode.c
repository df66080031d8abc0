//===- encode.c - text to tokens ----------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Added tokens are cut out first. What lies between them is normalised, and those that are looked for in normalised text are cut out of
// that. The rest is cut into pieces; bytes that are no UTF-8 are pieces of their own, which no pattern sees.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>

// Steps of backtracking that a pattern may take for one match. The tokenizers' own patterns need a handful.
#define MATCH_LIMIT 2000000
#define JIT_STACK_BYTES (256 * 1024)

static bool has_patterns(const text_steps *steps) {
  for (uint32_t i = 0; i < steps->count; ++i)
    if (steps->steps[i].pattern.code)
      return true;
  return false;
}

tenon_status text_open_scratch(text_scratch *scratch, const tenon_tokenizer *tokenizer, size_t size) {
  memset(scratch, 0, sizeof *scratch);
  scratch->tokenizer = tokenizer;
  scratch->failure = text_ok();
  if (has_patterns(&tokenizer->normalizers) || has_patterns(&tokenizer->splits)) {
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
  // Short texts repeat nothing. Without a cache everything is encoded anew, so that running out of memory here is no failure.
  if (size >= 256) {
    uint32_t slots = 256;
    while (slots < size / 8 && slots < 16384)
      slots *= 2;
    scratch->cache = calloc(slots, sizeof *scratch->cache);
    scratch->cache_mask = slots - 1;
  }
  return text_ok();
}

void text_close_scratch(text_scratch *scratch) {
  free(scratch->symbols);
  free(scratch->heap);
  free(scratch->arrivals);
  free(scratch->cache);
  free(scratch->normal[0].data);
  free(scratch->normal[1].data);
  free(scratch->letters.data);
  for (uint32_t i = 0; i < TENON_TEXT_MAX_STEPS; ++i)
    free(scratch->pieces[i].data);
  pcre2_match_data_free(scratch->match);
  pcre2_match_context_free(scratch->context);
  pcre2_jit_stack_free(scratch->stack);
}

bool text_reserve(text_scratch *scratch, void **array, size_t *capacity, size_t need, size_t element) {
  if (need <= *capacity)
    return true;
  size_t grown = need + need / 2 + 64;
  void *memory = grown > SIZE_MAX / 2 / element ? NULL : realloc(*array, grown * element);
  if (!memory) {
    scratch->failure = text_out_of_memory();
    return false;
  }
  *array = memory;
  *capacity = grown;
  return true;
}

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

static bool reserve_ids(text_scratch *scratch, size_t more) {
  void *ids = scratch->ids;
  bool done = text_reserve(scratch, &ids, &scratch->capacity, scratch->count + more, sizeof *scratch->ids);
  scratch->ids = ids;
  return done;
}

void text_emit(text_scratch *scratch, int32_t id) {
  if (!scratch->failure.code && (scratch->count < scratch->capacity || reserve_ids(scratch, 1)))
    scratch->ids[scratch->count++] = id;
}

// By byte tokens where every byte has one, or where that is all there is; by the unknown token otherwise.
void text_emit_unknown(text_scratch *scratch, const uint8_t *data, size_t size) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  bool spelled = (tokenizer->flags & TENON_TEXT_FLAG_BYTES) != 0;
  for (size_t i = 0; spelled && i < size; ++i)
    spelled = tokenizer->byte_ids[data[i]] >= 0;
  if (spelled) {
    for (size_t i = 0; i < size; ++i)
      text_emit(scratch, tokenizer->byte_ids[data[i]]);
    return;
  }
  if (!(tokenizer->flags & TENON_TEXT_FLAG_UNKNOWN))
    return;
  if ((tokenizer->flags & TENON_TEXT_FLAG_FUSE_UNKNOWN) && scratch->unknown_end == scratch->count)
    return;
  text_emit(scratch, tokenizer->unk);
  scratch->unknown_end = scratch->count;
}

static void encode_piece(text_scratch *scratch, const uint8_t *data, size_t size) {
  scratch->unknown_end = SIZE_MAX;
  switch (scratch->tokenizer->kind) {
  case TENON_TEXT_KIND_UNIGRAM:
    text_unigram_piece(scratch, data, size);
    return;
  case TENON_TEXT_KIND_WORDPIECE:
    text_wordpiece_piece(scratch, data, size);
    return;
  case TENON_TEXT_KIND_LONGEST:
    text_longest_piece(scratch, data, size);
    return;
  case TENON_TEXT_KIND_WORDS: {
    int32_t id = text_find_token(scratch->tokenizer, data, size);
    if (id >= 0)
      text_emit(scratch, id);
    else
      text_emit_unknown(scratch, data, size);
    return;
  }
  default:
    text_merge_piece(scratch, data, size);
    return;
  }
}

void text_encode_piece(text_scratch *scratch, const uint8_t *data, size_t size) {
  if (!size || scratch->failure.code)
    return;
  if (size > TEXT_CACHED_BYTES || !scratch->cache) {
    encode_piece(scratch, data, size);
    return;
  }
  text_cached *cached = &scratch->cache[(uint32_t)text_hash(data, size) & scratch->cache_mask];
  if (cached->size == size && memcmp(cached->data, data, size) == 0) {
    if (cached->count == 0)
      return; // a piece that the model has no token for
    if (cached->count == 1) {
      text_emit(scratch, cached->only);
      return;
    }
    if (!reserve_ids(scratch, cached->count))
      return;
    memcpy(scratch->ids + scratch->count, scratch->ids + cached->at, cached->count * sizeof *scratch->ids);
    scratch->count += cached->count;
    return;
  }
  size_t at = scratch->count;
  encode_piece(scratch, data, size);
  if (scratch->failure.code || scratch->count > UINT32_MAX)
    return;
  memcpy(cached->data, data, size);
  cached->size = (uint32_t)size;
  cached->at = (uint32_t)at;
  cached->count = (uint32_t)(scratch->count - at);
  cached->only = cached->count == 1 ? scratch->ids[at] : -1;
}

//===----------------------------------------------------------------------===//
// Text between added tokens
//===----------------------------------------------------------------------===//

static void encode_text(text_scratch *scratch, text_span text) {
  // A token that spells a part of a character may begin in the middle of one: nothing is cut.
  if (scratch->tokenizer->kind == TENON_TEXT_KIND_LONGEST) {
    text_encode_piece(scratch, text.data, text.size);
    return;
  }
  while (text.size && !scratch->failure.code) {
    size_t valid = text_valid_prefix(text.data, text.size);
    text_encode_pieces(scratch, (text_span){text.data, valid});
    size_t end = valid;
    while (end < text.size && !text_character(text.data + end, text.size - end))
      ++end;
    text_encode_piece(scratch, text.data + valid, end - valid);
    text = (text_span){text.data + end, text.size - end};
  }
}

static void encode_normalized(text_scratch *scratch, const text_added *added, text_span text) {
  size_t done = 0, from = 0;
  text_found found;
  while (!scratch->failure.code && text_find_added(scratch->tokenizer, added, text, from, &found)) {
    if (found.begin > done)
      encode_text(scratch, (text_span){text.data + done, found.begin - done});
    text_emit(scratch, found.id);
    scratch->beginning = NULL;
    done = from = found.end;
  }
  encode_text(scratch, (text_span){text.data + done, text.size - done});
}

static void encode_raw(text_scratch *scratch, const text_added *sets, text_span text, bool begins) {
  if (!text.size)
    return;
  text = text_normalize(scratch, text);
  scratch->beginning = begins ? text.data : NULL;
  if (!scratch->failure.code)
    encode_normalized(scratch, &sets[TEXT_ADDED_NORMALIZED], text);
}

static void emit_all(text_scratch *scratch, text_span ids) {
  for (size_t i = 0; i < ids.size; i += 4)
    text_emit(scratch, (int32_t)text_load_u32(ids.data + i));
}

static tenon_status encode(text_scratch *scratch, text_span text, uint32_t flags) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  const text_added *sets = (flags & TENON_ENCODE_PARSE_SPECIAL) ? tokenizer->parsed : tokenizer->always;
  if (flags & TENON_ENCODE_ADD_SPECIAL)
    emit_all(scratch, tokenizer->prefix);
  size_t done = 0;
  text_found found;
  while (!scratch->failure.code && text_find_added(tokenizer, &sets[TEXT_ADDED_RAW], text, done, &found)) {
    encode_raw(scratch, sets, (text_span){text.data + done, found.begin - done}, done == 0);
    text_emit(scratch, found.id);
    done = found.end;
  }
  encode_raw(scratch, sets, (text_span){text.data + done, text.size - done}, done == 0);
  if (flags & TENON_ENCODE_ADD_SPECIAL)
    emit_all(scratch, tokenizer->suffix);
  return scratch->failure;
}

tenon_status tenon_tokenizer_encode(const tenon_tokenizer *tokenizer, const char *text, size_t size, uint32_t flags, int32_t **ids,
                                    size_t *count) {
  if (!tokenizer || (!text && size) || !ids || !count)
    return text_failure(TENON_USAGE, "expects a tokenizer, a text and places to store its tokens");
  if (size > INT32_MAX - 8)
    return text_failure(TENON_RESOURCE, "expects a text below 2 GB, but got %zu bytes", size);
  text_scratch scratch;
  tenon_status status = text_open_scratch(&scratch, tokenizer, size);
  if (!status.code)
    status = encode(&scratch, (text_span){(const uint8_t *)text, size}, flags);
  text_close_scratch(&scratch);
  // A text of no tokens still returns memory, so that null means failure.
  int32_t *result = scratch.ids;
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
  *count = scratch.count;
  return status;
}
