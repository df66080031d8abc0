//===- BufferTest.cpp - how values lie in memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/tile/Buffer.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Tile.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;

namespace {
class BufferTest : public ::testing::Test {
protected:
  BufferTest() { context.loadDialect<nn::NNDialect, cache::CacheDialect, tile::TileDialect>(); }

  Type parse(StringRef text) { return parseType(text, &context); }
  RankedTensorType tensor(StringRef text) { return cast<RankedTensorType>(parse(text)); }
  /// The buffer of a type, as text.
  std::string buffer(StringRef text) {
    Type type = tile::bufferType(parse(text));
    std::string result;
    llvm::raw_string_ostream os(result);
    if (type)
      os << type;
    return result;
  }

  MLIRContext context;
};

TEST_F(BufferTest, FloatsAreRowsOfTheFirstDimension) {
  EXPECT_EQ(buffer("tensor<f32>"), "memref<1xf32>");
  EXPECT_EQ(buffer("tensor<64xf32>"), "memref<64xf32>");
  EXPECT_EQ(buffer("tensor<?xi32>"), "memref<?xi32>");
  EXPECT_EQ(buffer("tensor<?x9x64xf32>"), "memref<?x576xf32>");
  EXPECT_EQ(buffer("tensor<1x64xf16>"), "memref<1x64xf16>");
  EXPECT_EQ(buffer("index"), "index");
}

TEST_F(BufferTest, StateSlotsAreBytes) {
  EXPECT_EQ(buffer("!cache.kv<heads = 3, dim = 64, f16>"), "memref<?xi8>");
  tile::CacheBlock block = tile::cacheBlock(cast<cache::KvType>(parse("!cache.kv<heads = 3, dim = 64, f16>")));
  EXPECT_EQ(block.valueOffset, 64 * 64 * 2);
  EXPECT_EQ(block.headBytes, 2 * 64 * 64 * 2);
  EXPECT_EQ(block.bytes, 3 * 2 * 64 * 64 * 2);
  tile::CacheBlock latent = tile::cacheBlock(cast<cache::KvType>(parse("!cache.kv<heads = 1, dim = 40, f16, latent = 32>")));
  EXPECT_EQ(latent.headBytes, 64 * 40 * 2);
  EXPECT_EQ(latent.bytes, 64 * 40 * 2);
}

TEST_F(BufferTest, RecurrentStateLiesLikeATensorOfItsShape) {
  EXPECT_EQ(buffer("!cache.recurrent<5120xf32>"), "memref<5120xf32>");
  EXPECT_EQ(buffer("!cache.recurrent<16x5120xf32>"), "memref<16x5120xf32>");
  EXPECT_EQ(buffer("!cache.recurrent<80x128x64xf32>"), "memref<80x8192xf32>");
}

TEST_F(BufferTest, RoundedActivationsAreRowsOfBytes) {
  auto row = tile::activationRow(tensor("tensor<?x576x!nn.a8>"));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->values, 0);
  EXPECT_EQ(row->scales, 576);
  EXPECT_EQ(row->sums, 576 + 18 * 4);
  EXPECT_EQ(row->low, -1);
  EXPECT_EQ(row->firstSums, 576 + 36 * 4);
  EXPECT_EQ(row->lowFirstSums, -1);
  EXPECT_EQ(row->bytes, 832); // 792 filled up to a multiple of 64
  EXPECT_EQ(buffer("tensor<?x576x!nn.a8>"), "memref<?x832xi8>");
}

TEST_F(BufferTest, TwoPlanesFollowOneAnother) {
  auto row = tile::activationRow(tensor("tensor<?x64x!nn.a16>"));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->low, 64);
  EXPECT_EQ(row->scales, 128);
  EXPECT_EQ(row->sums, 136);
  EXPECT_EQ(row->lowSums, 144);
  EXPECT_EQ(row->firstSums, 152);
  EXPECT_EQ(row->lowFirstSums, 160);
  EXPECT_EQ(row->bytes, 192);
}

// The sizes are those that codegen/package/Panels.h packs to.
TEST_F(BufferTest, PanelsOfSixteenChannels) {
  auto panel = [&](StringRef type) { return *tile::panelLayout(tensor(type)); };
  tile::PanelLayout q4_1 = panel("tensor<576x576x!nn.q4_1, #tile.panels<16>>");
  EXPECT_EQ(q4_1.blockBytes, 320);
  EXPECT_EQ(q4_1.scales, 256);
  EXPECT_EQ(q4_1.minima, 288);
  EXPECT_EQ(q4_1.panels, 36);
  EXPECT_EQ(q4_1.bytes, 36 * 18 * 320);
  EXPECT_EQ(panel("tensor<16x32x!nn.q4_0, #tile.panels<16>>").bytes, 288);
  EXPECT_EQ(panel("tensor<16x32x!nn.q8_0, #tile.panels<16>>").bytes, 544);
  EXPECT_EQ(panel("tensor<16x3xbf16, #tile.panels<16>>").bytes, 3 * 16 * 2);
}

// Blocks of 256 begin with their scales, filled up to whole cache lines; blocks of 32 end with them.
TEST_F(BufferTest, PanelsOfEveryForm) {
  auto bytes = [&](StringRef format, int64_t columns) {
    return tile::panelLayout(tensor(("tensor<16x" + Twine(columns) + "x!nn." + format + ", #tile.panels<16>>").str()))->bytes;
  };
  EXPECT_EQ(bytes("q5_0", 32), 320 + 32);
  EXPECT_EQ(bytes("q5_1", 32), 320 + 64);
  EXPECT_EQ(bytes("iq4_nl", 32), 256 + 32);
  EXPECT_EQ(bytes("mxfp4", 32), 256 + 16);
  EXPECT_EQ(bytes("q2_k", 256), 64 + 256 + 8 * 128);
  EXPECT_EQ(bytes("q3_k", 256), 32 + 256 + 32 + 8 * 192);
  EXPECT_EQ(bytes("q4_k", 256), 64 + 256 + 8 * 256);
  EXPECT_EQ(bytes("q5_k", 256), 64 + 256 + 8 * 320);
  EXPECT_EQ(bytes("q6_k", 256), 32 + 256 + 32 + 8 * 384);
  EXPECT_EQ(bytes("iq4_xs", 256), 32 + 128 + 32 + 8 * 256);
  EXPECT_EQ(bytes("tq1_0", 256), 32 + 32 + 8 * 128);
  EXPECT_EQ(bytes("tq2_0", 256), 32 + 32 + 8 * 128);
}

TEST_F(BufferTest, ChannelsAreFilledUpToWholePanels) {
  EXPECT_EQ(tile::panelLayout(tensor("tensor<17x4xf32, #tile.panels<16>>"))->bytes, 2 * 4 * 16 * 4);
  EXPECT_EQ(buffer("tensor<17x4xf32, #tile.panels<16>>"), "memref<512xi8>");
}

TEST_F(BufferTest, AFormatWithoutPanelsHasNone) {
  EXPECT_FALSE(tile::hasPanelForm(tensor("tensor<16x32x!nn.a8>")));
  EXPECT_FALSE(tile::hasPanelForm(tensor("tensor<?x32xf32>")));
  EXPECT_FALSE(tile::hasPanelForm(tensor("tensor<32xf32>")));
  EXPECT_FALSE(tile::hasPanelForm(tensor("tensor<4611686018427387904x64xf32>")));
  EXPECT_TRUE(tile::hasPanelForm(tensor("tensor<5x32x!nn.q8_0>")));
  EXPECT_FALSE(tile::panelLayout(tensor("tensor<16x32x!nn.q8_0>")));
}

TEST_F(BufferTest, SizesAreRowsTimesBytes) {
  auto size = tile::bufferSize(tensor("tensor<?x9x64xf32>"));
  ASSERT_TRUE(size);
  EXPECT_TRUE(ShapedType::isDynamic(size->rows));
  EXPECT_EQ(size->rowBytes, 9 * 64 * 4);
  size = tile::bufferSize(tensor("tensor<1x576x!nn.a8>"));
  EXPECT_EQ(size->rows, 1);
  EXPECT_EQ(size->rowBytes, 832);
  size = tile::bufferSize(tensor("tensor<?xi32>"));
  EXPECT_TRUE(ShapedType::isDynamic(size->rows));
  EXPECT_EQ(size->rowBytes, 4);
  EXPECT_FALSE(tile::bufferSize(tensor("tensor<4x?xf32>")));
}
} // namespace
