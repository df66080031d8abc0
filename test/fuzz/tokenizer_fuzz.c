//===- tokenizer_fuzz.c - fuzz tokenizers, chat templates and messages -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first byte says what the rest is: a tokenizer's blob with a text behind it, a chat template, or messages. Whatever opens is used,
// and what it promises is checked.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/format.h"
#include "tenon/runtime/text/text.h"

#include <stdlib.h>
#include <string.h>

static const char chat[] = "[{\"role\": \"user\", \"content\": \" x \"}, {\"role\": \"assistant\", \"content\": \"\"}]";

static void check(int holds) {
  if (!holds)
    abort();
}

static void use_messages(const tenon_tokenizer *tokenizer, const char *json, size_t size) {
  tenon_message *messages = NULL;
  size_t count = 0;
  if (tenon_messages_parse(json, size, &messages, &count).code)
    return;
  char *text = NULL;
  size_t length = 0;
  if (tokenizer && !tenon_chat_render(tokenizer, messages, count, 1, &text, &length).code) {
    check(text[length] == 0);
    tenon_text_free(text);
  }
  tenon_text_free(messages);
}

// Token by token gives what all tokens together give.
static void check_stream(const tenon_tokenizer *tokenizer, const int32_t *ids, size_t count, const char *text, size_t size) {
  tenon_detokenizer *detokenizer = NULL;
  if (tenon_detokenizer_create(tokenizer, TENON_DECODE_SPECIAL, &detokenizer).code)
    return;
  size_t at = 0;
  for (size_t i = 0; i <= count; ++i) {
    const char *part;
    size_t length;
    if (i < count)
      check(tenon_detokenizer_push(detokenizer, ids[i], &part, &length).code == 0);
    else
      tenon_detokenizer_flush(detokenizer, &part, &length);
    check(length <= size - at && (!length || memcmp(part, text + at, length) == 0));
    at += length;
  }
  check(at == size);
  tenon_detokenizer_destroy(detokenizer);
}

static void use_text(const tenon_tokenizer *tokenizer, const char *text, size_t size, uint32_t flags) {
  int32_t *ids = NULL;
  size_t count = 0;
  if (tenon_tokenizer_encode(tokenizer, text, size, flags, &ids, &count).code)
    return;
  char *decoded = NULL;
  size_t length = 0;
  if (!tenon_tokenizer_decode(tokenizer, ids, count, TENON_DECODE_SPECIAL, &decoded, &length).code) {
    check_stream(tokenizer, ids, count, decoded, length);
    tenon_text_free(decoded);
  }
  tenon_text_free(ids);
}

static void use_blob(const uint8_t *data, size_t size) {
  // The blob says how long it is; behind it comes the text.
  uint32_t stated = 0;
  if (size >= 4 * (TENON_TEXT_HEADER_SIZE + 1))
    memcpy(&stated, data + 4 * TENON_TEXT_HEADER_SIZE, 4);
  size_t blob_size = stated < size ? stated : size;
  uint8_t *blob = malloc(blob_size + !blob_size);
  if (!blob)
    return;
  memcpy(blob, data, blob_size);
  tenon_tokenizer *tokenizer = NULL;
  if (!tenon_tokenizer_open(blob, blob_size, &tokenizer).code) {
    const char *text = (const char *)data + blob_size;
    use_text(tokenizer, text, size - blob_size, 0);
    use_text(tokenizer, text, size - blob_size, TENON_ENCODE_ADD_SPECIAL | TENON_ENCODE_PARSE_SPECIAL);
    use_messages(tokenizer, chat, strlen(chat));
    tenon_tokenizer_close(tokenizer);
  }
  free(blob);
}

// A tokenizer of one token with this chat template.
static void use_template(const uint8_t *data, size_t size) {
  size_t header = 4 * TENON_TEXT_HEADER_WORDS, total = header + 8 + size;
  uint8_t *blob = calloc(1, total);
  if (!blob)
    return;
  uint32_t words[TENON_TEXT_HEADER_WORDS] = {
      [TENON_TEXT_HEADER_MAGIC] = TENON_TEXT_MAGIC,
      [TENON_TEXT_HEADER_VERSION] = TENON_TEXT_VERSION,
      [TENON_TEXT_HEADER_SIZE] = (uint32_t)total,
      [TENON_TEXT_HEADER_KIND] = TENON_TEXT_KIND_BYTE_BPE,
      [TENON_TEXT_HEADER_TOKENS] = 1,
  };
  uint32_t *sections = words + TENON_TEXT_HEADER_SECTIONS;
  sections[2 * TENON_TEXT_SECTION_TOKEN_ENDS] = (uint32_t)header;
  sections[2 * TENON_TEXT_SECTION_TOKEN_ENDS + 1] = 4;
  sections[2 * TENON_TEXT_SECTION_ATTRIBUTES] = (uint32_t)header + 4;
  sections[2 * TENON_TEXT_SECTION_ATTRIBUTES + 1] = 1;
  sections[2 * TENON_TEXT_SECTION_TEMPLATE] = (uint32_t)header + 8;
  sections[2 * TENON_TEXT_SECTION_TEMPLATE + 1] = (uint32_t)size;
  memcpy(blob, words, sizeof words);
  blob[header + 4] = TENON_TEXT_TYPE_CONTROL;
  memcpy(blob + header + 8, data, size);
  tenon_tokenizer *tokenizer = NULL;
  check(tenon_tokenizer_open(blob, total, &tokenizer).code == 0);
  use_messages(tokenizer, chat, strlen(chat));
  tenon_tokenizer_close(tokenizer);
  free(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!size)
    return 0;
  if (data[0] % 4 == 1)
    use_template(data + 1, size - 1);
  else if (data[0] % 4 == 2)
    use_messages(NULL, (const char *)data + 1, size - 1);
  else
    use_blob(data + 1, size - 1);
  return 0;
}
