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
//   TOKEN_BYTES  what the tokens are matched by: bytes already out of GPT-2's byte alphabet, everything else as the model spells it
//   TEXT_ENDS    u32[tokens] and
//   TEXT_BYTES   what the tokens are written as: U+2581 already a space, "<0x0A>" already 0A; absent where that is TOKEN_BYTES
//   ATTRIBUTES   u8[tokens]: TENON_TEXT_TYPE_* | TENON_TEXT_END | ...
//   SCORES       f64[tokens]; SentencePiece and unigram only
//   MERGES       {u32 left, u32 right, u32 result}[merges], the first is done first; BPE by merges only
//   ADDED        {u32 id, u32 TENON_TEXT_ADDED_*}[]: tokens that are cut out of the text before anything else
//   NORMALIZERS  steps that change the text between added tokens, one after the other
//   SPLITS       steps that cut it into pieces, each cutting what the one before left
//   PREFIX       u32[]: tokens that belong in front of a text
//   SUFFIX       u32[]: tokens that belong behind it
//   TEMPLATE     the chat template, Jinja, UTF-8
//
// A step is {u32 code, u32 option, u32 first, u32 second}, then `first` and `second` bytes, then zeros up to a multiple of four.
// Patterns are PCRE2 regular expressions for UTF and UCP.
//
// Changes: a reader refuses another version. There is no minor version: artifacts carry the tokenizer that their compiler wrote.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_FORMAT_H
#define TENON_RUNTIME_TEXT_FORMAT_H

#define TENON_TEXT_MAGIC 0x4b4f5454u /* the bytes "TTOK" */
#define TENON_TEXT_VERSION 2u

// Indices of the header's words.
enum {
  TENON_TEXT_HEADER_MAGIC,
  TENON_TEXT_HEADER_VERSION,
  TENON_TEXT_HEADER_SIZE,  /* of the whole file in bytes */
  TENON_TEXT_HEADER_KIND,  /* TENON_TEXT_KIND_* */
  TENON_TEXT_HEADER_FLAGS, /* TENON_TEXT_FLAG_* */
  TENON_TEXT_HEADER_TOKENS,
  TENON_TEXT_HEADER_MERGES,
  TENON_TEXT_HEADER_BOS, /* TENON_TEXT_NO_TOKEN where there is none; so for the next four */
  TENON_TEXT_HEADER_EOS,
  TENON_TEXT_HEADER_EOT,
  TENON_TEXT_HEADER_PAD,
  TENON_TEXT_HEADER_UNK,
  TENON_TEXT_HEADER_WORD_CHARACTERS, /* WordPiece: a longer word is unknown; 0: no limit */
  TENON_TEXT_HEADER_CONTINUES,       /* WordPiece: bytes in front of a token that goes on with a word, as of "##ing" */
  TENON_TEXT_HEADER_FIRST,           /* TENON_TEXT_FIRST_*: what becomes of spaces at the start of decoded text */
  TENON_TEXT_HEADER_UNK_SCORE_LOW,   /* unigram: the score of an unknown character, the halves of an f64 */
  TENON_TEXT_HEADER_UNK_SCORE_HIGH,
  TENON_TEXT_HEADER_SECTIONS, /* {offset, size} of each section, in the order of TENON_TEXT_SECTION_* */
};

enum {
  TENON_TEXT_SECTION_TOKEN_ENDS,
  TENON_TEXT_SECTION_TOKEN_BYTES,
  TENON_TEXT_SECTION_TEXT_ENDS,
  TENON_TEXT_SECTION_TEXT_BYTES,
  TENON_TEXT_SECTION_ATTRIBUTES,
  TENON_TEXT_SECTION_SCORES,
  TENON_TEXT_SECTION_MERGES,
  TENON_TEXT_SECTION_ADDED,
  TENON_TEXT_SECTION_NORMALIZERS,
  TENON_TEXT_SECTION_SPLITS,
  TENON_TEXT_SECTION_PREFIX,
  TENON_TEXT_SECTION_SUFFIX,
  TENON_TEXT_SECTION_TEMPLATE,
  TENON_TEXT_SECTION_COUNT,
};

#define TENON_TEXT_HEADER_WORDS (TENON_TEXT_HEADER_SECTIONS + 2 * TENON_TEXT_SECTION_COUNT)
#define TENON_TEXT_NO_TOKEN 0xffffffffu

enum {
  TENON_TEXT_KIND_BYTE_BPE = 1,      /* merges over bytes */
  TENON_TEXT_KIND_SENTENCEPIECE = 2, /* characters, the pair that spells the token of the highest score merges first */
  TENON_TEXT_KIND_BPE = 3,           /* merges over characters */
  TENON_TEXT_KIND_UNIGRAM = 4,       /* the tokens of the highest sum of scores */
  TENON_TEXT_KIND_WORDPIECE = 5,     /* the longest token first */
  TENON_TEXT_KIND_WORDS = 6,         /* a piece is a token or unknown */
  TENON_TEXT_KIND_LONGEST = 7,       /* the longest token first, over bytes: a token may begin or end within a character */
};

enum {
  TENON_TEXT_FLAG_ADD_BOS = 1,       /* PREFIX contains BOS */
  TENON_TEXT_FLAG_ADD_EOS = 2,       /* SUFFIX contains EOS */
  TENON_TEXT_FLAG_WHOLE_WORDS = 8,   /* BPE: a piece that is a token is that token, whatever the merges say */
  TENON_TEXT_FLAG_FUSE_UNKNOWN = 16, /* neighbouring unknown characters are one unknown token */
  TENON_TEXT_FLAG_BYTES = 32,        /* a character that is no token is spelled by byte tokens if it can */
  TENON_TEXT_FLAG_CLOSE_GAPS = 64,   /* byte-level BPE: what stands around a lost byte may merge */
  TENON_TEXT_FLAG_UNKNOWN = 128,     /* what cannot be spelled is UNK; otherwise it is lost */
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
  TENON_TEXT_END = 8,          /* generation ends here: EOS, EOT and their like */
  TENON_TEXT_CONTINUES = 16,   /* WordPiece: goes on with a word */
  TENON_TEXT_UNREACHABLE = 32, /* the model never makes this token out of text */
};

enum {
  TENON_TEXT_ADDED_SPECIAL = 1, /* recognised only where the caller asks for special tokens */
  TENON_TEXT_ADDED_LSTRIP = 2,  /* takes the white space before it along */
  TENON_TEXT_ADDED_RSTRIP = 4,
  TENON_TEXT_ADDED_SINGLE_WORD = 8, /* not within a word */
  TENON_TEXT_ADDED_NORMALIZED = 16, /* looked for in the text after its normalisation, and normalised itself */
};

enum {
  TENON_TEXT_FIRST_KEEP = 0,
  TENON_TEXT_FIRST_STRIP = 1, /* one space at the start of the text goes */
  TENON_TEXT_FIRST_TOKEN = 2, /* all spaces of the first token go */
  TENON_TEXT_FIRST_WORD = 3,  /* one space goes, but a token that goes on with a word is written as it is spelled */
};

// Steps that change the text.
enum {
  TENON_TEXT_NORMALIZE_FORM = 1,        /* option: TENON_TEXT_FORM_* */
  TENON_TEXT_NORMALIZE_LOWERCASE = 2,   /* every character by itself */
  TENON_TEXT_NORMALIZE_STRIP_MARKS = 3, /* drops the characters of category M; option 1: of Mn */
  TENON_TEXT_NORMALIZE_CLEAN = 4,       /* BERT: control characters go, white space becomes a space */
  TENON_TEXT_NORMALIZE_SPACE_CJK = 5,   /* BERT: a space on both sides of a CJK character */
  TENON_TEXT_NORMALIZE_REPLACE = 6,     /* first: a string, second: what it becomes */
  TENON_TEXT_NORMALIZE_PATTERN = 7,     /* first: a pattern, second: what its matches become */
  TENON_TEXT_NORMALIZE_PREPEND = 8,     /* first: goes in front of a text that is not empty */
  TENON_TEXT_NORMALIZE_STRIP = 9,       /* white space at the ends; option bits 1: left, 2: right */
  TENON_TEXT_NORMALIZE_CHARSMAP = 10,   /* first: SentencePiece's map of characters; option 0: by its longest prefixes, 1: by graphemes */
  TENON_TEXT_NORMALIZE_NMT = 11,        /* SentencePiece's nmt: some control characters go, some become spaces */
  TENON_TEXT_NORMALIZE_SPACES = 12,     /* option bits TENON_TEXT_SPACES_*; first: what a space becomes */
};

enum { TENON_TEXT_FORM_COMPOSE = 1, TENON_TEXT_FORM_COMPATIBLE = 2 };

enum {
  TENON_TEXT_SPACES_PREFIX = 1, /* one in front of the first other character if none is there */
  TENON_TEXT_SPACES_SUFFIX = 2, /* one at the end */
  TENON_TEXT_SPACES_MERGE = 4,  /* one for each run, none at the ends */
};

// Steps that cut it.
enum {
  TENON_TEXT_SPLIT_PATTERN = 1,   /* option: TENON_TEXT_CUT_*; first: a pattern, second: what it is among ASCII, or nothing */
  TENON_TEXT_SPLIT_SPACE = 2,     /* a space in front of every piece that has none */
  TENON_TEXT_SPLIT_METASPACE = 3, /* option: TENON_TEXT_METASPACE_*; first: what stands for a space */
  TENON_TEXT_SPLIT_ALPHABET = 4,  /* GPT-2's byte alphabet: what follows sees its letters */
};

enum {
  TENON_TEXT_CUT_ISOLATED,
  TENON_TEXT_CUT_REMOVED,
  TENON_TEXT_CUT_CONTIGUOUS,
  TENON_TEXT_CUT_WITH_PREVIOUS,
  TENON_TEXT_CUT_WITH_NEXT,
  TENON_TEXT_CUT_MASK = 7,
  TENON_TEXT_CUT_INVERT = 8, /* what lies between the matches counts as matches */
};

enum {
  TENON_TEXT_METASPACE_ALWAYS = 1, /* in front of every piece */
  TENON_TEXT_METASPACE_FIRST = 2,  /* in front of the piece that begins the text */
  TENON_TEXT_METASPACE_SPLIT = 4,  /* cuts before each */
};

// Bounds that every tokenizer obeys; they keep a damaged file from driving an allocation.
#define TENON_TEXT_MAX_TOKENS (1u << 24)
#define TENON_TEXT_MAX_TOKEN_BYTES (1u << 16)
#define TENON_TEXT_MAX_STEPS 16u
#define TENON_TEXT_MAX_PATTERN_BYTES 8192u
#define TENON_TEXT_MAX_AROUND 64u /* tokens of PREFIX and of SUFFIX */
#define TENON_TEXT_MAX_TEMPLATE_BYTES (1u << 20)

#endif /* TENON_RUNTIME_TEXT_FORMAT_H */
