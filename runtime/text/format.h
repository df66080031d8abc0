//===- format.h - the layout of an artifact's tokenizer.bin -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Written by frontends/tokenizer, read by runtime/text: both include this file, which stands alone.
//
// All numbers are little-endian. The file starts with the words of the header, TENON_TEXT_HEADER_* below; then follow sections in any
// order, each at a multiple of four bytes. A section is named by two words of the header: its offset from the start of the file and
// its size in bytes. An absent section has size 0.
//
//   TOKEN_ENDS   u32[tokens]: where each token's bytes end in TOKEN_BYTES; a token begins where the one before it ends
//   TOKEN_BYTES  the bytes that the tokens stand for: already out of GPT-2's byte alphabet, U+2581 already a space, "<0x0A>" already 0A
//   ATTRIBUTES   u8[tokens]: TENON_TEXT_TYPE_* | TENON_TEXT_END
//   SCORES       f32[tokens]; SentencePiece only
//   MERGES       {u32 left, u32 right, u32 result}[merges], the first is done first; byte-level BPE only
//   PATTERNS     {u32 size, bytes}[patterns], unpadded: PCRE2 regular expressions (UTF, UCP) that cut the text one after the other
//   TEMPLATE     the chat template, Jinja, UTF-8
//
// Changes: a reader refuses another version. There is no minor version: artifacts carry the tokenizer that their compiler wrote.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_FORMAT_H
#define TENON_RUNTIME_TEXT_FORMAT_H

#define TENON_TEXT_MAGIC 0x4b4f5454u /* the bytes "TTOK" */
#define TENON_TEXT_VERSION 1u

// Indices of the header's words.
enum {
  TENON_TEXT_HEADER_MAGIC,
  TENON_TEXT_HEADER_VERSION,
  TENON_TEXT_HEADER_SIZE,  /* of the whole file in bytes */
  TENON_TEXT_HEADER_KIND,  /* TENON_TEXT_KIND_* */
  TENON_TEXT_HEADER_FLAGS, /* TENON_TEXT_FLAG_* */
  TENON_TEXT_HEADER_TOKENS,
  TENON_TEXT_HEADER_MERGES,
  TENON_TEXT_HEADER_PATTERNS,
  TENON_TEXT_HEADER_BOS, /* TENON_TEXT_NO_TOKEN where there is none; so for the next four */
  TENON_TEXT_HEADER_EOS,
  TENON_TEXT_HEADER_EOT,
  TENON_TEXT_HEADER_PAD,
  TENON_TEXT_HEADER_UNK,
  TENON_TEXT_HEADER_SECTIONS, /* {offset, size} of each section, in the order of TENON_TEXT_SECTION_* */
};

enum {
  TENON_TEXT_SECTION_TOKEN_ENDS,
  TENON_TEXT_SECTION_TOKEN_BYTES,
  TENON_TEXT_SECTION_ATTRIBUTES,
  TENON_TEXT_SECTION_SCORES,
  TENON_TEXT_SECTION_MERGES,
  TENON_TEXT_SECTION_PATTERNS,
  TENON_TEXT_SECTION_TEMPLATE,
  TENON_TEXT_SECTION_COUNT,
};

#define TENON_TEXT_HEADER_WORDS (TENON_TEXT_HEADER_SECTIONS + 2 * TENON_TEXT_SECTION_COUNT)
#define TENON_TEXT_NO_TOKEN 0xffffffffu

enum {
  TENON_TEXT_KIND_BYTE_BPE = 1,
  TENON_TEXT_KIND_SENTENCEPIECE = 2,
};

enum {
  TENON_TEXT_FLAG_ADD_BOS = 1,
  TENON_TEXT_FLAG_ADD_EOS = 2,
  TENON_TEXT_FLAG_SPACE_PREFIX = 4, /* SentencePiece: text gets a space in front */
  TENON_TEXT_FLAG_WHOLE_WORDS = 8,  /* BPE: a piece that is a token is that token, whatever the merges say */
};

// The low three bits of an attribute are GGUF's token type.
enum {
  TENON_TEXT_TYPE_NORMAL = 1,
  TENON_TEXT_TYPE_UNKNOWN = 2,
  TENON_TEXT_TYPE_CONTROL = 3,
  TENON_TEXT_TYPE_USER_DEFINED = 4,
  TENON_TEXT_TYPE_UNUSED = 5,
  TENON_TEXT_TYPE_BYTE = 6,
  TENON_TEXT_TYPE_MASK = 7,
  TENON_TEXT_END = 8, /* generation ends here: EOS, EOT and their like */
};

// Bounds that every tokenizer obeys; they keep a damaged file from driving an allocation.
#define TENON_TEXT_MAX_TOKENS (1u << 24)
#define TENON_TEXT_MAX_TOKEN_BYTES (1u << 16)
#define TENON_TEXT_MAX_PATTERNS 8u
#define TENON_TEXT_MAX_PATTERN_BYTES 8192u
#define TENON_TEXT_MAX_TEMPLATE_BYTES (1u << 20)

#endif /* TENON_RUNTIME_TEXT_FORMAT_H */
