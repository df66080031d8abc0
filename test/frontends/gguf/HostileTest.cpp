//===- HostileTest.cpp - damaged and hostile GGUF files are messages ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TinyModel.h"
#include "tenon/frontends/families/Resolve.h"
#include "tenon/frontends/families/Select.h"
#include "tenon/frontends/gguf/Source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;
using namespace tenon::gguf;

namespace {

/// Reads the bytes as an import does, up to the IR; the result is the printed problems, or "ok".
std::string importBytes(const std::string &bytes) {
  Diagnostics diagnostics;
  std::unique_ptr<File> file = File::parse(llvm::MemoryBuffer::getMemBufferCopy(bytes), diagnostics);
  if (file) {
    readTokenizer(*file, diagnostics);
    Source source(*file, "model.gguf");
    std::vector<Family> families = loadFamilies("", diagnostics);
    auto isSupported = [](llvm::StringRef format) { return format == "f32" || format == "q4_0"; };
    const Family *family = selectFamily(families, source, diagnostics);
    std::optional<ModelPlan> plan = family ? resolveModel(*family, source, isSupported, diagnostics) : std::nullopt;
    EXPECT_TRUE(plan || !diagnostics.empty());
  }
  EXPECT_TRUE(file || !diagnostics.empty());
  if (diagnostics.empty())
    return "ok";
  std::string result;
  llvm::raw_string_ostream os(result);
  diagnostics.print(os, "model.gguf");
  return result;
}

/// One kind of damage and a part of the message that it must give.
struct Damage {
  const char *name;
  void (*apply)(TinyModel &);
  const char *message;
};

void PrintTo(const Damage &damage, std::ostream *os) {
  *os << damage.name;
}

class Hostile : public testing::TestWithParam<Damage> {};

TEST_P(Hostile, IsAMessage) {
  TinyModel model;
  GetParam().apply(model);
  EXPECT_THAT(importBytes(model.write()), testing::HasSubstr(GetParam().message));
}

constexpr uint64_t huge = ~uint64_t(0);

const Damage headers[] = {
    {"Magic", [](TinyModel &m) { m.magic = "GGML"; }, "expects it to start with GGUF, but got the bytes"},
    {"MagicSwapped", [](TinyModel &m) { m.magic = "FUGG"; }, "expects it to start with GGUF, but got the bytes"},
    {"Version1", [](TinyModel &m) { m.version = 1; }, "expects GGUF version 2 or 3, but got 1"},
    {"Version4", [](TinyModel &m) { m.version = 4; }, "expects GGUF version 2 or 3, but got 4"},
    {"BigEndian", [](TinyModel &m) { m.version = 0x03000000; }, "big-endian files are not supported"},
    {"KeyCountHuge", [](TinyModel &m) { m.keyCount = huge; }, "declares 18446744073709551615 keys"},
    {"KeyCountTooMany", [](TinyModel &m) { m.keyCount = 5000; }, "declares 5000 keys"},
    {"KeyCountOneMore", [](TinyModel &m) { m.keyCount = m.keys.size() + 1; }, "inside the entry of tensor"},
    {"TensorCountHuge", [](TinyModel &m) { m.tensorCount = huge; }, "declares 18446744073709551615 tensors"},
    {"TensorCountOverflow", [](TinyModel &m) { m.tensorCount = huge / 32 + 2; }, "tensors, but a file of this size"},
    {"TensorCountFewer", [](TinyModel &m) { m.tensorCount = 3; }, "blk.0.attn_q.weight: is missing"},
    {"NoKeys",
     [](TinyModel &m) {
       m.keyCount = 0;
       m.keys.clear();
     },
     "general.architecture"},
    {"NoTensors", [](TinyModel &m) { m.tensors.clear(); }, "is missing"},
};

const Damage keys[] = {
    {"KeyNameLength",
     [](TinyModel &m) {
       m.keys.back().second += raw<uint64_t>(huge);
       m.keyCount = m.keys.size() + 1;
     },
     "inside the name of key 16"},
    {"KeyNameEmpty", [](TinyModel &m) { m.keys.emplace_back("", u32Value(1)); }, "expects a name of 1 to 65535 bytes, but got 0"},
    {"KeyNameLong", [](TinyModel &m) { m.keys.emplace_back(std::string(70000, 'k'), u32Value(1)); },
     "expects a name of 1 to 65535 bytes, but got 70000"},
    {"KeyTwice", [](TinyModel &m) { m.keys.push_back(m.keys[0]); }, "general.architecture: is there twice"},
    {"KeyType", [](TinyModel &m) { m.key("x.y") = raw<uint32_t>(13); }, "x.y: expects a value type from 0 to 12, but got 13"},
    {"StringLength", [](TinyModel &m) { m.key("x.y") = raw<uint32_t>(8) + raw<uint64_t>(huge); }, "inside the value of x.y"},
    {"StringLengthNearly", [](TinyModel &m) { m.key("x.y") = raw<uint32_t>(8) + raw<uint64_t>(1 << 20); }, "inside the value of x.y"},
    {"BoolOfTwo", [](TinyModel &m) { m.key("x.y") = raw<uint32_t>(7) + raw<uint8_t>(2); }, "x.y: expects bools of 0 or 1, but got 2"},
    {"ArrayCountHuge", [](TinyModel &m) { m.key("x.y") = arrayValue(4, huge, ""); }, "x.y: declares 18446744073709551615 elements"},
    {"ArrayCountOverflow", [](TinyModel &m) { m.key("x.y") = arrayValue(10, huge / 8 + 2, ""); }, "x.y: declares"},
    {"ArrayOfArrays", [](TinyModel &m) { m.key("x.y") = arrayValue(9, 1, arrayValue(4, 0, "")); },
     "x.y: expects an array of numbers, bools or strings"},
    {"ArrayType", [](TinyModel &m) { m.key("x.y") = arrayValue(77, 1, ""); }, "but got elements of type 77"},
    {"ArrayStrings", [](TinyModel &m) { m.key("x.y") = arrayValue(8, 2, text("a") + raw<uint64_t>(huge)); }, "inside element 1 of x.y"},
    {"AlignmentZero", [](TinyModel &m) { m.key("general.alignment") = u32Value(0); }, "general.alignment: expects a power of two"},
    {"AlignmentOdd", [](TinyModel &m) { m.key("general.alignment") = u32Value(24); }, "general.alignment: expects a power of two"},
    {"AlignmentHuge", [](TinyModel &m) { m.key("general.alignment") = u32Value(1u << 31); }, "general.alignment: expects"},
    {"AlignmentText", [](TinyModel &m) { m.key("general.alignment") = textValue("32"); }, "but got string"},
    {"ControlCharacters", [](TinyModel &m) { m.key("llama.\x1b[2J") = u32Value(1); }, "llama.\\x1b[2J: is not understood"},
};

const Damage tensors[] = {
    {"RankZero", [](TinyModel &m) { m.tensor("output_norm.weight").rank = 0; }, "expects 1 to 4 dimensions, but got 0"},
    {"RankHuge", [](TinyModel &m) { m.tensor("output_norm.weight").rank = ~0u; }, "expects 1 to 4 dimensions, but got 4294967295"},
    {"DimensionZero", [](TinyModel &m) { m.tensor("output_norm.weight").shape = {0}; },
     "output_norm.weight: expects dimensions of 1 to 2^63 - 1, but got 0"},
    {"DimensionHuge",
     [](TinyModel &m) {
       auto &t = m.tensor("output_norm.weight");
       t.shape = {huge};
       t.bytes = 128;
     },
     "output_norm.weight: expects dimensions of 1 to 2^63 - 1"},
    {"SizeOverflow",
     [](TinyModel &m) {
       auto &t = m.tensor("token_embd.weight");
       t.shape = {1ull << 40, 1ull << 40};
       t.bytes = 128;
     },
     "token_embd.weight: has a size that overflows"},
    {"SizeOverflowByType",
     [](TinyModel &m) {
       auto &t = m.tensor("token_embd.weight");
       t.shape = {1ull << 62};
       t.bytes = 128;
     },
     "token_embd.weight: has a size that overflows"},
    {"SizeWraps",
     [](TinyModel &m) {
       auto &t = m.tensor("token_embd.weight");
       t.shape = {1ull << 32, 1ull << 32};
       t.bytes = 128;
     },
     "token_embd.weight: has a size that overflows"},
    {"SizeBeyondFile",
     [](TinyModel &m) {
       auto &t = m.tensor("token_embd.weight");
       t.shape = {32, 1u << 20};
       t.bytes = 512;
     },
     "token_embd.weight: expects 134217728 bytes at offset 0"},
    {"TypeUnknown", [](TinyModel &m) { m.tensor("token_embd.weight").type = 99; },
     "token_embd.weight: has the type number 99, which no known type has"},
    {"TypeRemoved", [](TinyModel &m) { m.tensor("token_embd.weight").type = 4; }, "has the type number 4"},
    {"TypeUnsupported", [](TinyModel &m) { m.tensor("token_embd.weight").type = 26; },
     "token_embd.weight: has the type i32, which is not supported yet"},
    {"RowNoMultiple", [](TinyModel &m) { m.tensor("blk.0.attn_q.weight") = {"blk.0.attn_q.weight", {30, 32}, 2}; },
     "blk.0.attn_q.weight: expects rows of a multiple of 32 elements for q4_0, but got 30"},
    {"OffsetUnaligned", [](TinyModel &m) { m.tensor("output_norm.weight").offset = 33; },
     "output_norm.weight: expects an offset that is a multiple of 32, but got 33"},
    {"OffsetHuge", [](TinyModel &m) { m.tensor("output_norm.weight").offset = huge - 31; },
     "output_norm.weight: expects 128 bytes at offset 18446744073709551584"},
    {"OffsetBeyondFile", [](TinyModel &m) { m.tensor("output_norm.weight").offset = 1 << 20; },
     "output_norm.weight: expects 128 bytes at offset 1048576 of the data"},
    {"Overlap", [](TinyModel &m) { m.tensor("output_norm.weight").offset = 0; },
     "output_norm.weight: shares bytes of the file with token_embd.weight"},
    {"OverlapInside", [](TinyModel &m) { m.tensor("output_norm.weight").offset = 32; }, "shares bytes of the file"},
    {"TensorTwice", [](TinyModel &m) { m.tensors.push_back(m.tensors[3]); }, "blk.0.attn_q.weight: is there twice"},
    {"TensorNameLong", [](TinyModel &m) { m.tensor(std::string(200, 't')); }, "expects a name of 1 to 64 bytes, but got 200"},
    {"TensorNameEmpty", [](TinyModel &m) { m.tensor(""); }, "tensor 11: expects a name of 1 to 64 bytes, but got 0"},
    {"DataCut", [](TinyModel &m) { m.cut = 100; }, "blk.0.ffn_down.weight: expects 8192 bytes"},
    {"DataGone", [](TinyModel &m) { m.tensors.back().bytes = 0; }, "blk.0.ffn_down.weight: expects 8192 bytes"},
};

const Damage models[] = {
    {"NoArchitecture", [](TinyModel &m) { m.dropKey("general.architecture"); }, "general.architecture"},
    {"ArchitectureUnknown", [](TinyModel &m) { m.key("general.architecture") = textValue("frob"); },
     "general.architecture: \"frob\" is not supported: expects one of bert"},
    {"ArchitectureNumber", [](TinyModel &m) { m.key("general.architecture") = u32Value(1); }, "is not supported"},
    {"LayersMissing", [](TinyModel &m) { m.dropKey("llama.block_count"); }, "llama.block_count: is missing"},
    {"LayersHuge", [](TinyModel &m) { m.key("llama.block_count") = u32Value(~0u); }, "llama.block_count: expects a size of 1 to"},
    {"LayersMany", [](TinyModel &m) { m.key("llama.block_count") = u32Value(1u << 30); },
     "layers: expects tensors for 1073741824 layers, but the file has 11"},
    {"LayersText", [](TinyModel &m) { m.key("llama.block_count") = textValue("one"); },
     "llama.block_count: expects a size, but got string \"one\""},
    {"LayersZero", [](TinyModel &m) { m.key("llama.block_count") = u32Value(0); }, "expects a size of 1 to"},
    {"HeadsDoNotDivide", [](TinyModel &m) { m.key("llama.attention.head_count_kv") = u32Value(3); },
     "heads: expects a multiple of kv_heads, but got heads = 4 and kv_heads = 3"},
    {"HeadsDoNotDivideHidden", [](TinyModel &m) { m.key("llama.attention.head_count") = u32Value(5); },
     "head_dim: 32 is not a multiple of 5"},
    {"RopeTooMany", [](TinyModel &m) { m.key("llama.rope.dimension_count") = u32Value(16); }, "rope_dims: expects an even number"},
    {"RopeOdd", [](TinyModel &m) { m.key("llama.rope.dimension_count") = u32Value(7); }, "rope_dims: expects an even number"},
    {"RopeScaling", [](TinyModel &m) { m.key("llama.rope.scaling.type") = textValue("sideways"); },
     "llama.rope.scaling.type: asks for a part of the block (rope_scaling) that there is not: expects one of none, linear, yarn, longrope"},
    {"Experts", [](TinyModel &m) { m.key("llama.expert_count") = u32Value(8); },
     "llama.expert_used_count: is missing, and the model's \"experts_used\" cannot be known without it"},
    {"KeyNotUnderstood", [](TinyModel &m) { m.key("llama.logit_scale") = f32Value(2); },
     "llama.logit_scale: is not understood by the family llama"},
    {"EpsilonNegative", [](TinyModel &m) { m.key("llama.attention.layer_norm_rms_epsilon") = f32Value(-1); },
     "expects a positive finite number"},
    {"EpsilonNan", [](TinyModel &m) { m.key("llama.attention.layer_norm_rms_epsilon") = f32Value(__builtin_nanf("")); },
     "expects a positive finite number"},
    {"RopeBaseInfinite", [](TinyModel &m) { m.key("llama.rope.freq_base") = f32Value(__builtin_inff()); },
     "llama.rope.freq_base: expects a positive finite number"},
    {"TensorMissing", [](TinyModel &m) { m.dropTensor("blk.0.attn_k.weight"); },
     "blk.0.attn_k.weight: is missing: expects the tensor of key.weight"},
    {"TensorShape", [](TinyModel &m) { m.tensor("blk.0.attn_k.weight").shape = {32, 32}; },
     "blk.0.attn_k.weight: expects the shape [16, 32] (kv_heads * head_dim, attention_input), but got [32, 32]"},
    {"TensorRank", [](TinyModel &m) { m.tensor("output_norm.weight").shape = {16, 1}; },
     "output_norm.weight: expects the shape [32] (hidden), but got [1, 16]"},
    {"TensorUnknown", [](TinyModel &m) { m.tensor("blk.0.attn_q_norm.weight"); },
     "blk.0.attn_q_norm.weight: is in the file, but the family llama has no parameter for it"},
    {"RopeFactorsZero", [](TinyModel &m) { m.tensor("rope_freqs.weight").shape = {4}; },
     "rope_freqs.weight: expects positive finite divisors"},
    {"VocabularySmaller", [](TinyModel &m) { m.tensor("token_embd.weight").shape = {32, 3}; },
     "token_embd.weight: expects the shape [4, 32]"},
    {"TokenizerUnknown", [](TinyModel &m) { m.key("tokenizer.ggml.model") = textValue("frob"); }, "tokenizer.ggml.model"},
    {"TokensNumber", [](TinyModel &m) { m.key("tokenizer.ggml.tokens") = u32Value(4); },
     "tokenizer.ggml.tokens: expects an array of strings, but got u32"},
    {"TokenTypesFewer", [](TinyModel &m) { m.key("tokenizer.ggml.token_type") = arrayValue(5, 1, raw<int32_t>(1)); },
     "tokenizer.ggml.token_type: expects an array of 4 numbers, one a token, but got array of 1 i32"},
    {"TokenTypeUnknown", [](TinyModel &m) { m.key("tokenizer.ggml.token_type") = arrayValue(5, 4, std::string(16, '\x7f')); },
     "tokenizer.ggml.token_type: expects numbers of 1 to 6"},
    {"EndBeyondTokens", [](TinyModel &m) { m.key("tokenizer.ggml.eos_token_id") = u32Value(4); },
     "tokenizer.ggml.eos_token_id: expects a token below 4, but got 4"},
};

std::string nameOfDamage(const testing::TestParamInfo<Damage> &info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Header, Hostile, testing::ValuesIn(headers), nameOfDamage);
INSTANTIATE_TEST_SUITE_P(Keys, Hostile, testing::ValuesIn(keys), nameOfDamage);
INSTANTIATE_TEST_SUITE_P(Tensors, Hostile, testing::ValuesIn(tensors), nameOfDamage);
INSTANTIATE_TEST_SUITE_P(Models, Hostile, testing::ValuesIn(models), nameOfDamage);

// The model that all others are damaged copies of is sound.
TEST(Hostile, UndamagedIsSound) {
  EXPECT_EQ(importBytes(TinyModel().write()), "ok");
}

// A file that ends anywhere is a message.
TEST(Hostile, EveryLengthIsAMessage) {
  std::string bytes = TinyModel().write();
  for (size_t length = 0; length < bytes.size(); ++length) {
    Diagnostics diagnostics;
    auto buffer = llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(bytes).take_front(length));
    File::parse(std::move(buffer), diagnostics);
    EXPECT_FALSE(diagnostics.empty()) << length;
  }
}

// Whatever one byte of the tables becomes, the reader survives it.
TEST(Hostile, EveryByteMayChange) {
  std::string sound = TinyModel().write();
  std::string bytes = sound;
  size_t tables = sound.find("blk.0.ffn_down.weight") + 64;
  for (size_t position = 0; position < tables; ++position) {
    for (unsigned char value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      bytes[position] = char(value);
      Diagnostics diagnostics;
      File::parse(llvm::MemoryBuffer::getMemBuffer(bytes, "", /*RequiresNullTerminator=*/false), diagnostics);
    }
    bytes[position] = sound[position];
  }
}

// All that is wrong is said at once.
TEST(Hostile, ProblemsAreListedTogether) {
  TinyModel model;
  model.dropTensor("blk.0.attn_k.weight");
  model.tensor("blk.0.attn_q.weight").shape = {32, 65};
  model.tensor("output_norm.weight").offset = 1;
  model.key("llama.expert_count") = u32Value(4);
  std::string problems = importBytes(model.write());
  for (const char *path : {"blk.0.attn_k.weight: is missing", "blk.0.attn_q.weight: expects the shape",
                           "output_norm.weight: expects an offset", "llama.expert_used_count"})
    EXPECT_THAT(problems, testing::HasSubstr(path));
}

// What only follows from a reported problem is not one more.
TEST(Hostile, ConsequencesAreNotListed) {
  TinyModel model;
  model.key("llama.attention.head_count") = u32Value(0);
  EXPECT_THAT(importBytes(model.write()), testing::StartsWith("model.gguf: 1 problem\n  llama.attention.head_count: expects a size"));
  TinyModel other;
  other.tensor("blk.0.attn_q.weight").type = 99;
  EXPECT_THAT(importBytes(other.write()), testing::StartsWith("model.gguf: 1 problem\n  blk.0.attn_q.weight: has the type number 99"));
}

// A damaged file can have any number of problems; the list does not grow with it.
TEST(Diagnostics, KeepsALimitedList) {
  Diagnostics diagnostics;
  for (int i = 0; i < 1000; ++i)
    diagnostics.report("a", "b");
  EXPECT_EQ(diagnostics.problems().size(), Diagnostics::limit);
  std::string printed;
  llvm::raw_string_ostream os(printed);
  diagnostics.print(os, "f");
  EXPECT_THAT(printed, testing::HasSubstr("f: 1000 problems"));
  EXPECT_THAT(printed, testing::HasSubstr("and 800 more"));
}

} // namespace
