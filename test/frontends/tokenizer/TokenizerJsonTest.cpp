//===- TokenizerJsonTest.cpp - tokenizer.json against the library that writes it ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// golden/ is by tools/dev/make-tokenizer-json-golden: the models once, and a file for each stack of steps around them.

#include "../../runtime/text/Golden.h"

#include <chrono>
#include <iostream>

using namespace tenon;
using namespace tenon::test;
using nlohmann::json;

/// The tokenizer.json of a stack.
static std::string stackText(const json &stack) {
  json whole;
  whole["model"] = readGolden("models.json")[stack["model"].get<std::string>()];
  for (const char *part : {"added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"})
    whole[part] = stack[part];
  return whole.dump();
}

static std::optional<TokenizerModel> readStack(const json &stack) {
  Diagnostics diagnostics;
  std::optional<TokenizerModel> model = parseTokenizerJson(stackText(stack), diagnostics);
  for (const Problem &problem : diagnostics.problems())
    ADD_FAILURE() << problem.path << ": " << problem.message;
  return model;
}

class StackTest : public testing::TestWithParam<const char *> {};

TEST_P(StackTest, MatchesReference) {
  json stack = readGolden(std::string(GetParam()) + ".json");
  std::optional<TokenizerModel> model = readStack(stack);
  ASSERT_TRUE(model);
  OpenTokenizer tokenizer(*model);
  ASSERT_GT(stack["cases"].size(), 100u);
  for (const json &one : stack["cases"]) {
    std::string text = fromHex(one["text"]);
    Ids ids = one["ids"], whole = one.contains("whole") ? one["whole"].get<Ids>() : ids;
    EXPECT_EQ(tokenizer.encode(text, TENON_ENCODE_PARSE_SPECIAL), ids) << testing::PrintToString(text);
    EXPECT_EQ(tokenizer.encode(text, TENON_ENCODE_PARSE_SPECIAL | TENON_ENCODE_ADD_SPECIAL), whole) << testing::PrintToString(text);
    // Bytes that make no character are U+FFFD there and themselves here.
    std::string decoded = fromHex(one.value("decoded", ""));
    if (one.contains("decoded") && decoded.find("\xef\xbf\xbd") == std::string::npos) {
      EXPECT_EQ(tokenizer.decode(ids, 0), decoded) << testing::PrintToString(text);
    }
  }
  std::cout << GetParam() << ": " << stack["cases"].size() << " texts\n";
}

// 100 KB of one character take no time, whatever the kind.
TEST_P(StackTest, IsQuickOnLongRuns) {
  std::optional<TokenizerModel> model = readStack(readGolden(std::string(GetParam()) + ".json"));
  ASSERT_TRUE(model);
  OpenTokenizer tokenizer(*model);
  auto begin = std::chrono::steady_clock::now();
  for (const char *unit : {"a", " ", "\n", "1", "=", "\xcc\x81", "\xe4\xb8\xad", "\xf0\x9f\x98\x80", "'", "\xe2\x96\x81", "<", "\xff"}) {
    std::string text;
    while (text.size() < 100'000)
      text += unit;
    tokenizer.encode(text, TENON_ENCODE_PARSE_SPECIAL);
  }
  std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(taken.count(), 12 * 0.5);
}

INSTANTIATE_TEST_SUITE_P(Stacks, StackTest,
                         testing::Values("gpt2", "roberta", "llama3", "qwen2", "deepseek", "smollm", "falcon", "kimi", "lowercase",
                                         "llama2", "gemma", "mistral", "unknown", "unfused", "t5", "xlm", "pieces-bytes", "bert",
                                         "bert-cased", "list", "cuts"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });
