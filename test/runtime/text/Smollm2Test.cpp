//===- Smollm2Test.cpp - the real model's tokenizer ---------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs where TENON_SMOLLM2_GGUF names SmolLM2-135M-Instruct.Q4_1.gguf.

#include "Golden.h"
#include "tenon/frontends/gguf/Source.h"

#include <cstdlib>

using namespace tenon;
using namespace tenon::test;

class Smollm2Test : public testing::Test {
protected:
  void SetUp() override {
    const char *path = std::getenv("TENON_SMOLLM2_GGUF");
    if (!path || !*path)
      GTEST_SKIP() << "TENON_SMOLLM2_GGUF is not set";
    Diagnostics diagnostics;
    auto file = gguf::File::open(path, diagnostics);
    ASSERT_TRUE(file);
    std::optional<TokenizerModel> model = gguf::readTokenizer(*file, diagnostics);
    ASSERT_TRUE(model);
    tokenizer = std::make_unique<OpenTokenizer>(*model);
  }

  std::unique_ptr<OpenTokenizer> tokenizer;
};

TEST_F(Smollm2Test, MatchesReference) {
  const nlohmann::json golden = readGolden("encode-smollm2.json");
  for (const nlohmann::json &one : golden["cases"]) {
    std::string text = fromHex(one["text"]);
    Ids ids = one["ids"], special = one.contains("special") ? one["special"].get<Ids>() : ids;
    EXPECT_EQ(tokenizer->encode(text), ids) << testing::PrintToString(text);
    EXPECT_EQ(tokenizer->encode(text, TENON_ENCODE_PARSE_SPECIAL), special) << testing::PrintToString(text);
    EXPECT_EQ(tokenizer->decode(special), text);
  }
}

TEST_F(Smollm2Test, RendersItsOwnTemplate) {
  tenon_message message = {"user", 4, "Hi", 2, nullptr, 0};
  char *text = nullptr;
  size_t size = 0;
  tenon_status status = tenon_chat_render(*tokenizer, &message, 1, 1, &text, &size);
  ASSERT_EQ(status.code, TENON_OK) << status.msg;
  EXPECT_EQ(std::string(text, size), "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
                                     "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  tenon_text_free(text);
}
