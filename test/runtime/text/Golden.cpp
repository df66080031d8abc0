//===- Golden.cpp - vocabularies and cases of test/runtime/text/golden -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Golden.h"

#include <fstream>
#include <sstream>

using namespace tenon;
using namespace tenon::test;

nlohmann::json tenon::test::readGolden(const std::string &name) {
  std::ifstream file("golden/" + name, std::ios::binary);
  EXPECT_TRUE(file) << "expects golden/" << name << " in the working directory";
  std::stringstream text;
  text << file.rdbuf();
  return nlohmann::json::parse(text.str(), nullptr, false);
}

static std::optional<uint32_t> readId(const nlohmann::json &json, const char *name) {
  return json.contains(name) ? std::optional<uint32_t>(json[name].get<uint32_t>()) : std::nullopt;
}

TokenizerModel tenon::test::readVocabulary(const std::string &name, const std::string &pre) {
  nlohmann::json json = readGolden(name);
  TokenizerModel model;
  llvm::Expected<TokenizerKind> kind = parseTokenizerKind(json["model"].get<std::string>());
  EXPECT_TRUE(bool(kind));
  model.kind = *kind;
  if (!pre.empty())
    model.preTokenizer = pre;
  model.tokens = json["tokens"].get<std::vector<std::string>>();
  model.types = json["types"].get<std::vector<int32_t>>();
  model.scores = json.value("scores", std::vector<double>());
  for (const std::string &merge : json.value("merges", std::vector<std::string>())) {
    auto [left, right] = llvm::StringRef(merge).split(' ');
    model.merges.emplace_back(left, right);
  }
  model.bos = readId(json, "bos");
  model.eos = readId(json, "eos");
  model.unk = readId(json, "unk");
  return model;
}

OpenTokenizer::OpenTokenizer(const TokenizerModel &model) {
  llvm::Expected<std::vector<uint8_t>> built = buildTokenizerBlob(model);
  if (!built) {
    ADD_FAILURE() << llvm::toString(built.takeError());
    return;
  }
  blob = std::move(*built);
  tenon_status status = tenon_tokenizer_open(blob.data(), blob.size(), &tokenizer);
  EXPECT_EQ(status.code, TENON_OK) << status.msg;
}

Ids OpenTokenizer::encode(const std::string &text, uint32_t flags) const {
  int32_t *ids = nullptr;
  size_t count = 0;
  tenon_status status = tenon_tokenizer_encode(tokenizer, text.data(), text.size(), flags, &ids, &count);
  EXPECT_EQ(status.code, TENON_OK) << status.msg;
  Ids result(ids, ids + count);
  tenon_text_free(ids);
  return result;
}

std::string OpenTokenizer::decode(const Ids &ids, uint32_t flags) const {
  char *text = nullptr;
  size_t size = 0;
  tenon_status status = tenon_tokenizer_decode(tokenizer, ids.data(), ids.size(), flags, &text, &size);
  EXPECT_EQ(status.code, TENON_OK) << status.msg;
  std::string result(text, size);
  tenon_text_free(text);
  return result;
}

std::vector<std::string> OpenTokenizer::stream(const Ids &ids, uint32_t flags) const {
  tenon_detokenizer *detokenizer = nullptr;
  tenon_status status = tenon_detokenizer_create(tokenizer, flags, &detokenizer);
  EXPECT_EQ(status.code, TENON_OK) << status.msg;
  std::vector<std::string> result;
  const char *text = nullptr;
  size_t size = 0;
  for (int32_t id : ids) {
    status = tenon_detokenizer_push(detokenizer, id, &text, &size);
    EXPECT_EQ(status.code, TENON_OK) << status.msg;
    result.emplace_back(text, size);
  }
  tenon_detokenizer_flush(detokenizer, &text, &size);
  result.emplace_back(text, size);
  tenon_detokenizer_destroy(detokenizer);
  return result;
}

std::string tenon::test::fromHex(const std::string &hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(char(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}
