//===- HuggingFace.cpp - the tokenizer of a Hugging Face folder -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What counts, in this order: tokenizer.json; SentencePiece's tokenizer.model; vocab.json with merges.txt; vocab.txt. Beside it
// tokenizer_config.json and special_tokens_map.json name the tokens with a role, and a chat template stands in the first or in a file of
// its own.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/ReaderImpl.h"
#include "tenon/runtime/text/format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace tenon;

namespace {

class FolderReader {
public:
  FolderReader(StringRef folder, Diagnostics &diagnostics) : folder(folder), diagnostics(diagnostics) {}
  std::optional<TokenizerModel> read();

private:
  std::string pathOf(StringRef name) const;
  bool has(StringRef name) const { return sys::fs::is_regular_file(pathOf(name)); }
  std::optional<std::string> readText(StringRef name);
  nlohmann::json readJson(StringRef name) { return has(name) ? readJsonFile(pathOf(name), name, diagnostics) : nlohmann::json(); }
  JsonView config(const char *key) { return JsonView(&configJson, "tokenizer_config.json", &diagnostics)[key]; }

  void addTokens(TokenizerModel &model);
  std::optional<TokenizerModel> readSentencePiece();
  nlohmann::json describe();
  std::string roleToken(const char *role);
  void readRoles();
  void readDecoderTokens();
  void readAround();
  std::string readChatTemplate();

  StringRef folder;
  Diagnostics &diagnostics;
  nlohmann::json configJson, mapJson;
  TokenizerDraft draft;
};

} // namespace

std::string FolderReader::pathOf(StringRef name) const {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  return path.str().str();
}

std::optional<std::string> FolderReader::readText(StringRef name) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(pathOf(name));
  if (file)
    return (*file)->getBuffer().str();
  diagnostics.report(name, "cannot be read: " + file.getError().message());
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Tokens with a role
//===----------------------------------------------------------------------===//

/// A token as a string, or as an object with its content.
static std::string tokenText(JsonView json) {
  if (json.isObject())
    return json.text("content");
  return json.isString() ? *json.string() : "";
}

std::string FolderReader::roleToken(const char *role) {
  std::string token = tokenText(config(role));
  return token.empty() ? tokenText(JsonView(&mapJson, "special_tokens_map.json", &diagnostics)[role]) : token;
}

void FolderReader::readRoles() {
  TokenizerModel &model = draft.model;
  auto role = [&](const char *name) { return addSpecialToken(draft, roleToken(name)); };
  model.bos = role("bos_token");
  model.eos = role("eos_token");
  model.pad = role("pad_token");
  model.cls = role("cls_token");
  model.sep = role("sep_token");
  role("mask_token");
  std::optional<uint32_t> unk = role("unk_token");
  if (!model.unk)
    model.unk = unk;
  for (const char *list : {"additional_special_tokens", "extra_special_tokens"})
    if (JsonView tokens = config(list); tokens.isArray())
      tokens.forEach([&](JsonView token) { addSpecialToken(draft, tokenText(token)); });
}

/// Tokens that tokenizer_config.json has and tokenizer.json lacks.
void FolderReader::readDecoderTokens() {
  nlohmann::json missing = nlohmann::json::array();
  config("added_tokens_decoder").forEachMember([&](StringRef key, JsonView at) {
    uint32_t id = 0;
    std::string content = at.text("content");
    if (key.getAsInteger(10, id) || content.empty())
      return at.expects("a token under its number");
    if (draft.ids.contains(content))
      return;
    missing.push_back({{"id", id},
                       {"content", content},
                       {"special", at.flag("special", false)},
                       {"lstrip", at.flag("lstrip", false)},
                       {"rstrip", at.flag("rstrip", false)},
                       {"single_word", at.flag("single_word", false)},
                       {"normalized", at.flag("normalized", true)}});
  });
  readJsonAddedTokens(draft, JsonView(&missing, "tokenizer_config.json.added_tokens_decoder", &diagnostics));
}

/// Where the configuration says what stands at an end of a text, it counts more than the post-processor.
void FolderReader::readAround() {
  auto stand = [](std::optional<bool> add, std::optional<uint32_t> id, std::vector<uint32_t> &around) {
    if (add)
      around = *add && id ? std::vector<uint32_t>{*id} : std::vector<uint32_t>();
  };
  stand(config("add_bos_token").boolean(), draft.model.bos, draft.pipeline.prefix);
  stand(config("add_eos_token").boolean(), draft.model.eos, draft.pipeline.suffix);
}

//===----------------------------------------------------------------------===//
// Chat templates
//===----------------------------------------------------------------------===//

/// One template, or the one called "default" of several, or the first.
static std::string chosenTemplate(JsonView json) {
  if (!json.isArray())
    return json.string().value_or("");
  std::string first, chosen;
  json.forEach([&](JsonView named) {
    std::string text = named.text("template");
    if (first.empty())
      first = text;
    if (named.text("name") == "default")
      chosen = text;
  });
  return chosen.empty() ? first : chosen;
}

std::string FolderReader::readChatTemplate() {
  if (has("chat_template.jinja"))
    return readText("chat_template.jinja").value_or("");
  if (has("chat_template.json")) {
    nlohmann::json json = readJson("chat_template.json");
    return chosenTemplate(JsonView(&json, "chat_template.json", &diagnostics)["chat_template"]);
  }
  return chosenTemplate(config("chat_template"));
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// Tokens that were added to SentencePiece's own: they go on where those end.
void FolderReader::addTokens(TokenizerModel &model) {
  size_t own = model.tokens.size();
  config("added_tokens_decoder").forEachMember([&](StringRef key, JsonView at) {
    uint32_t id = 0;
    std::string content = at.text("content");
    if (key.getAsInteger(10, id) || content.empty())
      return at.expects("a token under its number");
    if (id < own && model.tokens[id] != content)
      return at.report("names token " + Twine(id) + " '" + content + "', which is '" + model.tokens[id] + "' in tokenizer.model");
    if (id >= own + 65536)
      return at.report("expects a number near those of the " + Twine(own) + " pieces, but got " + Twine(id));
    if (id >= model.tokens.size()) {
      model.tokens.resize(id + 1);
      model.scores.resize(id + 1, 0);
      model.types.resize(id + 1, int32_t(TokenType::Unused));
    }
    model.tokens[id] = content;
    if (id >= own)
      model.types[id] = int32_t(at.flag("special", false) ? TokenType::Control : TokenType::UserDefined);
  });
  const std::pair<const char *, std::optional<uint32_t> &> roles[] = {
      {"bos_token", model.bos}, {"eos_token", model.eos}, {"pad_token", model.pad}, {"unk_token", model.unk}};
  for (auto &[name, id] : roles)
    if (std::string token = roleToken(name); !token.empty())
      if (auto found = find(model.tokens, token); found != model.tokens.end())
        id = uint32_t(found - model.tokens.begin());
}

std::optional<TokenizerModel> FolderReader::readSentencePiece() {
  size_t before = diagnostics.count();
  std::optional<std::string> bytes = readText("tokenizer.model");
  std::optional<TokenizerModel> model;
  if (bytes)
    model = readSentencePieceFile(*bytes, "tokenizer.model", diagnostics);
  if (!model)
    return std::nullopt;
  addTokens(*model);
  if (std::optional<bool> add = config("add_bos_token").boolean())
    model->addBos = add;
  if (std::optional<bool> add = config("add_eos_token").boolean())
    model->addEos = add;
  model->chatTemplate = readChatTemplate();
  return diagnostics.count() == before ? std::move(model) : std::nullopt;
}

/// What a tokenizer.json would say; null if there is nothing to read it from.
nlohmann::json FolderReader::describe() {
  JsonView whole(&configJson, "tokenizer_config.json", &diagnostics);
  if (has("tokenizer.json"))
    return readJson("tokenizer.json");
  if (has("vocab.json")) {
    std::optional<std::string> merges = readText("merges.txt");
    return describeMergeFiles(readJson("vocab.json"), merges.value_or(""), whole);
  }
  if (std::optional<std::string> words = has("vocab.txt") ? readText("vocab.txt") : std::nullopt)
    return describeWordList(*words, whole);
  return nullptr;
}

std::optional<TokenizerModel> FolderReader::read() {
  size_t before = diagnostics.count();
  configJson = readJson("tokenizer_config.json");
  mapJson = readJson("special_tokens_map.json");
  if (!has("tokenizer.json") && has("tokenizer.model"))
    return readSentencePiece();
  nlohmann::json json = describe();
  if (json.is_null())
    return std::nullopt;
  const char *name = has("tokenizer.json") ? "tokenizer.json" : has("vocab.json") ? "vocab.json" : "vocab.txt";
  JsonView view(&json, name, &diagnostics);
  readJsonModel(draft, view["model"]);
  readJsonAddedTokens(draft, view["added_tokens"]);
  readDecoderTokens();
  readRoles();
  readTokenizerJson(draft, view);
  readAround();
  draft.model.chatTemplate = readChatTemplate();
  draft.model.addBos = draft.model.bos && is_contained(draft.pipeline.prefix, *draft.model.bos);
  draft.model.addEos = draft.model.eos && is_contained(draft.pipeline.suffix, *draft.model.eos);
  if (diagnostics.count() != before)
    return std::nullopt;
  draft.model.pipeline = std::move(draft.pipeline);
  return std::move(draft.model);
}

void tenon::readTokenizerJson(TokenizerDraft &draft, JsonView json) {
  readJsonNormalizer(draft, json["normalizer"]);
  readJsonPreTokenizer(draft, json["pre_tokenizer"]);
  readJsonPostProcessor(draft, json["post_processor"]);
  if (draft.model.tokens.empty())
    json["model"]["vocab"].report("expects at least one token");
  // Ids that no token has stay free.
  readJsonDecoder(draft, json["decoder"]);
  for (auto [id, type] : enumerate(draft.model.types))
    if (type == 0)
      type = int32_t(TokenType::Unused);
}

std::optional<TokenizerModel> tenon::readHuggingFaceTokenizer(StringRef folder, Diagnostics &diagnostics) {
  return FolderReader(folder, diagnostics).read();
}

std::optional<TokenizerModel> tenon::parseTokenizerJson(StringRef text, Diagnostics &diagnostics) {
  size_t before = diagnostics.count();
  nlohmann::json json = nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    diagnostics.report("tokenizer.json", "is not well-formed JSON");
    return std::nullopt;
  }
  TokenizerDraft draft;
  JsonView view(&json, "tokenizer.json", &diagnostics);
  readJsonModel(draft, view["model"]);
  readJsonAddedTokens(draft, view["added_tokens"]);
  readTokenizerJson(draft, view);
  if (diagnostics.count() != before)
    return std::nullopt;
  draft.model.pipeline = std::move(draft.pipeline);
  return std::move(draft.model);
}
