//===- Conventions.cpp - what GGUF leaves unsaid about a tokenizer -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/tokenizer/ConventionsImpl.h"

#include "tenon/frontends/tokenizer/PreTokenizersImpl.h"
#include "tenon/frontends/tokenizer/SpellingImpl.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace llvm;
using namespace tenon;

static constexpr StringLiteral spaceMark = "\xe2\x96\x81";

namespace {

class Conventions {
public:
  Conventions(const TokenizerModel &model, const std::vector<TokenType> &types, std::vector<std::string> *notes)
      : model(model), types(types), notes(notes) {}
  Expected<TextPipeline> find();

private:
  Error usePreTokenizer();
  void useSentencePiece();
  void useUnigram();
  void useWordPiece();
  void useGemma();
  void useLongest();
  Error spellTokens();
  Error spellToken(uint32_t id);
  void addTokens();
  void surround(bool addBos, bool addEos);

  const TokenizerModel &model;
  const std::vector<TokenType> &types;
  std::vector<std::string> *notes;
  TextPipeline result;
  PreTokenizer preTokenizer = {};
};

} // namespace

static TextStep replaceSpaces() {
  return {TENON_TEXT_NORMALIZE_REPLACE, 0, " ", spaceMark.str()};
}

static TextStep splitAt(StringRef pattern, uint32_t how) {
  return {TENON_TEXT_SPLIT_PATTERN, how, pattern.str(), {}};
}

/// The token that belongs in front of a text: BERT's files name it otherwise.
static std::optional<uint32_t> first(std::optional<uint32_t> one, std::optional<uint32_t> other) {
  return one ? one : other;
}

void Conventions::surround(bool addBos, bool addEos) {
  bool isWordPiece = model.kind == TokenizerKind::WordPiece;
  std::optional<uint32_t> bos = isWordPiece ? first(model.cls, model.bos) : model.bos;
  std::optional<uint32_t> eos = isWordPiece ? first(model.sep, model.eos) : model.eos;
  if (addBos && !bos && notes)
    notes->push_back("the tokenizer adds BOS but the file names no such token; none is added");
  if (addBos && bos)
    result.prefix.push_back(*bos);
  if (addEos && eos)
    result.suffix.push_back(*eos);
}

Error Conventions::usePreTokenizer() {
  Expected<PreTokenizer> found = findPreTokenizer(model.preTokenizer);
  if (!found)
    return found.takeError();
  preTokenizer = *found;
  for (StringRef pattern : preTokenizer.patterns)
    result.splits.push_back(splitAt(pattern, TENON_TEXT_CUT_ISOLATED));
  result.flags |= preTokenizer.wholeWords ? TENON_TEXT_FLAG_WHOLE_WORDS : 0;
  surround(model.addBos.value_or(preTokenizer.addBos), model.addEos.value_or(false));
  return Error::success();
}

void Conventions::useSentencePiece() {
  bool prefix = model.addSpacePrefix.value_or(true);
  if (!model.charsmap.empty())
    result.normalizers.push_back({TENON_TEXT_NORMALIZE_CHARSMAP, 0, model.charsmap, {}});
  if (model.removeExtraWhitespaces) {
    uint32_t options = TENON_TEXT_SPACES_MERGE | (prefix ? TENON_TEXT_SPACES_PREFIX : 0);
    result.normalizers.push_back({TENON_TEXT_NORMALIZE_SPACES, options, spaceMark.str(), {}});
  } else {
    if (prefix)
      result.normalizers.push_back({TENON_TEXT_NORMALIZE_PREPEND, 0, " ", {}});
    result.normalizers.push_back(replaceSpaces());
  }
  result.first = prefix ? TENON_TEXT_FIRST_STRIP : TENON_TEXT_FIRST_KEEP;
  result.flags |= TENON_TEXT_FLAG_BYTES | (model.unk ? TENON_TEXT_FLAG_UNKNOWN : 0);
  surround(model.addBos.value_or(true), model.addEos.value_or(false));
}

void Conventions::useUnigram() {
  if (!model.charsmap.empty())
    result.normalizers.push_back({TENON_TEXT_NORMALIZE_CHARSMAP, 0, model.charsmap, {}});
  bool prefix = model.addSpacePrefix.value_or(false);
  uint32_t options = (prefix ? TENON_TEXT_SPACES_PREFIX : 0) | (model.removeExtraWhitespaces ? TENON_TEXT_SPACES_MERGE : 0);
  result.normalizers.push_back({TENON_TEXT_NORMALIZE_SPACES, options, spaceMark.str(), {}});
  result.first = prefix ? TENON_TEXT_FIRST_STRIP : TENON_TEXT_FIRST_KEEP;
  result.flags |= TENON_TEXT_FLAG_FUSE_UNKNOWN | (model.unk ? TENON_TEXT_FLAG_UNKNOWN : 0);
  result.flags |= is_contained(types, TokenType::Byte) ? TENON_TEXT_FLAG_BYTES : 0;
  surround(model.addBos.value_or(false), model.addEos.value_or(true));
}

void Conventions::useWordPiece() {
  bool lowercase = model.lowercase.value_or(true);
  result.normalizers = {{TENON_TEXT_NORMALIZE_CLEAN, 0, {}, {}}, {TENON_TEXT_NORMALIZE_SPACE_CJK, 0, {}, {}}};
  if (model.stripAccents.value_or(lowercase)) {
    result.normalizers.push_back({TENON_TEXT_NORMALIZE_FORM, 0, {}, {}});
    result.normalizers.push_back({TENON_TEXT_NORMALIZE_STRIP_MARKS, 1, {}, {}});
  }
  if (lowercase)
    result.normalizers.push_back({TENON_TEXT_NORMALIZE_LOWERCASE, 0, {}, {}});
  result.splits = {splitAt(R"(\s)", TENON_TEXT_CUT_REMOVED), splitAt(R"([\p{P}!-/:-@\[-`{-~])", TENON_TEXT_CUT_ISOLATED)};
  result.first = TENON_TEXT_FIRST_WORD;
  result.flags |= model.unk ? TENON_TEXT_FLAG_UNKNOWN : 0;
  surround(model.addBos.value_or(true), model.addEos.value_or(true));
}

void Conventions::useGemma() {
  result.normalizers = {replaceSpaces()};
  result.splits = {splitAt(R"([^\n]+|[\n]+)", TENON_TEXT_CUT_ISOLATED)};
  result.flags |= TENON_TEXT_FLAG_BYTES | (model.unk ? TENON_TEXT_FLAG_UNKNOWN : 0);
  surround(model.addBos.value_or(true), model.addEos.value_or(false));
}

/// Text is not changed and not cut.
void Conventions::useLongest() {
  result.flags |= model.unk ? TENON_TEXT_FLAG_UNKNOWN : 0;
  surround(model.addBos.value_or(false), model.addEos.value_or(false));
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

static bool isSpelled(TokenType type) {
  return type == TokenType::Normal || type == TokenType::UserDefined || type == TokenType::Unused;
}

Error Conventions::spellToken(uint32_t id) {
  const std::string &token = model.tokens[id];
  TokenType type = types[id];
  bool reachable = model.kind == TokenizerKind::ByteLevelBpe ? type == TokenType::Normal : isSpelled(type);
  std::string spelling = token, text = token;
  uint8_t attributes = 0;
  if (type == TokenType::Byte) {
    std::optional<std::string> byte = bytesOfByteToken(token);
    if (!byte)
      return createStringError("byte token " + Twine(id) + " is '" + token + "', but expects the form <0x0A>");
    text = *byte;
    if (model.kind == TokenizerKind::ByteLevelBpe)
      spelling = *byte;
  } else if (type == TokenType::Normal || type == TokenType::Unused) {
    if (model.kind == TokenizerKind::ByteLevelBpe) {
      // A token outside the byte alphabet can not be reached by merging; it keeps its spelling.
      std::optional<std::string> bytes = bytesOfByteAlphabet(token);
      reachable &= bytes.has_value();
      spelling = text = bytes.value_or(token);
    } else if (model.kind == TokenizerKind::WordPiece) {
      bool begins = StringRef(spelling).starts_with(spaceMark);
      if (begins)
        spelling = StringRef(spelling).drop_front(spaceMark.size()).str();
      attributes |= begins ? 0 : TENON_TEXT_CONTINUES;
      text = textOfWordPiece(spelling, !begins, /*cleanUp=*/true);
    } else if (model.kind == TokenizerKind::Longest) {
      reachable = type == TokenType::Normal; // unused tokens fill the vocabulary up
      std::optional<std::string> bytes = bytesOfEscapes(token);
      if (!bytes)
        return createStringError("token " + Twine(id) + " is '" + token + "', but expects bytes with the escapes of Python");
      spelling = text = *bytes;
    } else {
      text = bytesOfSpacedPiece(token);
    }
  }
  result.spellings.push_back(std::move(spelling));
  result.texts.push_back(std::move(text));
  result.attributes.push_back(attributes | (reachable ? 0 : TENON_TEXT_UNREACHABLE));
  return Error::success();
}

Error Conventions::spellTokens() {
  for (uint32_t id = 0; id < model.tokens.size(); ++id)
    if (Error error = spellToken(id))
      return error;
  return Error::success();
}

void Conventions::addTokens() {
  for (auto [id, type] : enumerate(types))
    if (type == TokenType::UserDefined || type == TokenType::Control || type == TokenType::Unknown)
      result.added.push_back({uint32_t(id), type == TokenType::UserDefined ? 0u : uint32_t(TENON_TEXT_ADDED_SPECIAL)});
}

Expected<TextPipeline> Conventions::find() {
  switch (model.kind) {
  case TokenizerKind::ByteLevelBpe:
    if (Error error = usePreTokenizer())
      return std::move(error);
    break;
  case TokenizerKind::SentencePiece:
    useSentencePiece();
    break;
  case TokenizerKind::Unigram:
    useUnigram();
    break;
  case TokenizerKind::WordPiece:
    useWordPiece();
    break;
  case TokenizerKind::Bpe:
  case TokenizerKind::Words:
    useGemma();
    break;
  case TokenizerKind::Longest:
    useLongest();
    break;
  }
  if (Error error = spellTokens())
    return std::move(error);
  addTokens();
  return std::move(result);
}

Expected<TextPipeline> tenon::conventionalPipeline(const TokenizerModel &model, const std::vector<TokenType> &types,
                                                   std::vector<std::string> *notes) {
  return Conventions(model, types, notes).find();
}
