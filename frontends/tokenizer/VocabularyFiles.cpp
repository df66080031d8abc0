//===- VocabularyFiles.cpp - vocab.txt, and vocab.json with merges.txt -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// These files hold tokens only; what to do with them is a habit of their time, which is written here as a tokenizer.json would say it.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/ReaderImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace llvm;
using namespace tenon;
using nlohmann::json;

static std::string tokenOr(JsonView config, const char *role, const char *otherwise) {
  JsonView token = config[role];
  std::string text = token.isObject() ? token.text("content") : token.isString() ? *token.string() : "";
  return text.empty() ? otherwise : text;
}

/// Lines without their ends; a last line need not have one.
static SmallVector<StringRef> linesOf(StringRef text) {
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  if (!lines.empty() && lines.back().empty())
    lines.pop_back();
  for (StringRef &line : lines)
    line.consume_back("\r");
  return lines;
}

static json addedToken(const std::string &token, size_t id) {
  return {{"id", id}, {"content", token}, {"special", true}, {"normalized", false}};
}

/// BERT's list of words.
json tenon::describeWordList(StringRef text, JsonView config) {
  json vocabulary = json::object(), added = json::array();
  // A word's number is its line's; of a word that is there twice the last counts.
  for (auto [id, line] : enumerate(linesOf(text)))
    if (!line.empty())
      vocabulary[line.str()] = id;
  std::string unknown = tokenOr(config, "unk_token", "[UNK]"), cls = tokenOr(config, "cls_token", "[CLS]"),
              sep = tokenOr(config, "sep_token", "[SEP]");
  for (const std::string &token : {tokenOr(config, "pad_token", "[PAD]"), unknown, cls, sep, tokenOr(config, "mask_token", "[MASK]")})
    if (auto found = vocabulary.find(token); found != vocabulary.end())
      added.push_back(addedToken(token, found->get<size_t>()));
  json normalizer = {{"type", "BertNormalizer"},
                     {"clean_text", true},
                     {"handle_chinese_chars", config.flag("tokenize_chinese_chars", true)},
                     {"lowercase", config.flag("do_lower_case", true)}};
  if (std::optional<bool> strip = config["strip_accents"].boolean())
    normalizer["strip_accents"] = *strip;
  json around;
  if (vocabulary.contains(cls) && vocabulary.contains(sep))
    around = {{"type", "BertProcessing"}, {"cls", {cls, vocabulary[cls]}}, {"sep", {sep, vocabulary[sep]}}};
  return {{"model", {{"type", "WordPiece"}, {"unk_token", unknown}, {"vocab", std::move(vocabulary)}}},
          {"added_tokens", std::move(added)},
          {"normalizer", std::move(normalizer)},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor", std::move(around)},
          {"decoder", {{"type", "WordPiece"}}}};
}

/// GPT-2's files. A token in front and one behind are there if the configuration names them.
json tenon::describeMergeFiles(json vocabulary, StringRef text, JsonView config) {
  json merges = json::array(), added = json::array(), around;
  bool first = true;
  for (StringRef line : linesOf(text)) {
    // The first line may say which version the file is of.
    if (!(first && line.starts_with("#version")) && !line.empty())
      merges.push_back(line.str());
    first = false;
  }
  std::string cls = tokenOr(config, "cls_token", ""), sep = tokenOr(config, "sep_token", "");
  for (const char *role : {"bos_token", "eos_token", "unk_token", "pad_token", "cls_token", "sep_token", "mask_token"}) {
    std::string token = tokenOr(config, role, "");
    bool known = false;
    for (const json &before : added)
      known |= before["content"] == token;
    if (vocabulary.is_object() && vocabulary.contains(token) && vocabulary[token].is_number_unsigned() && !known)
      added.push_back(addedToken(token, vocabulary[token].get<size_t>()));
  }
  if (vocabulary.is_object() && vocabulary.contains(cls) && vocabulary.contains(sep))
    around = {{"type", "RobertaProcessing"}, {"cls", {cls, vocabulary[cls]}}, {"sep", {sep, vocabulary[sep]}}};
  return {{"model", {{"type", "BPE"}, {"vocab", std::move(vocabulary)}, {"merges", std::move(merges)}}},
          {"added_tokens", std::move(added)},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", config.flag("add_prefix_space", false)}}},
          {"post_processor", std::move(around)},
          {"decoder", {{"type", "ByteLevel"}}}};
}
