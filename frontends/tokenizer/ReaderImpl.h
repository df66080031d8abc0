//===- ReaderImpl.h - read a Hugging Face tokenizer -------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tokenizer.json is read in parts, each of which fills its share of the model. What a part needs to know of another (whether text ends up
// as bytes, say) is in the draft.
//===----------------------------------------------------------------------===//

#ifndef TENON_FRONTENDS_TOKENIZER_READERIMPL_H
#define TENON_FRONTENDS_TOKENIZER_READERIMPL_H

#include "tenon/frontends/tokenizer/JsonImpl.h"
#include "tenon/frontends/tokenizer/Tokenizer.h"

#include "llvm/ADT/StringMap.h"

namespace tenon {

/// A tokenizer while it is read.
struct TokenizerDraft {
  TokenizerModel model;
  TextPipeline pipeline;
  llvm::StringMap<uint32_t> ids;  ///< of the tokens, by spelling
  std::vector<uint8_t> isOfModel; ///< the model's own tokens, not only added ones
  bool byteLevel = false;         ///< pieces are bytes in GPT-2's alphabet
  bool byteTokens = false;        ///< "<0x0A>" stands for a byte
  std::string partPrefix;         ///< WordPiece: "##"

  /// Gives a token its id. False if the id is taken by another, or the token has another.
  bool place(llvm::StringRef token, uint32_t id);
};

void readJsonModel(TokenizerDraft &draft, JsonView json);
void readJsonAddedTokens(TokenizerDraft &draft, JsonView json);
void readJsonNormalizer(TokenizerDraft &draft, JsonView json);
void readJsonPreTokenizer(TokenizerDraft &draft, JsonView json);
void readJsonPostProcessor(TokenizerDraft &draft, JsonView json);
/// Also spells the tokens: call it last.
void readJsonDecoder(TokenizerDraft &draft, JsonView json);

/// Adds a special token that the files name beside tokenizer.json. Nothing if the vocabulary lacks it.
std::optional<uint32_t> addSpecialToken(TokenizerDraft &draft, llvm::StringRef token);

/// The whole of a tokenizer.json. Steps beside the model may be absent.
void readTokenizerJson(TokenizerDraft &draft, JsonView json);

/// What tokenizer.json would say of a vocab.txt, or of a vocab.json with merges.txt; null after a report.
nlohmann::json describeWordList(llvm::StringRef text, JsonView config);
nlohmann::json describeMergeFiles(nlohmann::json vocabulary, llvm::StringRef merges, JsonView config);

/// Reads SentencePiece's own file.
std::optional<TokenizerModel> readSentencePieceFile(llvm::StringRef bytes, llvm::StringRef name, Diagnostics &diagnostics);

} // namespace tenon

#endif // TENON_FRONTENDS_TOKENIZER_READERIMPL_H
