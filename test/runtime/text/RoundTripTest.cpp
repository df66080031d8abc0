//===- RoundTripTest.cpp - text to tokens and back ----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Golden.h"

#include <chrono>
#include <numeric>
#include <random>

using namespace tenon;
using namespace tenon::test;

static std::string joined(const std::vector<std::string> &parts) {
  return std::accumulate(parts.begin(), parts.end(), std::string());
}

/// Text of random characters mixed with bytes that are no UTF-8.
static std::string randomText(std::mt19937 &source) {
  static const char *const parts[] = {"a",
                                      "the",
                                      " ",
                                      "  ",
                                      "\n",
                                      "1",
                                      "\xff",
                                      "\x80",
                                      "\xc3",
                                      "\xc3\xa9",
                                      "\xe4",
                                      "\xe4\xb8\xad",
                                      "\xe4\xb8",
                                      "\xf0\x9f",
                                      "\xf0\x9f\x98\x80",
                                      "\xed\xa0\x80",
                                      "\xc0\x80",
                                      "<|im_",
                                      "'",
                                      "\xf4\x90\x80\x80"};
  std::string text;
  for (size_t n = source() % 24; n > 0; --n)
    text += source() % 8 ? parts[source() % std::size(parts)] : std::string(1, char(source()));
  return text;
}

/// A token for each byte.
static Ids tokensOfBytes(const OpenTokenizer &tokenizer, const std::string &text) {
  Ids ids;
  for (char byte : text) {
    int32_t id = 0;
    size_t size = 0;
    for (const char *token; (token = tenon_tokenizer_token(tokenizer, id, &size)) && (size != 1 || *token != byte);)
      ++id;
    ids.push_back(id);
  }
  return ids;
}

class RoundTripTest : public testing::TestWithParam<const char *> {
protected:
  TokenizerModel model() const { return readVocabulary(GetParam()); }
};

// Any bytes come back as they were, at once and token by token.
TEST_P(RoundTripTest, KeepsAnyBytes) {
  OpenTokenizer tokenizer(model());
  std::mt19937 source(11);
  for (int i = 0; i < 3000; ++i) {
    std::string text = randomText(source);
    Ids ids = tokenizer.encode(text, i % 2 ? TENON_ENCODE_PARSE_SPECIAL : 0);
    ASSERT_EQ(tokenizer.decode(ids), text) << testing::PrintToString(text);
    ASSERT_EQ(joined(tokenizer.stream(ids)), text) << testing::PrintToString(text);
  }
}

// Tokens are found in time that hardly grows faster than the text, also when no pattern cuts it.
TEST_P(RoundTripTest, IsQuickOnLongRuns) {
  OpenTokenizer tokenizer(model());
  for (const char *unit : {"a", " ", "=", "\n", "\xff", "\xf0\x9f\x98\x80", "ab", "the", "\xe4\xb8\xad"}) {
    std::string text;
    while (text.size() < 100000)
      text += unit;
    auto start = std::chrono::steady_clock::now();
    Ids ids = tokenizer.encode(text);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_LT(seconds, 1.0) << testing::PrintToString(unit);
    EXPECT_EQ(tokenizer.decode(ids), text) << testing::PrintToString(unit);
  }
}

// A character spread over tokens is given out when its last byte comes.
TEST_P(RoundTripTest, StreamsWholeCharacters) {
  OpenTokenizer tokenizer(model());
  std::string text = "a\xf0\x9f\xa6\x84 \xe2\x82\xac\xc3\xb1"; // a🦄 €ñ
  Ids ids = tokensOfBytes(tokenizer, text);
  std::vector<std::string> expected = {"a", "", "", "", "\xf0\x9f\xa6\x84", " ", "", "", "\xe2\x82\xac", "", "\xc3\xb1", ""};
  EXPECT_EQ(tokenizer.stream(ids, TENON_DECODE_CONTINUE), expected);
}

// What cannot become a character is not held back, and the flush gives out a beginning that stayed one.
TEST_P(RoundTripTest, StreamsBrokenCharacters) {
  OpenTokenizer tokenizer(model());
  std::string text = "\xe4\xe4\xb8\x41\xf5\xe4\xb8";
  Ids ids = tokensOfBytes(tokenizer, text);
  std::vector<std::string> expected = {"", "\xe4", "", "\xe4\xb8\x41", "\xf5", "", "", "\xe4\xb8"};
  EXPECT_EQ(tokenizer.stream(ids, TENON_DECODE_CONTINUE), expected);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RoundTripTest, testing::Values("vocabulary-bpe.json", "vocabulary-sentencepiece.json"),
                         [](const auto &info) { return info.index ? "sentencepiece" : "bpe"; });

// Special tokens leave text only when asked for.
TEST(DecodeTest, SpecialTokens) {
  OpenTokenizer tokenizer(readVocabulary("vocabulary-bpe.json"));
  Ids ids = tokenizer.encode("<|im_start|>a<|im_end|>", TENON_ENCODE_PARSE_SPECIAL);
  EXPECT_EQ(tokenizer.decode(ids), "<|im_start|>a<|im_end|>");
  EXPECT_EQ(tokenizer.decode(ids, 0), "a");
  EXPECT_EQ(joined(tokenizer.stream(ids, 0)), "a");
}

// The space that SentencePiece puts in front is taken away again, unless the text goes on.
TEST(DecodeTest, SpaceInFront) {
  OpenTokenizer tokenizer(readVocabulary("vocabulary-sentencepiece.json"));
  Ids ids = tokenizer.encode("the", TENON_ENCODE_ADD_SPECIAL);
  EXPECT_EQ(ids.front(), 1);
  EXPECT_EQ(tokenizer.decode(ids, 0), "the");
  EXPECT_EQ(tokenizer.decode(ids, TENON_DECODE_CONTINUE), " the");
}

TEST(DecodeTest, RefusesUnknownIds) {
  OpenTokenizer tokenizer(readVocabulary("vocabulary-bpe.json"));
  char *text = nullptr;
  size_t size = 0;
  for (int32_t id : {-1, 600, INT32_MAX, INT32_MIN}) {
    tenon_status status = tenon_tokenizer_decode(tokenizer, &id, 1, 0, &text, &size);
    EXPECT_EQ(status.code, TENON_USAGE);
    EXPECT_EQ(std::string(status.msg), "expects a token below 600, but got " + std::to_string(id));
  }
}

// A vocabulary may lack bytes: they are lost, the rest stays, and the caller can know.
TEST(DecodeTest, LosesBytesTheVocabularyLacks) {
  TokenizerModel model = readVocabulary("vocabulary-bpe.json");
  for (std::string &token : model.tokens)
    if (token == "\xc4\x84") // the byte 4 in GPT-2's alphabet
      token = "unreachable";
  OpenTokenizer tokenizer(model);
  EXPECT_FALSE(tenon_tokenizer_has_byte(tokenizer, 4));
  EXPECT_TRUE(tenon_tokenizer_has_byte(tokenizer, 5));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("!\4!\5")), "!!\5");
}
