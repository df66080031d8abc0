//===- EncodeTest.cpp - tokens against other implementations ------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Golden.h"

#include <thread>

using namespace tenon;
using namespace tenon::test;

/// Compares every case of a golden file, without and with special tokens recognised.
static void expectGolden(const OpenTokenizer &tokenizer, const nlohmann::json &golden) {
  ASSERT_GT(golden["cases"].size(), 100u);
  for (const nlohmann::json &one : golden["cases"]) {
    std::string text = fromHex(one["text"]);
    Ids ids = one["ids"], special = one.contains("special") ? one["special"].get<Ids>() : ids;
    EXPECT_EQ(tokenizer.encode(text), ids) << testing::PrintToString(text);
    EXPECT_EQ(tokenizer.encode(text, TENON_ENCODE_PARSE_SPECIAL), special) << testing::PrintToString(text);
  }
}

class EncodeTest : public testing::TestWithParam<const char *> {};

// The reference of each kind of model with the same vocabulary; of byte-level BPE with each pre-tokenizer.
TEST_P(EncodeTest, MatchesReference) {
  nlohmann::json golden = readGolden(std::string("encode-") + GetParam() + ".json");
  OpenTokenizer tokenizer(readVocabulary(golden["vocabulary"], golden.value("pre", "")));
  expectGolden(tokenizer, golden);
}

INSTANTIATE_TEST_SUITE_P(PreTokenizers, EncodeTest,
                         testing::Values("smollm", "gpt-2", "llama-bpe", "qwen2", "gpt-4o", "sentencepiece", "longest"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

// BOS and EOS come where the file asks for them, and only when the caller does too.
TEST(EncodeFlagsTest, AddsSpecialTokens) {
  TokenizerModel model = readVocabulary("vocabulary-bpe.json");
  model.addBos = true;
  model.addEos = true;
  OpenTokenizer tokenizer(model);
  Ids plain = tokenizer.encode("a");
  EXPECT_EQ(tokenizer.encode("a", TENON_ENCODE_ADD_SPECIAL), (Ids{1, plain[0], 2}));
  EXPECT_EQ(tokenizer.encode("", TENON_ENCODE_ADD_SPECIAL), (Ids{1, 2}));
  EXPECT_EQ(OpenTokenizer(readVocabulary("vocabulary-bpe.json")).encode("", TENON_ENCODE_ADD_SPECIAL), Ids{});
}

// SentencePiece puts its space in front of the text and behind each special token, as llama.cpp does.
TEST(EncodeFlagsTest, SpaceFollowsSpecialTokens) {
  OpenTokenizer tokenizer(readVocabulary("vocabulary-sentencepiece.json"));
  Ids word = tokenizer.encode("the");
  Ids expected = word;
  expected.push_back(2);
  expected.insert(expected.end(), word.begin(), word.end());
  EXPECT_EQ(tokenizer.encode("the</s>the", TENON_ENCODE_PARSE_SPECIAL), expected);
}

TEST(EncodeFlagsTest, SpaceInFrontCanBeOff) {
  TokenizerModel model = readVocabulary("vocabulary-sentencepiece.json");
  Ids spaced = OpenTokenizer(model).encode("the");
  model.addSpacePrefix = false;
  OpenTokenizer tokenizer(model);
  EXPECT_NE(tokenizer.encode("the"), spaced);
  EXPECT_EQ(tokenizer.encode(" the"), spaced);
  EXPECT_EQ(tokenizer.decode(spaced), " the");
}

static TokenizerModel longest(std::vector<std::string> tokens) {
  TokenizerModel model;
  model.kind = TokenizerKind::Longest;
  model.tokens = std::move(tokens);
  return model;
}

// What no token begins with is unknown, or lost where there is no such token; the text goes on behind its first byte.
TEST(EncodeLongestTest, SkipsUnknownBytes) {
  TokenizerModel model = longest({"a", "abc", "c", "?"});
  EXPECT_EQ(OpenTokenizer(model).encode("abxabc"), (Ids{0, 1}));
  model.unk = 3;
  EXPECT_EQ(OpenTokenizer(model).encode("abxabc"), (Ids{0, 3, 3, 1}));
}

// Tokens may spell parts of characters, and what a file escapes is one byte.
TEST(EncodeLongestTest, CutsWithinCharacters) {
  OpenTokenizer tokenizer(longest({R"(\xe4\xb8)", R"(\xad\n)", R"(\t\r\\)", R"(\'\")"}));
  Ids ids = tokenizer.encode("\xe4\xb8\xad\n\t\r\\'\"");
  EXPECT_EQ(ids, (Ids{0, 1, 2, 3}));
  EXPECT_EQ(tokenizer.decode(ids), "\xe4\xb8\xad\n\t\r\\'\"");
  EXPECT_EQ(tokenizer.stream(ids), (std::vector<std::string>{"", "\xe4\xb8\xad\n", "\t\r\\", "'\"", ""}));
}

TEST(EncodeLongestTest, RefusesUnknownEscapes) {
  for (std::string token : {R"(\q)", R"(\x4)", R"(\xg0)", R"(a\)"}) {
    llvm::Expected<std::vector<uint8_t>> blob = buildTokenizerBlob(longest({"a", token}));
    ASSERT_FALSE(bool(blob)) << token;
    EXPECT_EQ(llvm::toString(blob.takeError()), "token 1 is '" + token + "', but expects bytes with the escapes of Python");
  }
}

// A tokenizer may be used by many threads at once.
TEST(EncodeFlagsTest, IsSharedByThreads) {
  nlohmann::json golden = readGolden("encode-smollm.json");
  OpenTokenizer tokenizer(readVocabulary(golden["vocabulary"], golden["pre"]));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { expectGolden(tokenizer, golden); });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(EncodeFlagsTest, TellsTokensApart) {
  OpenTokenizer tokenizer(readVocabulary("vocabulary-bpe.json"));
  tenon_tokenizer_info info;
  tenon_tokenizer_get_info(tokenizer, &info);
  EXPECT_EQ(info.vocabulary, 600);
  EXPECT_EQ(info.bos, 1);
  EXPECT_EQ(info.eos, 2);
  EXPECT_EQ(info.eot, 2); // found by its spelling, <|im_end|>
  EXPECT_EQ(info.pad, -1);
  EXPECT_TRUE(tenon_tokenizer_is_special(tokenizer, 0));
  EXPECT_FALSE(tenon_tokenizer_is_special(tokenizer, 3)); // defined by the user
  EXPECT_FALSE(tenon_tokenizer_is_special(tokenizer, 100));
  EXPECT_TRUE(tenon_tokenizer_is_special(tokenizer, -1));
  EXPECT_TRUE(tenon_tokenizer_is_special(tokenizer, 600));
  EXPECT_TRUE(tenon_tokenizer_is_end(tokenizer, 0)); // <|endoftext|>
  EXPECT_TRUE(tenon_tokenizer_is_end(tokenizer, 2));
  EXPECT_FALSE(tenon_tokenizer_is_end(tokenizer, 1));
  size_t size = 0;
  const char *end = tenon_tokenizer_token(tokenizer, 2, &size);
  EXPECT_EQ(std::string(end, size), "<|im_end|>");
  EXPECT_EQ(tenon_tokenizer_token(tokenizer, 600, &size), nullptr);
}
