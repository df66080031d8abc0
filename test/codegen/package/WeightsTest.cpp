//===- WeightsTest.cpp - panels and their streaming -------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Weights.h"
#include "tenon/codegen/package/Panels.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include <numeric>
#include <random>
#include <zlib.h>

using namespace llvm;
using namespace tenon::codegen;

namespace {

std::vector<uint8_t> randomBytes(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(count);
  for (uint8_t &byte : bytes)
    byte = random();
  return bytes;
}

uint16_t half(const uint8_t *bytes) {
  return bytes[0] | bytes[1] << 8;
}

/// Packs a whole matrix, panel by panel.
std::vector<uint8_t> pack(const PanelFormat &format, const std::vector<uint8_t> &rows, int64_t channels, int64_t columns) {
  std::vector<uint8_t> packed((channels + 15) / 16 * format.panelBytes(columns));
  for (int64_t channel = 0; channel < channels; channel += 16)
    packPanel(format, rows.data() + channel * format.rowBytes(columns), std::min<int64_t>(16, channels - channel), columns,
              packed.data() + channel / 16 * format.panelBytes(columns));
  return packed;
}

TEST(Panels, FloatsAreTransposed) {
  const PanelFormat &format = *findPanelFormat("f32");
  std::vector<uint8_t> rows(17 * 3 * 4);
  std::vector<float> values(17 * 3);
  std::iota(values.begin(), values.end(), 1.0f);
  memcpy(rows.data(), values.data(), rows.size());
  std::vector<uint8_t> packed = pack(format, rows, 17, 3);
  ASSERT_EQ(packed.size(), 2u * 3 * 16 * 4);
  auto at = [&](int64_t channel, int64_t k) {
    float value;
    memcpy(&value, packed.data() + ((channel / 16 * 3 + k) * 16 + channel % 16) * 4, 4);
    return value;
  };
  for (int64_t channel = 0; channel < 32; ++channel)
    for (int64_t k = 0; k < 3; ++k)
      EXPECT_EQ(at(channel, k), channel < 17 ? values[channel * 3 + k] : 0.0f);
}

TEST(Panels, NibblesAndTheirScalesStayWithTheirChannel) {
  const PanelFormat &format = *findPanelFormat("q4_1");
  int64_t channels = 20, columns = 96;
  std::vector<uint8_t> rows = randomBytes(channels * format.rowBytes(columns), 1);
  std::vector<uint8_t> packed = pack(format, rows, channels, columns);
  for (int64_t channel = 0; channel < 32; ++channel)
    for (int64_t block = 0; block < 3; ++block) {
      const uint8_t *to = packed.data() + channel / 16 * format.panelBytes(columns) + block * 320;
      const uint8_t *from = channel < channels ? rows.data() + channel * format.rowBytes(columns) + block * 20 : nullptr;
      EXPECT_EQ(half(to + 256 + channel % 16 * 2), from ? half(from) : 0);
      EXPECT_EQ(half(to + 288 + channel % 16 * 2), from ? half(from + 2) : 0);
      // A vector has eight k: the even step of four in the low halves, the odd one in the high halves.
      for (int64_t k = 0; k < 32; ++k) {
        uint8_t stored = to[k / 8 * 64 + channel % 16 * 4 + k % 4] >> (k / 4 % 2 * 4) & 15;
        EXPECT_EQ(stored, from ? from[4 + k % 16] >> (k / 16 * 4) & 15 : 0);
      }
    }
}

TEST(Panels, BytesAreBiasedToUnsigned) {
  const PanelFormat &format = *findPanelFormat("q8_0");
  int64_t channels = 5, columns = 64;
  std::vector<uint8_t> rows = randomBytes(channels * format.rowBytes(columns), 2);
  std::vector<uint8_t> packed = pack(format, rows, channels, columns);
  for (int64_t channel = 0; channel < 16; ++channel)
    for (int64_t block = 0; block < 2; ++block) {
      const uint8_t *to = packed.data() + block * 544;
      const uint8_t *from = channel < channels ? rows.data() + channel * format.rowBytes(columns) + block * 34 : nullptr;
      EXPECT_EQ(half(to + 512 + channel * 2), from ? half(from) : 0);
      for (int64_t k = 0; k < 32; ++k)
        EXPECT_EQ(to[k / 4 * 64 + channel * 4 + k % 4], from ? uint8_t(int8_t(from[2 + k]) + 128) : 128);
    }
}

// Every part of every block is found in the panel where PanelBlock.h says.
TEST(Panels, FormsHaveTheirPartsInPlace) {
  for (const tenon::BlockCodec *codec : tenon::allBlockCodecs()) {
    if (!codec->form)
      continue;
    SCOPED_TRACE(codec->name.str());
    const PanelFormat &format = *findPanelFormat(codec->name);
    const tenon::BlockForm &form = *codec->form;
    tenon::tile::PanelBlock block = tenon::tile::panelBlock(form, codec->blockElements);
    int64_t channels = 21, columns = 2 * codec->blockElements;
    std::vector<uint8_t> rows = randomBytes(channels * format.rowBytes(columns), 5), packed = pack(format, rows, channels, columns);
    for (int64_t channel = 0; channel < channels; ++channel)
      for (int64_t index = 0; index < 2; ++index) {
        tenon::BlockParts parts;
        codec->split(rows.data() + channel * format.rowBytes(columns) + index * codec->blockBytes, parts);
        const uint8_t *to = packed.data() + channel / 16 * format.panelBytes(columns) + index * format.packedBytes;
        int64_t lane = channel % 16;
        auto bits = [&](int64_t k, int64_t width, int64_t plane) {
          int64_t step = k % 32 / 4, steps = 8 / width;
          return to[block.integers + k / 32 * block.partBytes + (plane + step / steps) * 64 + lane * 4 + k % 4] >> (step % steps * width) &
                 ((1 << width) - 1);
        };
        for (int64_t k = 0; k < codec->blockElements; ++k) {
          int integer = bits(k, block.lowBits, 0);
          if (block.highBits)
            integer |= bits(k, block.highBits, block.lowBits) << block.lowBits;
          EXPECT_EQ(integer, parts.integers[k]);
        }
        if (block.scales >= 0)
          EXPECT_EQ(half(to + block.scales + 2 * lane), parts.scale);
        if (block.minima >= 0)
          EXPECT_EQ(half(to + block.minima + 2 * lane), parts.minimum);
        for (int64_t span = 0; block.spanScales >= 0 && span < codec->blockElements / form.span; ++span)
          EXPECT_EQ(to[block.spanScales + span * 16 + lane],
                    parts.scales[span] | (tenon::tile::sharesBytes(form) ? parts.minima[span] << 4 : 0));
        for (int64_t span = 0; block.spanMinima > block.spanScales && span < codec->blockElements / form.span; ++span)
          EXPECT_EQ(to[block.spanMinima + span * 16 + lane], parts.minima[span]);
      }
  }
}

TEST(Panels, AnUnknownFormatIsNull) {
  EXPECT_EQ(findPanelFormat("q9_9"), nullptr);
}

class WeightsTest : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(sys::fs::createUniqueDirectory("tenon-weights", folder)); }
  void TearDown() override { sys::fs::remove_directories(folder); }
  std::string file(StringRef name) const { return (folder + "/" + name).str(); }

  void write(StringRef name, const std::vector<uint8_t> &bytes) {
    std::error_code error;
    raw_fd_ostream stream(file(name), error);
    stream.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  }

  /// Packs into an archive and returns the entry's bytes.
  Expected<std::string> packed(ArrayRef<PackedWeight> weights, uint64_t size, unsigned threads) {
    Expected<ZipWriter> writer = ZipWriter::create(file("out.zip"));
    if (!writer)
      return writer.takeError();
    auto entry = writer->reserve("weights/packed.bin", size);
    if (!entry)
      return entry.takeError();
    Expected<std::vector<tenon::RoundingSums>> rounding = packWeights(weights, size, *writer, *entry, {threads, nullptr});
    if (!rounding)
      return rounding.takeError();
    sums = *rounding;
    Expected<uint64_t> total = writer->finish();
    if (!total)
      return total.takeError();
    auto buffer = MemoryBuffer::getFile(file("out.zip"), false, false);
    StringRef whole = (*buffer)->getBuffer();
    StringRef contents = whole.substr(entry->offset, size);
    uint32_t stored;
    memcpy(&stored, whole.data() + 14, 4);
    EXPECT_EQ(stored, crc32_z(0, reinterpret_cast<const Bytef *>(contents.data()), contents.size()));
    return contents.str();
  }

  /// A weight that is one array of a file.
  PackedWeight weight(StringRef name, StringRef path, uint64_t at, StringRef format, bool panels, SmallVector<int64_t, 4> shape,
                      uint64_t offset, uint64_t bytes) {
    tenon::StoredTensor tensor = {"", {{"values", {file(path), at, format.str(), shape}}}, shape};
    int64_t rows = *tenon::elementCount(shape) / shape.back();
    return {name.str(), {format.str(), shape, {{tensor, 0, rows, 0}}}, panels, offset, bytes};
  }

  SmallString<128> folder;
  std::vector<tenon::RoundingSums> sums;
};

TEST_F(WeightsTest, AnyNumberOfThreadsGivesTheSameBytes) {
  const PanelFormat &format = *findPanelFormat("q4_1");
  int64_t channels = 4099, columns = 1024;
  std::vector<uint8_t> rows = randomBytes(channels * format.rowBytes(columns), 3), vector = randomBytes(4 * 100, 4), source = vector;
  source.insert(source.end(), rows.begin(), rows.end());
  write("model.gguf", source);
  uint64_t panelsSize = (channels + 15) / 16 * format.panelBytes(columns), panelsAt = 448;
  std::vector<PackedWeight> weights = {weight("norm", "model.gguf", 0, "f32", false, {100}, 0, 400),
                                       weight("matrix", "model.gguf", 400, "q4_1", true, {channels, columns}, panelsAt, panelsSize)};
  Expected<std::string> one = packed(weights, panelsAt + panelsSize + 64, 1), three = packed(weights, panelsAt + panelsSize + 64, 3);
  ASSERT_TRUE(bool(one)) << toString(one.takeError());
  ASSERT_TRUE(bool(three)) << toString(three.takeError());
  EXPECT_EQ(*one, *three);
  EXPECT_EQ(one->substr(0, 400), std::string(vector.begin(), vector.end()));
  EXPECT_EQ(one->substr(400, 48), std::string(48, '\0'));
  std::vector<uint8_t> expected = pack(format, rows, channels, columns);
  EXPECT_EQ(one->substr(panelsAt, panelsSize), std::string(expected.begin(), expected.end()));
}

TEST_F(WeightsTest, AFileThatEndsInAParameterIsAnError) {
  write("model.gguf", std::vector<uint8_t>(100));
  Expected<std::string> result = packed({weight("w", "model.gguf", 40, "f32", false, {100}, 0, 400)}, 400, 2);
  ASSERT_FALSE(bool(result));
  EXPECT_THAT(toString(result.takeError()), testing::HasSubstr("ends at byte 100, inside a parameter"));
}

TEST_F(WeightsTest, AMissingFileIsAnError) {
  Expected<std::string> result = packed({weight("w", "none.gguf", 0, "f32", false, {1}, 0, 4)}, 4, 1);
  ASSERT_FALSE(bool(result));
  EXPECT_THAT(toString(result.takeError()), testing::HasSubstr("cannot open"));
}

TEST_F(WeightsTest, OverlappingPlacesAreRefused) {
  write("model.gguf", std::vector<uint8_t>(100));
  PackedWeight twice = weight("w", "model.gguf", 0, "f32", false, {2}, 0, 8);
  Expected<std::string> result = packed({twice, twice}, 64, 1);
  ASSERT_FALSE(bool(result));
  EXPECT_THAT(toString(result.takeError()), testing::HasSubstr("outside of its place"));
}

TEST_F(WeightsTest, ExpertsFollowEachOtherInPanelsOfTheirOwn) {
  const PanelFormat &format = *findPanelFormat("f32");
  int64_t experts = 3, channels = 20, columns = 8;
  std::vector<uint8_t> rows = randomBytes(experts * channels * format.rowBytes(columns), 5);
  write("model.bin", rows);
  uint64_t expertSize = 2 * format.panelBytes(columns);
  Expected<std::string> result = packed(
      {weight("experts", "model.bin", 0, "f32", true, {experts, channels, columns}, 0, experts * expertSize)}, experts * expertSize, 2);
  ASSERT_TRUE(bool(result)) << toString(result.takeError());
  for (int64_t expert = 0; expert < experts; ++expert) {
    size_t matrix = channels * format.rowBytes(columns);
    std::vector<uint8_t> own(rows.begin() + expert * matrix, rows.begin() + (expert + 1) * matrix);
    std::vector<uint8_t> expected = pack(format, own, channels, columns);
    EXPECT_EQ(result->substr(expert * expertSize, expertSize), std::string(expected.begin(), expected.end())) << expert;
  }
  EXPECT_EQ(sums[0].total, 0);
}

TEST_F(WeightsTest, RoundedWeightsSayTheirErrorWhateverTheThreads) {
  std::mt19937 random(6);
  std::vector<float> values(512 * 64);
  for (float &value : values)
    value = float(int32_t(random())) * 0x1p-31f;
  std::vector<uint8_t> bytes(4 * values.size());
  memcpy(bytes.data(), values.data(), bytes.size());
  write("model.bin", bytes);
  uint64_t size = 512 / 16 * findPanelFormat("q8_0")->panelBytes(64);
  PackedWeight rounded = weight("w", "model.bin", 0, "f32", true, {512, 64}, 0, size);
  rounded.stored.format = "q8_0";
  ASSERT_TRUE(bool(packed({rounded}, size, 1)));
  tenon::RoundingSums one = sums[0];
  double relative = std::sqrt(one.error / one.total);
  EXPECT_GT(relative, 0.001);
  EXPECT_LT(relative, 0.01);
  ASSERT_TRUE(bool(packed({rounded}, size, 3)));
  EXPECT_EQ(one.error, sums[0].error);
  EXPECT_EQ(one.total, sums[0].total);
}

} // namespace
