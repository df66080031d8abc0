//===- ReaderTest.cpp - what the reader finds in a sound file ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TinyModel.h"
#include "tenon/frontends/gguf/Source.h"

#include <gtest/gtest.h>

using namespace tenon;
using namespace tenon::gguf;

namespace {

std::unique_ptr<File> parse(const TinyModel &model, Diagnostics &diagnostics) {
  return File::parse(llvm::MemoryBuffer::getMemBufferCopy(model.write()), diagnostics);
}

std::unique_ptr<File> parse(const TinyModel &model) {
  Diagnostics diagnostics;
  std::unique_ptr<File> file = parse(model, diagnostics);
  for (const Problem &problem : diagnostics.problems())
    ADD_FAILURE() << problem.path << ": " << problem.message;
  return file;
}

// Values are read by what they say, whatever width the writer chose.
TEST(Reader, ConvertsValues) {
  TinyModel model;
  model.key("t.u64") = raw<uint32_t>(10) + raw<uint64_t>(7);
  model.key("t.i8") = raw<uint32_t>(1) + raw<int8_t>(-7);
  model.key("t.f64") = raw<uint32_t>(12) + raw<double>(0.5);
  model.key("t.bool") = raw<uint32_t>(7) + raw<uint8_t>(1);
  model.key("t.floats") = arrayValue(6, 2, raw(1.5f) + raw(2.5f));
  auto file = parse(model);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->find("t.u64")->asUnsigned(), 7u);
  EXPECT_EQ(file->find("t.u64")->asFloat(), 7.0);
  EXPECT_EQ(file->find("t.i8")->asUnsigned(), std::nullopt);
  EXPECT_EQ(file->find("t.i8")->signedAt(0), -7);
  EXPECT_EQ(file->find("t.f64")->asFloat(), 0.5);
  EXPECT_EQ(file->find("t.f64")->asUnsigned(), std::nullopt);
  EXPECT_EQ(file->find("t.bool")->asBool(), true);
  EXPECT_EQ(file->find("t.bool")->asUnsigned(), std::nullopt);
  EXPECT_EQ(file->find("t.floats")->floatAt(1), 2.5);
  EXPECT_EQ(file->find("t.floats")->asFloat(), std::nullopt);
  EXPECT_EQ(file->find("t.floats")->describe(), "array of 2 f32");
  EXPECT_EQ(file->find("general.name")->asString(), "Tiny");
  EXPECT_EQ(file->find("t.none"), nullptr);
}

TEST(Reader, VisitsStrings) {
  TinyModel model;
  model.key("t.texts") = textsValue({"", "b", "c c"});
  auto file = parse(model);
  std::vector<std::string> texts;
  EXPECT_TRUE(file->find("t.texts")->forEachString([&](llvm::StringRef text) { texts.push_back(text.str()); }));
  EXPECT_EQ(texts, (std::vector<std::string>{"", "b", "c c"}));
  EXPECT_FALSE(file->find("general.name")->forEachString([](llvm::StringRef) {}));
}

// Shapes are turned round, offsets count from the start of the file.
TEST(Reader, FindsTensors) {
  TinyModel model;
  auto file = parse(model);
  ASSERT_EQ(file->tensors().size(), model.tensors.size());
  const Tensor *tensor = file->findTensor("blk.0.attn_k.weight");
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->shape, (llvm::SmallVector<int64_t, 4>{16, 32}));
  EXPECT_EQ(tensor->type->name, "f32");
  EXPECT_EQ(tensor->bytes, 16u * 32 * 4);
  EXPECT_EQ(tensor->offset % 32, 0u);
  EXPECT_EQ(file->dataOf(*tensor).size(), tensor->bytes);
  EXPECT_EQ(file->findTensor("blk.9.attn_k.weight"), nullptr);
}

TEST(Reader, KeepsWhatIsSound) {
  TinyModel model;
  model.tensor("output_norm.weight").type = 99;
  Diagnostics diagnostics;
  auto file = parse(model, diagnostics);
  ASSERT_TRUE(file);
  EXPECT_EQ(diagnostics.count(), 1u);
  EXPECT_EQ(file->findTensor("output_norm.weight"), nullptr);
  EXPECT_NE(file->findTensor("token_embd.weight"), nullptr);
}

TEST(Reader, ReadsVersion2) {
  TinyModel model;
  model.version = 2;
  EXPECT_EQ(parse(model)->version(), 2u);
}

TEST(Reader, ReportsWhatCannotBeOpened) {
  for (const char *path : {"/nonexistent/model.gguf", "/"}) {
    Diagnostics diagnostics;
    EXPECT_EQ(File::open(path, diagnostics), nullptr);
    EXPECT_EQ(diagnostics.count(), 1u);
  }
}

// A number that a file repeats for each layer is one number if all are equal.
TEST(Source, ReadsOneNumberALayer) {
  TinyModel model;
  model.key("t.equal") = arrayValue(4, 3, raw(5u) + raw(5u) + raw(5u));
  model.key("t.different") = arrayValue(4, 3, raw(5u) + raw(6u) + raw(5u));
  auto file = parse(model);
  Source source(*file, "m.gguf");
  EXPECT_EQ(source.find("t.equal")->size, 5u);
  EXPECT_EQ(source.find("t.equal")->count, 3u);
  EXPECT_EQ(source.find("t.different")->size, std::nullopt);
}

TEST(Tokenizer, IsWhatTheFileSays) {
  TinyModel model;
  model.key("tokenizer.ggml.bos_token_id") = u32Value(1);
  model.key("tokenizer.ggml.add_bos_token") = raw<uint32_t>(7) + raw<uint8_t>(0);
  model.key("tokenizer.chat_template") = textValue("{{ x }}");
  auto file = parse(model);
  Diagnostics diagnostics;
  std::optional<TokenizerModel> tokenizer = readTokenizer(*file, diagnostics);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->kind, TokenizerKind::ByteLevelBpe);
  EXPECT_EQ(tokenizer->preTokenizer, "gpt-2");
  EXPECT_EQ(tokenizer->tokens, (std::vector<std::string>{"a", "b", "ab", "<|im_end|>"}));
  EXPECT_EQ(tokenizer->types, (std::vector<int32_t>{1, 1, 1, 3}));
  EXPECT_EQ(tokenizer->merges, (std::vector<std::pair<std::string, std::string>>{{"a", "b"}}));
  EXPECT_EQ(tokenizer->bos, 1u);
  EXPECT_EQ(tokenizer->eos, 3u);
  EXPECT_EQ(tokenizer->eot, std::nullopt);
  EXPECT_EQ(tokenizer->addBos, false);
  EXPECT_EQ(tokenizer->addEos, std::nullopt);
  EXPECT_EQ(tokenizer->chatTemplate, "{{ x }}");
}

// Generation ends at the file's end token and at control tokens that are known to end a turn.
TEST(Tokenizer, KnowsEndTokens) {
  TinyModel model;
  model.key("tokenizer.ggml.eos_token_id") = u32Value(0);
  auto file = parse(model);
  Diagnostics diagnostics;
  EXPECT_EQ(endTokens(*file, *readTokenizer(*file, diagnostics)), (std::vector<int64_t>{0, 3}));
}

TEST(Tokenizer, MayBeAbsent) {
  TinyModel model;
  model.dropKey("tokenizer.ggml.model");
  auto file = parse(model);
  Diagnostics diagnostics;
  EXPECT_EQ(readTokenizer(*file, diagnostics), std::nullopt);
  EXPECT_TRUE(diagnostics.empty());
}

} // namespace
