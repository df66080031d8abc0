//===- WeightsTest.cpp - panels and their streaming -------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Panels.h"
#include "tenon/codegen/package/Weights.h"

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

uint16_t half(const uint8_t *bytes) { return bytes[0] | bytes[1] << 8; }

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
      for (int64_t k = 0; k < 16; ++k)
        EXPECT_EQ(to[k / 4 * 64 + channel % 16 * 4 + k % 4], from ? from[4 + k] : 0);
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

TEST(Panels, AnUnknownFormatIsNull) { EXPECT_EQ(findPanelFormat("q9_9"), nullptr); }

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
    if (Error error = packWeights(weights, size, *writer, *entry, {threads, nullptr}))
      return error;
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
  SmallString<128> folder;
};

TEST_F(WeightsTest, AnyNumberOfThreadsGivesTheSameBytes) {
  const PanelFormat &format = *findPanelFormat("q4_1");
  int64_t channels = 4099, columns = 1024;
  std::vector<uint8_t> rows = randomBytes(channels * format.rowBytes(columns), 3), vector = randomBytes(4 * 100, 4), source = vector;
  source.insert(source.end(), rows.begin(), rows.end());
  write("model.gguf", source);
  uint64_t panelsSize = (channels + 15) / 16 * format.panelBytes(columns), panelsAt = 448;
  std::vector<PackedWeight> weights = {
      {"norm", file("model.gguf"), 0, 400, "f32", false, {100}, 0, 400},
      {"matrix", file("model.gguf"), 400, rows.size(), "q4_1", true, {channels, columns}, panelsAt, panelsSize}};
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
  Expected<std::string> result = packed({{"w", file("model.gguf"), 40, 400, "f32", false, {100}, 0, 400}}, 400, 2);
  ASSERT_FALSE(bool(result));
  EXPECT_THAT(toString(result.takeError()), testing::HasSubstr("ends at byte 100, inside a parameter"));
}

TEST_F(WeightsTest, AMissingFileIsAnError) {
  Expected<std::string> result = packed({{"w", file("none.gguf"), 0, 4, "f32", false, {1}, 0, 4}}, 4, 1);
  ASSERT_FALSE(bool(result));
  EXPECT_THAT(toString(result.takeError()), testing::HasSubstr("cannot read"));
}

TEST_F(WeightsTest, OverlappingPlacesAreRefused) {
  write("model.gguf", std::vector<uint8_t>(100));
  PackedWeight weight = {"w", file("model.gguf"), 0, 8, "f32", false, {2}, 0, 8};
  Expected<std::string> result = packed({weight, weight}, 64, 1);
  ASSERT_FALSE(bool(result));
  EXPECT_THAT(toString(result.takeError()), testing::HasSubstr("outside of its place"));
}

} // namespace
