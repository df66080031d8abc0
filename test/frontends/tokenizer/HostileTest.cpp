//===- HostileTest.cpp - tokenizer files that do not hold together ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/tokenizer/Tokenizer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace tenon;
using testing::ElementsAre;

/// Every problem as "path: message".
static std::vector<std::string> problems(const std::string &json) {
  Diagnostics diagnostics;
  EXPECT_FALSE(parseTokenizerJson(json, diagnostics)) << json;
  std::vector<std::string> result;
  for (const Problem &problem : diagnostics.problems())
    result.push_back(problem.path + ": " + problem.message);
  return result;
}

static std::string withModel(const std::string &model) {
  return R"({"model": )" + model + "}";
}

TEST(HostileTokenizerTest, IsOneList) {
  EXPECT_THAT(problems(R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 1, "d": -1, "e": 1e99, "f": 16000000},
                           "merges": ["a b", "a x", "a", ["", "a"], 7], "unk_token": "?"},
                           "added_tokens": [{"id": 0, "content": "z"}, {"id": 99999999999, "content": "y"}],
                           "normalizer": {"type": "Shout"},
                           "pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "Up"},
                           "post_processor": {"type": "BertProcessing", "cls": ["a", 50], "sep": ["b", 1]}, "decoder": {"type": "CTC"}})"),
              testing::AllOf(testing::SizeIs(testing::Ge(13u)),
                             testing::Contains("tokenizer.json.model.vocab.c: has the number 1 of token 'b', or a second one"),
                             testing::Contains("tokenizer.json.model.vocab.d: expects an integer of at most 16777215, but got -1"),
                             testing::Contains("tokenizer.json.model.merges[0]: needs the token 'ab', which the vocabulary lacks"),
                             testing::Contains("tokenizer.json.model.merges[3]: needs the token '', which the vocabulary lacks"),
                             testing::Contains("tokenizer.json.model.unk_token: names the token '?', which the vocabulary lacks"),
                             testing::Contains(testing::StartsWith("tokenizer.json.normalizer: normalizer 'Shout' is not supported")),
                             testing::Contains(testing::StartsWith("tokenizer.json.decoder: decoder 'CTC' is not supported"))));
}

TEST(HostileTokenizerTest, RefusesOtherShapes) {
  EXPECT_THAT(problems("{"), ElementsAre("tokenizer.json: is not well-formed JSON"));
  EXPECT_THAT(problems("[]"), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(problems(std::string(200'000, '[')), ElementsAre("tokenizer.json: is not well-formed JSON"));
  EXPECT_THAT(
      problems(withModel(R"({"type": "Oracle"})")),
      testing::Contains("tokenizer.json.model.type: model 'Oracle' is not supported; expects one of BPE, Unigram, WordPiece, WordLevel"));
  EXPECT_THAT(problems(withModel(R"({"type": "BPE", "vocab": {"a": 16777215}, "merges": []})")),
              testing::Contains("tokenizer.json.model.vocab.a: expects a number near those of the other 1 tokens, but got 16777215"));
}

TEST(HostileTokenizerTest, RefusesPatternsItCannotTranslate) {
  Diagnostics diagnostics;
  std::optional<TokenizerModel> model = parseTokenizerJson(
      R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[a"}}})",
      diagnostics);
  ASSERT_TRUE(model);
  llvm::Expected<std::vector<uint8_t>> blob = buildTokenizerBlob(*model);
  ASSERT_FALSE(blob);
  EXPECT_EQ(llvm::toString(blob.takeError()), "the pattern '[a' has an unclosed class, which is not supported");
}
