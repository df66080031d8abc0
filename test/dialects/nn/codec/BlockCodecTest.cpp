//===- BlockCodecTest.cpp - block formats against the gguf package ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/nn/codec/Half.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>
#include <sstream>
#include <vector>

using namespace tenon;

namespace {

std::string bytesOf(const void *data, size_t size) {
  return llvm::toHex(llvm::StringRef(static_cast<const char *>(data), size), /*LowerCase=*/true);
}

/// One line of golden.txt; without values, the block is only decoded. The byte strings are as long as the codec says.
struct Golden {
  const BlockCodec *codec;
  std::vector<float> values;
  std::string block, decoded;
};

std::vector<Golden> readGolden() {
  std::vector<Golden> result;
  std::ifstream file("golden.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, values;
    Golden golden;
    words >> name >> values >> golden.block >> golden.decoded;
    golden.codec = findBlockCodec(name);
    EXPECT_NE(golden.codec, nullptr) << name;
    std::string raw = values == "-" ? "" : llvm::fromHex(values);
    golden.values.resize(raw.size() / sizeof(float));
    std::memcpy(golden.values.data(), raw.data(), raw.size());
    result.push_back(golden);
  }
  return result;
}

// Every format has the block of golden.txt's line, bit for bit, and decodes it to the same bits.
TEST(BlockCodec, HasTheBitsOfTheGgufPackage) {
  std::vector<Golden> goldens = readGolden();
  ASSERT_GE(goldens.size(), 150u);
  std::set<const BlockCodec *> seen;
  for (const Golden &golden : goldens) {
    const BlockCodec &codec = *golden.codec;
    seen.insert(&codec);
    ASSERT_EQ(golden.block.size(), 2 * codec.blockBytes);
    if (!golden.values.empty()) {
      ASSERT_EQ(golden.values.size(), codec.blockElements);
      std::vector<uint8_t> block(codec.blockBytes);
      codec.encode(golden.values.data(), block.data());
      EXPECT_EQ(bytesOf(block.data(), block.size()), golden.block) << codec.name.str();
    }

    std::string stored = llvm::fromHex(golden.block);
    std::vector<float> decoded(codec.blockElements);
    codec.decode(reinterpret_cast<const uint8_t *>(stored.data()), decoded.data());
    EXPECT_EQ(bytesOf(decoded.data(), decoded.size() * sizeof(float)), golden.decoded) << codec.name.str();
  }
  EXPECT_EQ(seen.size(), allBlockCodecs().size());
}

// Encoding decoded values gives about the same values again, and a form's parts say what the block decodes to.
TEST(BlockCodec, EncodesWithinItsStep) {
  std::mt19937 random(3);
  for (const BlockCodec *codec : allBlockCodecs()) {
    std::vector<float> values(codec->blockElements), decoded(codec->blockElements);
    std::vector<uint8_t> block(codec->blockBytes);
    for (float offset : {0.0f, 0.3f}) {
      std::uniform_real_distribution<float> numbers(offset - 1, offset + 1);
      for (float &value : values)
        value = numbers(random);
      codec->encode(values.data(), block.data());
      codec->decode(block.data(), decoded.data());
      // The widest step: of the bits, of the table, or of a span's byte; ternary values are as good as they can be.
      int bits = codec->form ? int(codec->form->bits) : 8;
      double step = codec->form && codec->form->table ? 0.35 : codec->form && codec->form->zeroPoint == 1 ? 1.4 : 2.9 / ((1 << bits) - 1);
      for (size_t i = 0; i < values.size(); ++i)
        EXPECT_NEAR(values[i], decoded[i], step * 0.8) << codec->name.str() << " element " << i;
    }
  }
}

// The table finds each codec by its name and by the number that GGUF gives it.
TEST(BlockCodec, IsFoundByNameAndNumber) {
  for (const BlockCodec *codec : allBlockCodecs()) {
    EXPECT_EQ(findBlockCodec(codec->name), codec);
    if (codec->ggmlType >= 0)
      EXPECT_EQ(findBlockCodecByGgmlType(codec->ggmlType), codec);
  }
  EXPECT_EQ(findBlockCodec("q9_9"), nullptr);
  EXPECT_EQ(findBlockCodecByGgmlType(~0u), nullptr);
}

// Values that are not finite are encoded to something, without undefined conversions.
TEST(BlockCodec, SurvivesValuesThatAreNotFinite) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  for (const BlockCodec *codec : allBlockCodecs()) {
    for (float odd : {infinity, -infinity, nan, std::numeric_limits<float>::denorm_min()}) {
      std::vector<float> values(codec->blockElements, 1);
      values[3] = odd;
      std::vector<uint8_t> block(codec->blockBytes);
      codec->encode(values.data(), block.data());
      std::fill(values.begin(), values.end(), odd);
      codec->encode(values.data(), block.data());
    }
  }
}

// Both conversions agree with the compiler's own half type, on every half and between them.
TEST(Half, AgreesWithTheCompiler) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    _Float16 half;
    uint16_t stored = uint16_t(bits);
    std::memcpy(&half, &stored, 2);
    float expected = float(half), got = codec::halfToFloat(stored);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got));
      EXPECT_TRUE(std::isnan(codec::halfToFloat(codec::floatToHalf(got))));
      continue;
    }
    EXPECT_EQ(std::memcmp(&expected, &got, 4), 0) << bits;
    EXPECT_EQ(codec::floatToHalf(got), stored);
    for (float factor : {1 + 0x1p-12f, 1 + 0x1p-11f, 1 + 0x1.8p-11f, 1.0003f}) {
      _Float16 rounded = _Float16(got * factor);
      std::memcpy(&stored, &rounded, 2);
      EXPECT_EQ(codec::floatToHalf(got * factor), stored) << got * factor;
    }
  }
}

} // namespace
