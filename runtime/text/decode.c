//===- decode.c - tokens to text, at once or one by one -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>
#include <string.h>

struct tenon_detokenizer {
  const tenon_tokenizer *tokenizer;
  uint32_t flags;
  bool at_start; /* the next text is the first: spaces at its start may go */
  text_buffer pending;
  size_t given; /* bytes at the front of pending that the last push gave out */
};

static tenon_status check_id(const tenon_tokenizer *tokenizer, int32_t id) {
  if (id < 0 || (uint32_t)id >= tokenizer->tokens)
    return text_failure(TENON_USAGE, "expects a token below %u, but got %d", tokenizer->tokens, id);
  return text_ok();
}

static bool starts_spaced(const tenon_tokenizer *tokenizer, uint32_t flags) {
  return !(flags & TENON_DECODE_CONTINUE) && tokenizer->first != TENON_TEXT_FIRST_KEEP;
}

// What a token adds to the text.
typedef struct spoken {
  const tenon_tokenizer *tokenizer;
  uint32_t flags;
  bool *at_start;
} spoken;

static void append_without_spaces(text_buffer *out, text_span text) {
  for (size_t i = 0; i < text.size; ++i)
    if (text.data[i] != ' ')
      text_append(out, text.data + i, 1);
}

static void speak(text_buffer *out, spoken by, uint32_t id) {
  const tenon_tokenizer *tokenizer = by.tokenizer;
  const bool special = tenon_tokenizer_is_special(tokenizer, (int32_t)id);
  if (special && !(by.flags & TENON_DECODE_SPECIAL))
    return;
  text_span token = text_token(tokenizer, id);
  if (*by.at_start && tokenizer->first == TENON_TEXT_FIRST_TOKEN) {
    *by.at_start = false;
    append_without_spaces(out, token);
    return;
  }
  if (*by.at_start && token.size && !special) {
    *by.at_start = false;
    if (tokenizer->first == TENON_TEXT_FIRST_WORD && (tokenizer->attributes[id] & TENON_TEXT_CONTINUES))
      token = text_spelling(tokenizer, id);
    else if (token.data[0] == ' ')
      token = (text_span){token.data + 1, token.size - 1};
  }
  text_append(out, token.data, token.size);
}

tenon_status tenon_tokenizer_decode(const tenon_tokenizer *tokenizer, const int32_t *ids, size_t count, uint32_t flags, char **text,
                                    size_t *size) {
  if (!tokenizer || (!ids && count) || !text || !size)
    return text_failure(TENON_USAGE, "expects a tokenizer, tokens and places to store their text");
  text_buffer buffer = {0};
  bool at_start = starts_spaced(tokenizer, flags);
  for (size_t i = 0; i < count; ++i) {
    tenon_status status = check_id(tokenizer, ids[i]);
    if (status.code) {
      free(buffer.data);
      return status;
    }
    speak(&buffer, (spoken){tokenizer, flags, &at_start}, (uint32_t)ids[i]);
  }
  return text_finish(&buffer, text, size);
}

tenon_status tenon_detokenizer_create(const tenon_tokenizer *tokenizer, uint32_t flags, tenon_detokenizer **out) {
  if (!tokenizer || !out)
    return text_failure(TENON_USAGE, "expects a tokenizer and a place to store the detokenizer");
  tenon_detokenizer *detokenizer = calloc(1, sizeof *detokenizer);
  if (!detokenizer)
    return text_out_of_memory();
  detokenizer->tokenizer = tokenizer;
  detokenizer->flags = flags;
  detokenizer->at_start = starts_spaced(tokenizer, flags);
  *out = detokenizer;
  return text_ok();
}

void tenon_detokenizer_destroy(tenon_detokenizer *detokenizer) {
  if (!detokenizer)
    return;
  free(detokenizer->pending.data);
  free(detokenizer);
}

// Forgets what the last push gave out; what was held back moves to the front.
static void drop_given(tenon_detokenizer *detokenizer) {
  text_buffer *pending = &detokenizer->pending;
  if (detokenizer->given)
    memmove(pending->data, pending->data + detokenizer->given, pending->size - detokenizer->given);
  pending->size -= detokenizer->given;
  detokenizer->given = 0;
}

tenon_status tenon_detokenizer_push(tenon_detokenizer *detokenizer, int32_t id, const char **text, size_t *size) {
  drop_given(detokenizer);
  *text = "";
  *size = 0;
  tenon_status status = check_id(detokenizer->tokenizer, id);
  if (status.code)
    return status;
  text_buffer *pending = &detokenizer->pending;
  speak(pending, (spoken){detokenizer->tokenizer, detokenizer->flags, &detokenizer->at_start}, (uint32_t)id);
  if (pending->failed) {
    pending->failed = false;
    return text_out_of_memory();
  }
  if (!pending->size)
    return status;
  detokenizer->given = pending->size - text_incomplete_suffix((const uint8_t *)pending->data, pending->size);
  *text = pending->data;
  *size = detokenizer->given;
  return status;
}

void tenon_detokenizer_flush(tenon_detokenizer *detokenizer, const char **text, size_t *size) {
  drop_given(detokenizer);
  detokenizer->given = detokenizer->pending.size;
  detokenizer->at_start = starts_spaced(detokenizer->tokenizer, detokenizer->flags);
  *text = detokenizer->given ? detokenizer->pending.data : "";
  *size = detokenizer->given;
}
