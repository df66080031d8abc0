//===- SpeedTest.cpp - how fast English becomes tokens ------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints MB/s on one core for a stack of each kind. The text is varied, so that not every word comes out of the cache of pieces.
//===----------------------------------------------------------------------===//

#include "../../runtime/text/Golden.h"

#include <chrono>
#include <iostream>
#include <random>

using namespace tenon;
using namespace tenon::test;

/// English of a million bytes: common words often, made-up ones now and then.
static std::string englishText() {
  static constexpr const char *words[] = {"the",  "compiler", "reads",  "model", "and",    "a",       "world",
                                          "it's", "question", "answer", "of",    "tokens", "between", "before"};
  std::mt19937 source(3);
  std::string text;
  while (text.size() < 1'000'000) {
    std::string word = words[source() % std::size(words)];
    if (source() % 8 == 0)
      for (unsigned i = 0; i < 3; ++i)
        word += char('a' + source() % 26);
    text += word + (source() % 12 == 0 ? ", " : source() % 16 == 0 ? ".\n" : " ");
  }
  return text;
}

TEST(SpeedTest, PrintsMegabytesASecond) {
  const std::string text = englishText();
  for (const char *name : {"gpt2", "llama3", "gemma", "t5", "bert"}) {
    nlohmann::json stack = readGolden(std::string(name) + ".json"), whole = stack;
    whole["model"] = readGolden("models.json")[stack["model"].get<std::string>()];
    Diagnostics diagnostics;
    std::optional<TokenizerModel> model = parseTokenizerJson(whole.dump(), diagnostics);
    ASSERT_TRUE(model);
    OpenTokenizer tokenizer(*model);
    double best = 1e9;
    for (int turn = 0; turn < 3; ++turn) {
      auto begin = std::chrono::steady_clock::now();
      tokenizer.encode(text);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::cout << name << ": " << double(text.size()) / best / 1e6 << " MB/s\n";
    // A sanitizer or a busy machine is an order of magnitude slower than what is printed.
    EXPECT_GT(double(text.size()) / best / 1e6, 0.2);
  }
}
