//===- tokens.h - text, files and lists of ids ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_TOKENS_H
#define TENON_RUN_TOKENS_H

#include "options.h"
#include "tenon/runtime/text/text.h"

// Ids in memory of malloc's.
typedef struct tokens {
  int32_t *ids;
  size_t count;
} tokens;

// Reads "5,17,3"; spaces are allowed between.
tenon_status tokens_parse(const char *what, const char *text, tokens *out);
void tokens_print(const int32_t *ids, size_t count);

// Reads a file, or standard input if the path is "-". A NUL, not counted, follows.
tenon_status read_all(const char *path, char **data, size_t *size);

// The artifact's tokenizer.
tenon_status open_tokenizer(const tenon_module *module, tenon_tokenizer **out);

// A prompt as the tokenizer's model expects it: special tokens that the text spells are recognised.
tenon_status encode_prompt(const tenon_tokenizer *tokenizer, const char *text, size_t size, tokens *out);

// Renders messages by the model's template, ready for its answer.
tenon_status encode_messages(const tenon_tokenizer *tokenizer, const tenon_message *messages, size_t count, tokens *out);

// The tokens that the action names: a prompt, a file, a chat's first message or ids.
tenon_status read_input(const options *o, const tenon_tokenizer *tokenizer, tokens *out);

// --tokenize, --tokenize-file, --detokenize, --render-chat.
tenon_status run_text_action(const options *o, const tenon_tokenizer *tokenizer);

#endif /* TENON_RUN_TOKENS_H */
