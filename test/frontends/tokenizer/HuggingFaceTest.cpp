//===- HuggingFaceTest.cpp - tokenizers of folders, whichever files they have -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "../../runtime/text/Golden.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include "gmock/gmock.h"

#include <bit>
#include <fstream>

using namespace tenon;
using namespace tenon::test;
using nlohmann::json;
using testing::ElementsAre;
using testing::StartsWith;

namespace {

class FolderTest : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("tokenizer", folder)); }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void write(const char *name, const std::string &content) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    std::ofstream(path.c_str(), std::ios::binary) << content;
  }
  /// What is read; every problem fails the test.
  TokenizerModel read() {
    Diagnostics diagnostics;
    std::optional<TokenizerModel> model = readHuggingFaceTokenizer(folder, diagnostics);
    for (const Problem &problem : diagnostics.problems())
      ADD_FAILURE() << problem.path << ": " << problem.message;
    EXPECT_TRUE(model);
    return model.value_or(TokenizerModel());
  }
  /// Every problem as "path: message"; there must be no tokenizer.
  std::vector<std::string> problems() {
    Diagnostics diagnostics;
    EXPECT_FALSE(readHuggingFaceTokenizer(folder, diagnostics));
    std::vector<std::string> result;
    for (const Problem &problem : diagnostics.problems())
      result.push_back(problem.path + ": " + problem.message);
    return result;
  }

  llvm::SmallString<128> folder;
};

/// Protocol buffers, as SentencePiece writes them.
std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7)
    bytes += char(value | 0x80);
  return bytes + char(value);
}
std::string field(uint32_t number, uint64_t value) {
  return varint(number << 3) + varint(value);
}
std::string field(uint32_t number, const std::string &bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string piece(const std::string &token, float score, uint32_t type) {
  std::string bytes(4, 0);
  for (unsigned i = 0; i < 4; ++i)
    bytes[i] = char(std::bit_cast<uint32_t>(score) >> (8 * i));
  return field(1, field(1, token) + varint(2 << 3 | 5) + bytes + field(3, type));
}

/// The tokenizer.model of the golden vocabulary.
std::string sentencePieceFile() {
  TokenizerModel golden = readVocabulary("../../../runtime/text/golden/vocabulary-sentencepiece.json");
  std::string file;
  for (size_t i = 0; i < golden.tokens.size(); ++i)
    file += piece(golden.tokens[i], float(golden.scores[i]), golden.types[i]);
  std::string training = field(3, 2) + field(40, *golden.unk) + field(41, *golden.bos) + field(42, *golden.eos) + field(43, ~uint64_t(0));
  return file + field(2, training) + field(3, field(3, 1) + field(4, uint64_t(0)) + field(5, 1)) + field(99, "of a later version");
}

/// A byte-level tokenizer of 'a', 'b' and "ab" with tokens around a text.
constexpr const char *smallTokenizer = R"({
  "added_tokens": [{"id": 3, "content": "<s>", "special": true}, {"id": 4, "content": "</s>", "special": true}],
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "decoder": {"type": "ByteLevel"},
  "post_processor": {"type": "BertProcessing", "cls": ["<s>", 3], "sep": ["</s>", 4]},
  "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})";

} // namespace

//===----------------------------------------------------------------------===//
// tokenizer.json and what stands beside it
//===----------------------------------------------------------------------===//

TEST_F(FolderTest, ReadsTokenizerJsonAlone) {
  write("tokenizer.json", smallTokenizer);
  TokenizerModel model = read();
  EXPECT_EQ(OpenTokenizer(model).encode("aba", TENON_ENCODE_ADD_SPECIAL), (Ids{3, 2, 0, 4}));
  EXPECT_FALSE(model.bos);
  EXPECT_EQ(model.chatTemplate, "");
}

TEST_F(FolderTest, ReadsRolesAsTextsAndObjects) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer_config.json", R"({"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>"}, "unk_token": null})");
  TokenizerModel model = read();
  EXPECT_EQ(model.bos, 3u);
  EXPECT_EQ(model.eos, 4u);
  EXPECT_FALSE(model.unk);
  EXPECT_EQ(model.addBos, true);
  EXPECT_EQ(model.addEos, true);
}

TEST_F(FolderTest, ReadsRolesOfTheMapWhereTheConfigurationIsSilent) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer_config.json", R"({"bos_token": "<s>"})");
  write("special_tokens_map.json", R"({"bos_token": "a", "eos_token": {"content": "</s>"}, "pad_token": "no token"})");
  TokenizerModel model = read();
  EXPECT_EQ(model.bos, 3u);
  EXPECT_EQ(model.eos, 4u);
  EXPECT_FALSE(model.pad);
}

TEST_F(FolderTest, ConfigurationSaysWhatStandsAtEachEnd) {
  write("tokenizer.json", smallTokenizer);
  auto encode = [&](const std::string &flags) {
    write("tokenizer_config.json", R"({"bos_token": "<s>", "eos_token": "</s>")" + flags + "}");
    return OpenTokenizer(read()).encode("ab", TENON_ENCODE_ADD_SPECIAL);
  };
  EXPECT_EQ(encode(""), (Ids{3, 2, 4}));
  EXPECT_EQ(encode(R"(, "add_bos_token": false)"), (Ids{2, 4}));
  EXPECT_EQ(encode(R"(, "add_eos_token": false)"), (Ids{3, 2}));
  EXPECT_EQ(encode(R"(, "add_bos_token": true, "add_eos_token": false)"), (Ids{3, 2}));
  EXPECT_EQ(encode(R"(, "add_bos_token": false, "add_eos_token": false)"), (Ids{2}));
}

TEST_F(FolderTest, ReadsTokensOfTheConfiguration) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer_config.json", R"({"eos_token": "<end>", "added_tokens_decoder": {
    "3": {"content": "<s>", "special": true}, "5": {"content": "<end>", "special": true}, "6": {"content": "word", "special": false}}})");
  TokenizerModel model = read();
  EXPECT_EQ(model.eos, 5u);
  OpenTokenizer tokenizer(model);
  EXPECT_EQ(tokenizer.encode("awordb<end>"), tokenizer.encode("awordb"));
  EXPECT_EQ(tokenizer.encode("awordb<end>", TENON_ENCODE_PARSE_SPECIAL), (Ids{0, 6, 1, 5}));
}

TEST_F(FolderTest, ReadsOneChatTemplate) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer_config.json", R"({"chat_template": "one"})");
  EXPECT_EQ(read().chatTemplate, "one");
}

TEST_F(FolderTest, ChoosesAmongNamedChatTemplates) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer_config.json", R"({"chat_template": [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]})");
  EXPECT_EQ(read().chatTemplate, "D");
  write("tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "R"}, {"name": "tool_use", "template": "T"}]})");
  EXPECT_EQ(read().chatTemplate, "R");
}

TEST_F(FolderTest, ChatTemplateOfItsOwnFileCountsMore) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer_config.json", R"({"chat_template": "in the configuration"})");
  write("chat_template.json", R"({"chat_template": "as JSON"})");
  EXPECT_EQ(read().chatTemplate, "as JSON");
  write("chat_template.jinja", "as Jinja\n");
  EXPECT_EQ(read().chatTemplate, "as Jinja\n");
}

//===----------------------------------------------------------------------===//
// The other files
//===----------------------------------------------------------------------===//

TEST_F(FolderTest, SentencePieceFileMatchesReference) {
  write("tokenizer.model", sentencePieceFile());
  TokenizerModel model = read();
  EXPECT_EQ(model.kind, TokenizerKind::SentencePiece);
  EXPECT_EQ(model.bos, 1u);
  EXPECT_EQ(model.eos, 2u);
  EXPECT_FALSE(model.pad);
  OpenTokenizer tokenizer(model);
  json golden = readGolden("../../../runtime/text/golden/encode-sentencepiece.json");
  ASSERT_GT(golden["cases"].size(), 100u);
  for (const json &one : golden["cases"])
    EXPECT_EQ(tokenizer.encode(fromHex(one["text"])), one["ids"].get<Ids>()) << one["text"];
}

TEST_F(FolderTest, TokensAreAddedToSentencePiece) {
  write("tokenizer.model", sentencePieceFile());
  write("tokenizer_config.json", R"({"add_bos_token": true, "add_eos_token": false, "eos_token": "<|im_end|>", "chat_template": "T",
    "added_tokens_decoder": {"1": {"content": "<s>", "special": true}, "600": {"content": "<|im_start|>", "special": true},
                             "602": {"content": "<|im_end|>", "special": true}, "603": {"content": "<tool>", "special": false}}})");
  TokenizerModel model = read();
  EXPECT_EQ(model.tokens.size(), 604u);
  EXPECT_EQ(model.types[601], int32_t(TokenType::Unused));
  EXPECT_EQ(model.eos, 602u);
  EXPECT_EQ(model.chatTemplate, "T");
  OpenTokenizer tokenizer(model);
  EXPECT_EQ(tokenizer.encode("<|im_start|><|im_end|>", TENON_ENCODE_PARSE_SPECIAL | TENON_ENCODE_ADD_SPECIAL), (Ids{1, 600, 602}));
  EXPECT_EQ(tokenizer.encode("<tool>"), (Ids{603}));
}

TEST_F(FolderTest, ReadsVocabularyAndMerges) {
  write("vocab.json", R"({"a": 0, "b": 1, "ab": 2, "aba": 3, "<end>": 4, "\u0120": 5})");
  write("merges.txt", "#version: 0.2\na b\r\nab a\n");
  write("tokenizer_config.json", R"({"eos_token": "<end>", "bos_token": "<end>"})");
  TokenizerModel model = read();
  EXPECT_EQ(model.eos, 4u);
  OpenTokenizer tokenizer(model);
  EXPECT_EQ(tokenizer.encode("abab aba<end>", TENON_ENCODE_PARSE_SPECIAL | TENON_ENCODE_ADD_SPECIAL), (Ids{2, 2, 5, 3, 4}));
  EXPECT_EQ(tokenizer.decode({2, 2, 5, 3}), "abab aba");
}

TEST_F(FolderTest, ReadsListOfWords) {
  write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nplay\n##ing\nuna\n\n##s\nplay\n");
  OpenTokenizer tokenizer(read());
  // A word's number is its line's, the last one's if it has two.
  EXPECT_EQ(tokenizer.encode("Playing pl\xc3\xa1ys", TENON_ENCODE_ADD_SPECIAL), (Ids{2, 9, 5, 9, 8, 3}));
  EXPECT_EQ(tokenizer.encode("zoo una"), (Ids{1, 6}));
  write("tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_EQ(OpenTokenizer(read()).encode("Playing una"), (Ids{1, 6}));
}

TEST_F(FolderTest, TokenizerJsonCountsMost) {
  write("tokenizer.json", smallTokenizer);
  write("tokenizer.model", "damaged");
  write("vocab.txt", "[UNK]\n");
  EXPECT_EQ(read().tokens.size(), 5u);
}

TEST_F(FolderTest, FolderNeedNotHaveOne) {
  EXPECT_THAT(problems(), ElementsAre());
  write("tokenizer_config.json", R"({"bos_token": "<s>"})");
  EXPECT_THAT(problems(), ElementsAre());
}

//===----------------------------------------------------------------------===//
// Hostile files
//===----------------------------------------------------------------------===//

TEST_F(FolderTest, ProblemsOfAllFilesAreOneList) {
  write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 0, "c": 4294967296, "d": 1e30}},
    "added_tokens": [{"id": 16777215, "content": "<s>"}, {"id": 1, "content": ""}],
    "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}, {"Sequence": {}}],
                       "special_tokens": {"x": {"ids": [7]}}}})");
  write("tokenizer_config.json",
        R"({"add_bos_token": "yes", "chat_template": 7, "added_tokens_decoder": {"x": {"content": "y"}, "-1": 3}})");
  write("special_tokens_map.json", "{");
  EXPECT_THAT(problems(), testing::UnorderedElementsAre(
                              "special_tokens_map.json: is not well-formed JSON",
                              "tokenizer.json.model.vocab.b: has the number 0 of token 'a', or a second one",
                              "tokenizer.json.model.vocab.c: expects an integer of at most 16777215, but got 4294967296",
                              "tokenizer.json.model.vocab.d: expects an integer of at most 16777215, but got 1e+30",
                              "tokenizer.json.model.merges: expects a list of pairs of tokens, but got nothing",
                              "tokenizer.json.added_tokens[0].id: expects a number near those of the other tokens, but got 16777215",
                              "tokenizer.json.added_tokens[1]: expects a token and its number, but got an object",
                              "tokenizer.json.post_processor.special_tokens.x.ids[0]: expects a token below 1, but got 7",
                              "tokenizer_config.json.added_tokens_decoder.x: expects a token under its number, but got an object",
                              "tokenizer_config.json.added_tokens_decoder.-1: expects a token under its number, but got 3",
                              "tokenizer_config.json.add_bos_token: expects true or false, but got \"yes\"",
                              "tokenizer_config.json.chat_template: expects a string, but got 7"));
}

TEST_F(FolderTest, RefusesStepsWithoutEnd) {
  std::string deep = R"({"type": "NFC"})";
  for (int i = 0; i < 20000; ++i)
    deep = R"({"type": "Sequence", "normalizers": [)" + deep + "]}";
  write("tokenizer.json", R"({"model": {"vocab": {"a": 0}, "merges": []}, "normalizer": )" + deep + "}");
  EXPECT_THAT(problems(), ElementsAre(testing::EndsWith("expects sequences nested at most 8 deep")));
}

TEST_F(FolderTest, RefusesVocabularyWithoutMerges) {
  write("vocab.json", R"({"a": 0})");
  EXPECT_THAT(problems(), ElementsAre(StartsWith("merges.txt: cannot be read")));
  write("merges.txt", "a b\na a\nx\n");
  EXPECT_THAT(problems(), ElementsAre("vocab.json.model.merges[0]: needs the token 'b', which the vocabulary lacks",
                                      "vocab.json.model.merges[1]: needs the token 'aa', which the vocabulary lacks",
                                      "vocab.json.model.merges[2]: needs the token 'x', which the vocabulary lacks"));
  write("vocab.json", R"(["a"])");
  EXPECT_THAT(problems(), testing::Contains(StartsWith("vocab.json.model.vocab: expects an object of tokens and their numbers")));
}

TEST_F(FolderTest, RefusesEmptyListOfWords) {
  write("vocab.txt", "");
  EXPECT_THAT(problems(), testing::Contains("vocab.txt.model.vocab: expects at least one token"));
}

TEST_F(FolderTest, RefusesDamagedSentencePiece) {
  const char *damaged = "tokenizer.model: is no SentencePiece model: its fields do not hold together";
  write("tokenizer.model", "");
  EXPECT_THAT(problems(), ElementsAre("tokenizer.model: expects at least one piece"));
  write("tokenizer.model", "not a message");
  EXPECT_THAT(problems(), ElementsAre(damaged));
  // A field of 2^63 bytes.
  write("tokenizer.model", varint(1 << 3 | 2) + varint(uint64_t(1) << 63) + "a");
  EXPECT_THAT(problems(), ElementsAre(damaged));
  // A piece that is cut.
  write("tokenizer.model", field(1, varint(1 << 3 | 2) + varint(50) + "a"));
  EXPECT_THAT(problems(), ElementsAre(damaged));
  // A number without an end.
  write("tokenizer.model", std::string(20, '\xff'));
  EXPECT_THAT(problems(), ElementsAre(damaged));
}

TEST_F(FolderTest, RefusesSentencePieceThatContradictsItself) {
  write("tokenizer.model", piece("<unk>", 0, 2) + piece("a", -1, 9) + field(2, field(3, 4) + field(24, 1) + field(42, 1000)) +
                               field(3, field(5, uint64_t(0))));
  EXPECT_THAT(problems(), ElementsAre("tokenizer.model.pieces[1]: expects a type of 1 to 6, but got 9",
                                      "tokenizer.model.trainer_spec: spaces behind words are not supported",
                                      "tokenizer.model.normalizer_spec: spaces that stay spaces are not supported",
                                      "tokenizer.model.trainer_spec: expects a token below 2, but got 1000",
                                      "tokenizer.model.trainer_spec.model_type: expects 1 (unigram) or 2 (BPE), but got 4"));
}

TEST_F(FolderTest, RefusesTokensThatCannotBeAddedToSentencePiece) {
  write("tokenizer.model", sentencePieceFile());
  write("tokenizer_config.json", R"({"add_bos_token": 1, "added_tokens_decoder": {
    "1": {"content": "<other>"}, "99999999": {"content": "<far>"}, "99999999999999999999": {"content": "<farther>"}}})");
  EXPECT_THAT(problems(),
              testing::UnorderedElementsAre(
                  "tokenizer_config.json.added_tokens_decoder.1: names token 1 '<other>', which is '<s>' in tokenizer.model",
                  "tokenizer_config.json.added_tokens_decoder.99999999: expects a number near those of the 600 pieces, but got 99999999",
                  "tokenizer_config.json.added_tokens_decoder.99999999999999999999: expects a token under its number, but got an object",
                  "tokenizer_config.json.add_bos_token: expects true or false, but got 1"));
}
