//===- BlobTest.cpp - damaged tokenizers and models that do not hold together -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Golden.h"
#include "tenon/runtime/text/format.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace tenon;
using namespace tenon::test;

/// A vocabulary small enough that each of its bytes can be damaged.
static TokenizerModel smallModel(TokenizerKind kind) {
  TokenizerModel model;
  model.kind = kind;
  model.preTokenizer = "smollm";
  model.tokens = {"<s>", "</s>", "a", "b", "ab", "c", "abc", "\xc4\xa0"};
  model.types = {3, 3, 1, 1, 1, 1, 1, 1};
  model.bos = 0;
  model.eos = 1;
  model.chatTemplate = "{{ messages[0].content }}";
  if (kind == TokenizerKind::ByteLevelBpe)
    model.merges = {{"a", "b"}, {"ab", "c"}};
  else
    model.scores = {0, 0, -1, -1, -2, -1, -3, 0};
  return model;
}

/// Opens a copy of exactly this size, so that reading beyond it is seen, and uses what opens.
static tenon_status use(const std::vector<uint8_t> &bytes) {
  std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  tenon_tokenizer *tokenizer = nullptr;
  tenon_status status = tenon_tokenizer_open(copy.get(), bytes.size(), &tokenizer);
  if (status.code)
    return status;
  int32_t *ids = nullptr;
  size_t count = 0;
  const char text[] = "abc ab1<s>\xff  ab";
  if (!tenon_tokenizer_encode(tokenizer, text, strlen(text), 3, &ids, &count).code) {
    char *decoded = nullptr;
    size_t size = 0;
    EXPECT_EQ(tenon_tokenizer_decode(tokenizer, ids, count, 1, &decoded, &size).code, TENON_OK);
    tenon_text_free(decoded);
    tenon_text_free(ids);
  }
  tenon_message message = {"user", 4, "x", 1, nullptr, 0};
  char *rendered = nullptr;
  size_t size = 0;
  if (!tenon_chat_render(tokenizer, &message, 1, 1, &rendered, &size).code)
    tenon_text_free(rendered);
  tenon_tokenizer_close(tokenizer);
  return status;
}

class DamagedBlobTest : public testing::TestWithParam<TokenizerKind> {};

TEST_P(DamagedBlobTest, EveryTruncationIsRefused) {
  std::vector<uint8_t> blob = OpenTokenizer(smallModel(GetParam())).blob;
  for (size_t size = 0; size < blob.size(); ++size) {
    tenon_status status = use({blob.begin(), blob.begin() + size});
    EXPECT_EQ(status.code, TENON_UNSUPPORTED) << size;
    EXPECT_NE(status.msg[0], 0);
  }
  blob.push_back(0);
  EXPECT_EQ(use(blob).code, TENON_UNSUPPORTED);
}

TEST_P(DamagedBlobTest, DamageDoesNoHarm) {
  const std::vector<uint8_t> blob = OpenTokenizer(smallModel(GetParam())).blob;
  for (size_t at = 0; at < blob.size(); ++at)
    for (int value : {0, 1, 0x7f, 0x80, 0xff, blob[at] ^ 1, blob[at] + 1}) {
      std::vector<uint8_t> damaged = blob;
      damaged[at] = uint8_t(value);
      use(damaged);
    }
  std::mt19937 source(5);
  for (int i = 0; i < 5000; ++i) {
    std::vector<uint8_t> damaged = blob;
    for (int n = 0; n < 4; ++n)
      damaged[source() % 160] = uint8_t(source() % 8 ? source() % 200 : 0xff);
    use(damaged);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DamagedBlobTest, testing::Values(TokenizerKind::ByteLevelBpe, TokenizerKind::SentencePiece),
                         [](const auto &info) { return info.index ? "sentencepiece" : "bpe"; });

static std::string refusal(std::vector<uint8_t> blob, int word, uint32_t value) {
  std::memcpy(blob.data() + 4 * word, &value, sizeof value);
  tenon_status status = use(blob);
  EXPECT_EQ(status.code, TENON_UNSUPPORTED);
  return status.msg;
}

TEST(DamagedHeaderTest, SaysWhatIsWrong) {
  std::vector<uint8_t> blob = OpenTokenizer(smallModel(TokenizerKind::ByteLevelBpe)).blob;
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_MAGIC, 1), "this is not a tokenizer");
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_VERSION, 9), "the tokenizer has format 9, but this runtime reads 2");
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_KIND, 8), "the tokenizer is of kind 8, which this runtime does not know");
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_TOKENS, 0), "the tokenizer is damaged: it has no tokens, or too many");
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_TOKENS, 1u << 23),
            "the tokenizer is damaged: expects 33554432 bytes of token ends, but got 32");
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_EOS, 8), "the tokenizer is damaged: a special token is not in the vocabulary");
  EXPECT_EQ(refusal(blob, TENON_TEXT_HEADER_SECTIONS, 1u << 30), "the tokenizer is damaged: its token ends lie outside the file");
}

static std::string buildError(const TokenizerModel &model) {
  llvm::Expected<std::vector<uint8_t>> blob = buildTokenizerBlob(model);
  return blob ? "" : llvm::toString(blob.takeError());
}

TEST(BuildTest, RefusesWhatDoesNotHoldTogether) {
  const TokenizerModel good = smallModel(TokenizerKind::ByteLevelBpe);
  TokenizerModel model = good;
  model.preTokenizer = "klingon";
  EXPECT_EQ(buildError(model).substr(0, 70), "pre-tokenizer 'klingon' is not supported; expects one of gpt-2, phi-2,");
  model = good;
  model.types.pop_back();
  EXPECT_EQ(buildError(model), "expects a type for each of 8 tokens, but got 7");
  model = good;
  model.types[2] = 9;
  EXPECT_EQ(buildError(model), "token 2 has type 9, but expects 1 to 6");
  model = good;
  model.merges.push_back({"ab", ""});
  EXPECT_EQ(buildError(model), "merge 2 is 'ab ', but expects two tokens");
  model = good;
  model.eos = 8;
  EXPECT_EQ(buildError(model), "the eos token is 8, but the vocabulary has 8");
  model = good;
  model.types[2] = 6;
  EXPECT_EQ(buildError(model), "byte token 2 is 'a', but expects the form <0x0A>");
  model = smallModel(TokenizerKind::SentencePiece);
  model.scores[1] = NAN;
  EXPECT_EQ(buildError(model), "a token's score is not a number");
  EXPECT_EQ(buildError(TokenizerModel()), "expects between 1 and 16777216 tokens, but got 0");
}

TEST(BuildTest, NotesWhatIsLeftOut) {
  TokenizerModel model = smallModel(TokenizerKind::ByteLevelBpe);
  model.merges.push_back({"b", "c"});
  std::vector<std::string> notes;
  ASSERT_TRUE(bool(buildTokenizerBlob(model, &notes)));
  EXPECT_EQ(notes, (std::vector<std::string>{"1 of 3 merges name tokens that the vocabulary lacks; they are left out"}));
}

TEST(BuildTest, IsReproducible) {
  TokenizerModel model = readVocabulary("vocabulary-bpe.json", "smollm");
  EXPECT_EQ(*buildTokenizerBlob(model), *buildTokenizerBlob(model));
}
