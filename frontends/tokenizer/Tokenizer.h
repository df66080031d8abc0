//===- Tokenizer.h - a model's tokenizer and its form in the artifact -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A frontend fills a TokenizerModel with what its file says; buildTokenizerBlob checks it and writes the compact form that the runtime
// reads (runtime/text/format.h). A GGUF file names its conventions, and what the names mean is resolved here. A tokenizer.json spells its
// steps out, and they come as a TextPipeline. The runtime sees bytes, ids, scores, steps and regular expressions.

#ifndef TENON_FRONTENDS_TOKENIZER_TOKENIZER_H
#define TENON_FRONTENDS_TOKENIZER_TOKENIZER_H

#include "tenon/frontends/Diagnostics.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

/// How text becomes tokens.
enum class TokenizerKind {
  ByteLevelBpe,  ///< GGUF's "gpt2": merges by rank over the bytes of the pieces that a pre-tokenizer cuts
  SentencePiece, ///< "llama": merges by piece score over characters, with byte fallback
  Bpe,           ///< "gemma4": merges by rank over characters
  Unigram,       ///< "t5": the tokens of the highest sum of scores
  WordPiece,     ///< "bert": the longest token first
  Words,         ///< a piece is a token or unknown
  Longest,       ///< "rwkv": the longest token first, over bytes that the file spells with escapes
};

/// What a token is for. The values are GGUF's `tokenizer.ggml.token_type`.
enum class TokenType : int32_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

/// A step of runtime/text/format.h: TENON_TEXT_NORMALIZE_* or TENON_TEXT_SPLIT_*. Patterns are as Oniguruma understands them.
struct TextStep {
  uint32_t code = 0;
  uint32_t option = 0;
  std::string first, second;
};

struct AddedToken {
  uint32_t id = 0;
  uint32_t flags = 0; ///< TENON_TEXT_ADDED_*
};

/// What happens to text before the model sees it and to tokens after.
struct TextPipeline {
  std::vector<TextStep> normalizers, splits;
  std::vector<AddedToken> added;
  std::vector<uint32_t> prefix, suffix; ///< what belongs around a text
  std::vector<std::string> spellings;   ///< what each token is matched by
  std::vector<std::string> texts;       ///< what each token is written as
  std::vector<uint8_t> attributes;      ///< TENON_TEXT_CONTINUES, TENON_TEXT_UNREACHABLE
  uint32_t flags = 0;                   ///< TENON_TEXT_FLAG_*
  uint32_t first = 0;                   ///< TENON_TEXT_FIRST_*
  uint32_t wordCharacters = 0, continues = 0;
};

/// A tokenizer as its file describes it.
struct TokenizerModel {
  TokenizerKind kind = TokenizerKind::ByteLevelBpe;
  /// `tokenizer.ggml.pre`: which regular expressions cut the text; byte-level BPE only.
  std::string preTokenizer = "gpt-2";
  /// The tokens as the file spells them: in GPT-2's byte alphabet, or with U+2581 for a space.
  std::vector<std::string> tokens;
  /// One TokenType value per token, or empty when the file has none (then all are normal).
  std::vector<int32_t> types;
  /// One score per token; SentencePiece and unigram only.
  std::vector<double> scores;
  /// The first pair is merged first; BPE by rank only.
  std::vector<std::pair<std::string, std::string>> merges;
  std::optional<uint32_t> bos, eos, eot, pad, unk, cls, sep;
  /// What the file says about adding BOS and EOS; without a word the kind's (or pre-tokenizer's) habit holds.
  std::optional<bool> addBos, addEos;
  /// SentencePiece: text starts with a space that the reader did not write. Defaults to true there.
  std::optional<bool> addSpacePrefix;
  /// SentencePiece and unigram: runs of spaces collapse to one, and none stay at the ends.
  bool removeExtraWhitespaces = false;
  /// Unigram: SentencePiece's precompiled map of characters, or empty.
  std::string charsmap;
  /// WordPiece: what becomes of capitals and accents; accents go where capitals do if nothing is said.
  std::optional<bool> lowercase, stripAccents;
  /// The Jinja text of `tokenizer.chat_template`, or empty.
  std::string chatTemplate;
  /// The steps that the file spells out; without them GGUF's conventions for the kind and the pre-tokenizer hold.
  std::optional<TextPipeline> pipeline;
};

/// The kind that GGUF's `tokenizer.ggml.model` names, or an error that lists the kinds there are.
llvm::Expected<TokenizerKind> parseTokenizerKind(llvm::StringRef name);

/// The tokenizer of a folder as Hugging Face's libraries write it: tokenizer.json or what there is in its place, with the roles of tokens
/// and the chat template beside it. Nothing if the folder has none, or after reports.
std::optional<TokenizerModel> readHuggingFaceTokenizer(llvm::StringRef folder, Diagnostics &diagnostics);

/// The tokenizer in the text of a tokenizer.json alone.
std::optional<TokenizerModel> parseTokenizerJson(llvm::StringRef text, Diagnostics &diagnostics);

/// Checks the model and writes the artifact's `tokenizer.bin`. Remarks on what was dropped or assumed are appended to `notes` when it is
/// given.
llvm::Expected<std::vector<uint8_t>> buildTokenizerBlob(const TokenizerModel &model, std::vector<std::string> *notes = nullptr);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_TOKENIZER_H
