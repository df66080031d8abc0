//===- Tokenizer.h - a model's tokenizer and its form in the artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A frontend fills a TokenizerModel with what its file says, unchanged; buildTokenizerBlob checks it and
// writes the compact form that the runtime reads (runtime/text/format.h). Everything that needs a name, a
// table or an alphabet is resolved here: the runtime sees bytes, ids, scores and regular expressions.

#ifndef TENON_FRONTENDS_TOKENIZER_TOKENIZER_H
#define TENON_FRONTENDS_TOKENIZER_TOKENIZER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

/// How text becomes tokens. The names are GGUF's `tokenizer.ggml.model`.
enum class TokenizerKind {
  ByteLevelBpe,  ///< "gpt2": merges by rank over the bytes of the pieces that a pre-tokenizer cuts
  SentencePiece, ///< "llama": merges by piece score over characters, with byte fallback
};

/// What a token is for. The values are GGUF's `tokenizer.ggml.token_type`.
enum class TokenType : int32_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

/// A tokenizer as its file describes it.
struct TokenizerModel {
  TokenizerKind kind = TokenizerKind::ByteLevelBpe;
  /// `tokenizer.ggml.pre`: which regular expressions cut the text; byte-level BPE only.
  std::string preTokenizer = "gpt-2";
  /// The tokens as the file spells them: in GPT-2's byte alphabet, or with U+2581 for a space.
  std::vector<std::string> tokens;
  /// One TokenType value per token, or empty when the file has none (then all are normal).
  std::vector<int32_t> types;
  /// One score per token; SentencePiece only.
  std::vector<float> scores;
  /// "left right", the first is merged first; byte-level BPE only.
  std::vector<std::string> merges;
  std::optional<uint32_t> bos, eos, eot, pad, unk;
  /// What the file says about adding BOS and EOS; without a word the kind's (or pre-tokenizer's) habit holds.
  std::optional<bool> addBos, addEos;
  /// SentencePiece: text starts with a space that the reader did not write. Defaults to true there.
  std::optional<bool> addSpacePrefix;
  /// SentencePiece: runs of spaces collapse to one. Not supported; must not be set to true.
  bool removeExtraWhitespaces = false;
  /// The Jinja text of `tokenizer.chat_template`, or empty.
  std::string chatTemplate;
};

/// The kind that GGUF's `tokenizer.ggml.model` names, or an error that lists the kinds there are.
llvm::Expected<TokenizerKind> parseTokenizerKind(llvm::StringRef name);

/// Checks the model and writes the artifact's `tokenizer.bin`. Remarks on what was dropped or assumed are
/// appended to `notes` when it is given.
llvm::Expected<std::vector<uint8_t>> buildTokenizerBlob(const TokenizerModel &model, std::vector<std::string> *notes = nullptr);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_TOKENIZER_H
