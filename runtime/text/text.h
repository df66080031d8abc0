//===- text.h - tokens, text and chat prompts ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The law of this interface is that of tenon.h, with two additions:
//
// * A tokenizer reads its blob in place: the blob (an artifact's tokenizer.bin, see tenon_module_file) must outlive it.
// * A tokenizer never changes after it was opened and may be used by many threads at once. A detokenizer belongs to one.
//
// Text is bytes. It should be UTF-8, but need not be: bytes that are not come back as they were. Encoding and decoding are inverse to
// each other with three exceptions that lie in the tokenizers themselves: a byte-level vocabulary may lack bytes, which are then lost
// (tenon_tokenizer_has_byte tells; SmolLM2 lacks 21 of them, none printable), SentencePiece reads U+2581 as a space, and special
// tokens are written out only when asked for.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_TEXT_H
#define TENON_RUNTIME_TEXT_TEXT_H

#include "tenon/runtime/tenon.h"

#ifdef __cplusplus
extern "C" {
#endif

// Frees what the functions below return: ids, text and messages.
TENON_API void tenon_text_free(void *memory);

//===----------------------------------------------------------------------===//
// Tokenizers
//===----------------------------------------------------------------------===//

typedef struct tenon_tokenizer tenon_tokenizer;

TENON_API tenon_status tenon_tokenizer_open(const void *blob, size_t size, tenon_tokenizer **out);
TENON_API void tenon_tokenizer_close(tenon_tokenizer *tokenizer);

typedef struct tenon_tokenizer_info {
  int32_t vocabulary; /* number of tokens */
  int32_t bos;        /* -1: none; so for the next four */
  int32_t eos;
  int32_t eot; /* ends a turn of a chat */
  int32_t pad;
  int32_t unk;
  int32_t add_bos; /* 1: the model expects BOS before text */
  int32_t add_eos;
  const char *chat_template; /* its Jinja text, not terminated; null: none */
  size_t chat_template_size;
} tenon_tokenizer_info;

TENON_API void tenon_tokenizer_get_info(const tenon_tokenizer *tokenizer, tenon_tokenizer_info *out);

// 1 for the tokens that stand for no text: control and unknown tokens. Ids out of range are special.
TENON_API int tenon_tokenizer_is_special(const tenon_tokenizer *tokenizer, int32_t id);
// 1 for the tokens that end generation.
TENON_API int tenon_tokenizer_is_end(const tenon_tokenizer *tokenizer, int32_t id);
// 1 if the vocabulary can spell this byte on its own.
TENON_API int tenon_tokenizer_has_byte(const tenon_tokenizer *tokenizer, uint8_t byte);
// The bytes of one token, special or not, in the blob; null for an id out of range.
TENON_API const char *tenon_tokenizer_token(const tenon_tokenizer *tokenizer, int32_t id, size_t *size);

//===----------------------------------------------------------------------===//
// Text to tokens and back
//===----------------------------------------------------------------------===//

enum {
  TENON_ENCODE_ADD_SPECIAL = 1,   /* put BOS in front and EOS behind where the model expects them */
  TENON_ENCODE_PARSE_SPECIAL = 2, /* special tokens that the text spells become those tokens: for rendered prompts, not for user's text */
};

// `ids` is for tenon_text_free. Tokens that the user defined are recognised with and without PARSE_SPECIAL. Where special tokens
// overlap in the text the leftmost is taken, and of those that start together the longest.
TENON_API tenon_status tenon_tokenizer_encode(const tenon_tokenizer *tokenizer, const char *text, size_t size, uint32_t flags,
                                              int32_t **ids, size_t *count);

enum {
  TENON_DECODE_SPECIAL = 1,  /* write special tokens out; otherwise they leave no text */
  TENON_DECODE_CONTINUE = 2, /* the ids continue a sequence: keep the space that SentencePiece puts before a text */
};

// `text` is for tenon_text_free; a NUL, not counted in `size`, follows it.
TENON_API tenon_status tenon_tokenizer_decode(const tenon_tokenizer *tokenizer, const int32_t *ids, size_t count, uint32_t flags,
                                              char **text, size_t *size);

// A detokenizer makes text token by token. A character whose bytes are spread over tokens is held back until it is complete, so that
// what it gives out is UTF-8 whenever the whole is.
typedef struct tenon_detokenizer tenon_detokenizer;

TENON_API tenon_status tenon_detokenizer_create(const tenon_tokenizer *tokenizer, uint32_t flags, tenon_detokenizer **out);
TENON_API void tenon_detokenizer_destroy(tenon_detokenizer *detokenizer);

// The text that this token completes, possibly empty; it stays valid until the next call on the detokenizer.
TENON_API tenon_status tenon_detokenizer_push(tenon_detokenizer *detokenizer, int32_t id, const char **text, size_t *size);
// What was held back to the end, as it is; the detokenizer is then ready for another sequence.
TENON_API void tenon_detokenizer_flush(tenon_detokenizer *detokenizer, const char **text, size_t *size);

//===----------------------------------------------------------------------===//
// Chats
//===----------------------------------------------------------------------===//

typedef struct tenon_message {
  const char *role;
  size_t role_size;
  const char *content;
  size_t content_size;
  const char *json; /* null, or the whole message as JSON: it then counts, and not the members above */
  size_t json_size;
} tenon_message;

// Reads [{"role": "user", "content": "..."}, ...] or an object with such "messages": strict JSON, UTF-8. A content may be null, or a list
// of parts, whose texts then follow one another; whatever else a message has (tool_calls, reasoning_content) is in its `json`.
// `messages` is one allocation that contains the strings too, for tenon_text_free.
TENON_API tenon_status tenon_messages_parse(const char *json, size_t size, tenon_message **messages, size_t *count);

// Renders messages by the tokenizer's own chat template; with `add_generation_prompt` up to where the assistant's answer begins. Encode
// the result with TENON_ENCODE_PARSE_SPECIAL. The template is Jinja, rendered as Hugging Face's apply_chat_template does it
// (docs/chat-templates.md); what is not there is refused with a status that names it and its line. Work and memory are bounded.
TENON_API tenon_status tenon_chat_render(const tenon_tokenizer *tokenizer, const tenon_message *messages, size_t count,
                                         int add_generation_prompt, char **text, size_t *size);

// The same for all that a template may want: {"messages": [...], "tools": [...], "documents": [...], "add_generation_prompt": true, ...}.
// Every further member is a variable of the template ("enable_thinking"); a plain array is messages alone. The argument
// `add_generation_prompt` counts where the JSON does not say.
TENON_API tenon_status tenon_chat_render_json(const tenon_tokenizer *tokenizer, const char *json, size_t json_size,
                                              int add_generation_prompt, char **text, size_t *size);

#ifdef __cplusplus
} // extern "C"
#endif

#endif /* TENON_RUNTIME_TEXT_TEXT_H */
