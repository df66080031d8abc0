//===- SafetensorsTest.cpp - headers of .safetensors files, good and hostile ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Safetensors.h"
#include "Files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;
using namespace tenon::huggingface;
using testing::HasSubstr;

namespace {

struct Read {
  std::vector<SourceTensor> tensors;
  std::string problems;
};

Read read(llvm::StringRef bytes) {
  Diagnostics diagnostics;
  std::vector<SourceTensor> tensors = readSafetensors(bytes, bytes.size(), "dir/x.safetensors", diagnostics);
  return {std::move(tensors), printed(diagnostics)};
}

TEST(Safetensors, TensorsAreWhatTheHeaderSays) {
  std::string header = R"({"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "BF16", "shape": [], "data_offsets": [24, 26]}, "c": {"dtype": "I64", "shape": [0, 5], "data_offsets": [26, 26]}})";
  Read result = read(safetensorsFile(header, 26));
  EXPECT_EQ(result.problems, "");
  ASSERT_EQ(result.tensors.size(), 3u);
  const SourceTensor &a = result.tensors[0], &b = result.tensors[1], &c = result.tensors[2];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.format, "f32");
  EXPECT_EQ(a.shape, (llvm::SmallVector<int64_t, 4>{2, 3}));
  EXPECT_EQ(a.path, "dir/x.safetensors");
  EXPECT_EQ(a.offset, 8 + header.size());
  EXPECT_EQ(a.bytes, 24u);
  EXPECT_EQ(b.format, "bf16");
  EXPECT_TRUE(b.shape.empty());
  EXPECT_EQ(b.offset, a.offset + 24);
  EXPECT_EQ(c.bytes, 0u);
}

TEST(Safetensors, EveryTypeHasItsSize) {
  const std::pair<const char *, int> types[] = {{"F64", 8},     {"F32", 4},     {"F16", 2}, {"BF16", 2}, {"F8_E4M3", 1},
                                                {"F8_E5M2", 1}, {"F8_E8M0", 1}, {"I64", 8}, {"I32", 4},  {"I16", 2},
                                                {"I8", 1},      {"U8", 1},      {"BOOL", 1}};
  for (auto [dtype, bytes] : types) {
    auto header = [&, name = dtype](int end) {
      return R"({"a": {"dtype": ")" + std::string(name) + R"(", "shape": [3], "data_offsets": [0, )" + std::to_string(end) + "]}}";
    };
    EXPECT_EQ(read(safetensorsFile(header(3 * bytes), 100)).problems, "") << dtype;
    EXPECT_THAT(read(safetensorsFile(header(3 * bytes + 1), 100)).problems, HasSubstr("but got " + std::to_string(3 * bytes + 1))) << dtype;
  }
}

TEST(Safetensors, HeaderBytesAreBounded) {
  std::string file = safetensorsFile("{}", 0);
  EXPECT_EQ(safetensorsHeaderBytes(file, file.size()), 10u);
  EXPECT_EQ(safetensorsHeaderBytes(file, 9), 0u) << "a file shorter than its header";
  EXPECT_EQ(safetensorsHeaderBytes("1234567", 7), 0u);
  EXPECT_EQ(safetensorsHeaderBytes(lengthBytes(100'000'000), uint64_t{1} << 40), 100'000'008u);
  EXPECT_EQ(safetensorsHeaderBytes(lengthBytes(100'000'001), uint64_t{1} << 40), 0u);
  EXPECT_EQ(safetensorsHeaderBytes(lengthBytes(~uint64_t{0}), ~uint64_t{0}), 0u);
}

/// A file of 64 bytes of data whose header is this, and a part of the message that it must give.
struct Damage {
  const char *name, *header, *message;
};

void PrintTo(const Damage &damage, std::ostream *os) {
  *os << damage.name;
}

class HostileHeader : public testing::TestWithParam<Damage> {};

TEST_P(HostileHeader, IsAMessage) {
  EXPECT_THAT(read(safetensorsFile(GetParam().header, 64)).problems, HasSubstr(GetParam().message));
}

const Damage headers[] = {
    {"Empty", "", "x.safetensors: expects a header that is a JSON object"},
    {"NoJson", "{\"a\": ", "expects a header that is a JSON object"},
    {"Array", "[]", "expects a header that is a JSON object"},
    {"Nested", R"({"a": [[[[[[[[[[[[1]]]]]]]]]]]]})", "expects a header that is a JSON object"},
    {"BadUtf8", "{\"\xff\": 1}", "expects a header that is a JSON object"},
    {"TensorNumber", R"({"a": 1})", "a: expects dtype, shape and data_offsets in the header of x.safetensors"},
    {"NoDtype", R"({"a": {"shape": [1], "data_offsets": [0, 4]}})", "a: expects dtype, shape and data_offsets"},
    {"DtypeNumber", R"({"a": {"dtype": 3, "shape": [1], "data_offsets": [0, 4]}})", "a: expects dtype, shape and data_offsets"},
    {"NoShape", R"({"a": {"dtype": "F32", "data_offsets": [0, 4]}})", "a: expects dtype, shape and data_offsets"},
    {"NoOffsets", R"({"a": {"dtype": "F32", "shape": [1]}})", "a: expects dtype, shape and data_offsets"},
    {"DtypeUnknown", R"({"a": {"dtype": "F128", "shape": [1], "data_offsets": [0, 4]}})", "a: has the type F128, which is not known"},
    {"ShapeText", R"({"a": {"dtype": "F32", "shape": "1", "data_offsets": [0, 4]}})", "a: expects a shape of at most 8 sizes"},
    {"ShapeNegative", R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})", "up to 2^40, but got [-1]"},
    {"ShapeFraction", R"({"a": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}})", "up to 2^40, but got [1.5]"},
    {"ShapeHuge", R"({"a": {"dtype": "F32", "shape": [18446744073709551615], "data_offsets": [0, 4]}})", "a: expects a shape"},
    {"ShapeLong", R"({"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1], "data_offsets": [0, 4]}})", "a: expects a shape of at most 8"},
    {"ShapeOverflows", R"({"a": {"dtype": "F32", "shape": [1099511627776, 1099511627776], "data_offsets": [0, 4]}})",
     "a: expects as many bytes as its shape and type F32 say, but got 4"},
    {"ShapeWrapsToNothing", R"({"a": {"dtype": "F32", "shape": [4294967296, 1073741824], "data_offsets": [0, 0]}})",
     "a: expects as many bytes as its shape and type F32 say, but got 0"},
    {"OffsetsText", R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": "0"}})", "a: expects data_offsets of two whole numbers"},
    {"OffsetsOne", R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}})", "a: expects data_offsets of two whole numbers"},
    {"OffsetsNegative", R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}})",
     "a: expects data_offsets of two whole numbers"},
    {"OffsetsSwapped", R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [8, 4]}})",
     "a: expects data inside the 64 bytes of x.safetensors, but got the bytes 8 to 4"},
    {"OffsetsOutside", R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [64, 68]}})", "but got the bytes 64 to 68"},
    {"OffsetsHuge", R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [18446744073709551612, 18446744073709551615]}})",
     "a: expects data inside the 64 bytes"},
    {"BytesFew", R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})",
     "a: expects as many bytes as its shape and type F32 say, 8, but got 4"},
    {"BytesMany", R"({"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 64]}})", "say, 4, but got 64"},
    {"Overlap",
     R"({"b": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "a": {"dtype": "F32", "shape": [4], "data_offsets": [12, 28]}})",
     "a: overlaps the data of b in x.safetensors"},
    {"OverlapWhole",
     R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}})",
     "b: overlaps the data of a"},
    {"Twice", R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "a": {"dtype": "U8", "shape": [4], "data_offsets": [4, 8]}})",
     "a: is twice in the header of x.safetensors"},
    {"ControlCharacters", R"({"\u001b[2J": 1})", "\\x1b[2J: expects dtype"},
};
INSTANTIATE_TEST_SUITE_P(Header, HostileHeader, testing::ValuesIn(headers), [](const auto &info) { return info.param.name; });

TEST(Safetensors, EveryProblemIsReportedAndTheRestKept) {
  Read result = read(safetensorsFile(R"({"a": 1, "b": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "c": 2})", 4));
  EXPECT_EQ(result.tensors.size(), 1u);
  EXPECT_THAT(result.problems, HasSubstr("a: expects"));
  EXPECT_THAT(result.problems, HasSubstr("c: expects"));
}

TEST(Safetensors, LengthsThatTheFileDoesNotHaveAreMessages) {
  for (const std::string &bytes : {std::string(), std::string("1234567"), lengthBytes(1), lengthBytes(~uint64_t{0}), lengthBytes(3) + "{}",
                                   lengthBytes(uint64_t{1} << 63) + "{}", lengthBytes(200'000'000) + std::string(1000, ' ')})
    EXPECT_THAT(read(bytes).problems, HasSubstr("x.safetensors: expects a safetensors file")) << bytes.size();
}

TEST(Safetensors, EveryTruncationIsAMessage) {
  std::string file = safetensorsFile(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 8);
  EXPECT_EQ(read(file).problems, "");
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(read(llvm::StringRef(file).take_front(size)).problems, "") << size;
}

} // namespace
