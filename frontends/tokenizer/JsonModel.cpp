//===- JsonModel.cpp - the model and the added tokens of a tokenizer.json -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/tokenizer/ReaderImpl.h"

#include "tenon/frontends/tokenizer/SpellingImpl.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"

using namespace llvm;
using namespace tenon;

static constexpr uint32_t mostId = TENON_TEXT_MAX_TOKENS - 1;

bool TokenizerDraft::place(StringRef token, uint32_t id) {
  auto [known, isNew] = ids.try_emplace(token, id);
  if (!isNew && known->second != id)
    return false;
  if (id >= model.tokens.size()) {
    model.tokens.resize(id + 1);
    model.types.resize(id + 1, 0);
    isOfModel.resize(id + 1, 0);
  }
  // Type 0 is that of an id without a token.
  if (isNew && model.types[id] != 0)
    return false;
  model.tokens[id] = token.str();
  if (model.types[id] == 0)
    model.types[id] = int32_t(TokenType::Normal);
  return true;
}

/// Ids must lie close together: one of 16 million would make as many tokens.
static bool isSparse(uint32_t id, size_t tokens) {
  return id > 65536 + 4 * tokens;
}

static void placeModelToken(TokenizerDraft &draft, StringRef token, uint32_t id, size_t tokens, JsonView at) {
  if (isSparse(id, tokens)) {
    at.report("expects a number near those of the other " + Twine(tokens) + " tokens, but got " + Twine(id));
  } else if (!draft.place(token, id)) {
    std::string other = id < draft.model.tokens.size() ? draft.model.tokens[id] : "";
    at.report("has the number " + Twine(id) + " of token '" + other + "', or a second one");
  } else {
    draft.isOfModel[id] = 1;
  }
}

static void readVocabularyObject(TokenizerDraft &draft, JsonView vocabulary) {
  if (!vocabulary.isObject())
    return vocabulary.expects("an object of tokens and their numbers");
  vocabulary.forEachMember([&](StringRef token, JsonView at) {
    if (!at.exists())
      return at.expects("a number");
    if (std::optional<uint32_t> id = at.integer(mostId))
      placeModelToken(draft, token, *id, vocabulary.size(), at);
  });
}

static std::optional<uint32_t> findToken(const TokenizerDraft &draft, JsonView name) {
  std::optional<std::string> token = name.string();
  if (!token)
    return std::nullopt;
  if (auto found = draft.ids.find(*token); found != draft.ids.end() && draft.isOfModel[found->second])
    return found->second;
  name.report("names the token '" + *token + "', which the vocabulary lacks");
  return std::nullopt;
}

static void readUnknown(TokenizerDraft &draft, JsonView name) {
  draft.model.unk = findToken(draft, name);
  if (draft.model.unk)
    draft.pipeline.flags |= TENON_TEXT_FLAG_UNKNOWN;
}

static void refuseText(JsonView view, StringRef what) {
  if (view.isString() && !view.string()->empty())
    view.report(what + " '" + *view.string() + "' is not supported");
}

//===----------------------------------------------------------------------===//
// Byte-pair encoding
//===----------------------------------------------------------------------===//

/// A pair as "left right" or as two strings.
static std::optional<std::pair<std::string, std::string>> readMerge(JsonView merge) {
  if (merge.isArray() && merge.size() == 2) {
    std::optional<std::string> left = merge[size_t(0)].string(), right = merge[1].string();
    if (left && right)
      return std::pair(*left, *right);
    return std::nullopt;
  }
  if (merge.isString()) {
    std::string text = *merge.string();
    auto [left, right] = StringRef(text).split(' ');
    if (!right.contains(' '))
      return std::pair(left.str(), right.str());
  }
  merge.expects("two tokens");
  return std::nullopt;
}

static bool isModelToken(const TokenizerDraft &draft, StringRef token) {
  auto found = draft.ids.find(token);
  return !token.empty() && found != draft.ids.end() && draft.isOfModel[found->second];
}

static void readMerges(TokenizerDraft &draft, JsonView merges) {
  merges.forEach([&](JsonView at) {
    std::optional<std::pair<std::string, std::string>> merge = readMerge(at);
    if (!merge)
      return;
    for (const std::string &token : {merge->first, merge->second, merge->first + merge->second})
      if (!isModelToken(draft, token))
        return at.report("needs the token '" + token + "', which the vocabulary lacks");
    draft.model.merges.push_back(std::move(*merge));
  });
  // Of a pair that is listed twice the last counts.
  StringSet<> seen;
  std::vector<std::pair<std::string, std::string>> kept;
  for (auto &merge : reverse(draft.model.merges))
    if (seen.insert(merge.first + std::string(1, '\0') + merge.second).second)
      kept.push_back(std::move(merge));
  std::reverse(kept.begin(), kept.end());
  draft.model.merges = std::move(kept);
}

static void readBpe(TokenizerDraft &draft, JsonView json) {
  draft.model.kind = TokenizerKind::Bpe;
  readVocabularyObject(draft, json["vocab"]);
  if (!json["merges"].exists())
    json["merges"].expects("a list of pairs of tokens");
  readMerges(draft, json["merges"]);
  readUnknown(draft, json["unk_token"]);
  if (json["dropout"].real().value_or(0) != 0)
    json["dropout"].report("merges left out by chance are not supported");
  refuseText(json["continuing_subword_prefix"], "the prefix");
  refuseText(json["end_of_word_suffix"], "the suffix");
  draft.byteTokens = json.flag("byte_fallback", false);
  draft.pipeline.flags |= json.flag("fuse_unk", false) ? TENON_TEXT_FLAG_FUSE_UNKNOWN : 0;
  draft.pipeline.flags |= json.flag("ignore_merges", false) ? TENON_TEXT_FLAG_WHOLE_WORDS : 0;
}

//===----------------------------------------------------------------------===//
// The other models
//===----------------------------------------------------------------------===//

static void readUnigram(TokenizerDraft &draft, JsonView json) {
  draft.model.kind = TokenizerKind::Unigram;
  JsonView vocabulary = json["vocab"];
  if (!vocabulary.isArray())
    return vocabulary.expects("a list of tokens and their scores");
  uint32_t id = 0;
  vocabulary.forEach([&](JsonView at) {
    std::optional<std::string> token = at[size_t(0)].string();
    std::optional<double> score = at[1].real();
    if (!token || !score || at.size() != 2)
      at.expects("a token and its score");
    else if (id <= mostId)
      placeModelToken(draft, *token, id, vocabulary.size(), at);
    draft.model.scores.push_back(score.value_or(0));
    ++id;
  });
  JsonView unknown = json["unk_id"];
  if (std::optional<uint32_t> unk = unknown.integer(mostId)) {
    if (*unk >= vocabulary.size())
      unknown.report("expects a token below " + Twine(vocabulary.size()) + ", but got " + Twine(*unk));
    else
      draft.model.unk = unk;
  }
  draft.pipeline.flags |= TENON_TEXT_FLAG_FUSE_UNKNOWN | (draft.model.unk ? TENON_TEXT_FLAG_UNKNOWN : 0);
  draft.byteTokens = json.flag("byte_fallback", false);
}

static void readWordPiece(TokenizerDraft &draft, JsonView json) {
  draft.model.kind = TokenizerKind::WordPiece;
  readVocabularyObject(draft, json["vocab"]);
  readUnknown(draft, json["unk_token"]);
  JsonView prefix = json["continuing_subword_prefix"];
  draft.partPrefix = prefix.exists() ? prefix.string().value_or("") : "##";
  JsonView most = json["max_input_chars_per_word"];
  draft.pipeline.wordCharacters = most.exists() ? most.integer(1u << 20).value_or(0) : 100;
  draft.pipeline.continues = draft.partPrefix.size();
  if (draft.partPrefix.empty())
    prefix.report("a word's parts without a prefix are not supported");
}

static void readWords(TokenizerDraft &draft, JsonView json) {
  draft.model.kind = TokenizerKind::Words;
  readVocabularyObject(draft, json["vocab"]);
  readUnknown(draft, json["unk_token"]);
}

/// Older files do not name the kind.
static std::string kindOf(JsonView json) {
  JsonView type = json["type"];
  if (type.exists())
    return type.string().value_or("");
  if (json["merges"].exists())
    return "BPE";
  if (json["vocab"].isArray())
    return "Unigram";
  return json["continuing_subword_prefix"].exists() ? "WordPiece" : "WordLevel";
}

void tenon::readJsonModel(TokenizerDraft &draft, JsonView json) {
  if (!json.isObject())
    return json.expects("an object");
  std::string kind = kindOf(json);
  auto *read = StringSwitch<void (*)(TokenizerDraft &, JsonView)>(kind)
                   .Case("BPE", readBpe)
                   .Case("Unigram", readUnigram)
                   .Case("WordPiece", readWordPiece)
                   .Case("WordLevel", readWords)
                   .Default(nullptr);
  if (!read)
    return json["type"].report("model '" + kind + "' is not supported; expects one of BPE, Unigram, WordPiece, WordLevel");
  read(draft, json);
}

//===----------------------------------------------------------------------===//
// Added tokens
//===----------------------------------------------------------------------===//

void tenon::readJsonAddedTokens(TokenizerDraft &draft, JsonView json) {
  json.forEach([&](JsonView at) {
    std::optional<uint32_t> id = at["id"].integer(mostId);
    std::optional<std::string> token = at["content"].string();
    if (!id || !token || token->empty())
      return at.expects("a token and its number");
    if (isSparse(*id, draft.model.tokens.size() + json.size()))
      return at["id"].report("expects a number near those of the other tokens, but got " + Twine(*id));
    if (!draft.place(*token, *id))
      return at.report("token '" + *token + "' has the number " + Twine(*id) + ", which is not free, or a second one");
    bool special = at.flag("special", false);
    uint32_t flags = 0;
    flags |= special ? TENON_TEXT_ADDED_SPECIAL : 0;
    flags |= at.flag("lstrip", false) ? TENON_TEXT_ADDED_LSTRIP : 0;
    flags |= at.flag("rstrip", false) ? TENON_TEXT_ADDED_RSTRIP : 0;
    flags |= at.flag("single_word", false) ? TENON_TEXT_ADDED_SINGLE_WORD : 0;
    flags |= at.flag("normalized", !special) ? TENON_TEXT_ADDED_NORMALIZED : 0;
    draft.model.types[*id] = int32_t(special ? TokenType::Control : TokenType::UserDefined);
    draft.pipeline.added.push_back({*id, flags});
  });
}

std::optional<uint32_t> tenon::addSpecialToken(TokenizerDraft &draft, StringRef token) {
  auto found = draft.ids.find(token);
  if (found == draft.ids.end())
    return std::nullopt;
  uint32_t id = found->second;
  if (none_of(draft.pipeline.added, [&](const AddedToken &added) { return added.id == id; })) {
    draft.pipeline.added.push_back({id, TENON_TEXT_ADDED_SPECIAL});
    draft.model.types[id] = int32_t(TokenType::Control);
  }
  return id;
}
