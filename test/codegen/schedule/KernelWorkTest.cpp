//===- KernelWorkTest.cpp - bytes and operations of kernels, counted by hand ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/schedule/KernelWork.h"
#include "mlir/Parser/Parser.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// The work of a module's only kernel.
static KernelWork workOfText(StringRef text, int64_t rows, int64_t positions) {
  DialectRegistry registry;
  registry.insert<nn::NNDialect, cache::CacheDialect, tile::TileDialect>();
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module);
  return workOf(*module->getOps<tile::KernelOp>().begin(), rows, positions);
}

TEST(KernelWork, LinearOfRoundedActivations) {
  StringRef text = R"(
    tile.kernel @k family(contraction) (%x: tensor<?x64x!nn.a8>, %w: tensor<32x64x!nn.q4_0, #tile.panels<16>>) -> tensor<?x32xf32> {
      %y = nn.linear %x, %w : tensor<?x64x!nn.a8>, tensor<32x64x!nn.q4_0, #tile.panels<16>> -> tensor<?x32xf32>
      tile.yield %y : tensor<?x32xf32>
    })";
  KernelWork work = workOfText(text, 3, 0);
  EXPECT_EQ(work.of(Arithmetic::int8), 3 * 2 * 32 * 64);
  EXPECT_EQ(work.of(Arithmetic::half), 0);
  EXPECT_EQ(work.writtenBytes, 3 * 32 * 4);
  // 64 bytes of integers, two scales and four sums, filled up to 128; weights of 18 bytes for each 32.
  EXPECT_EQ(work.readBytes, 3 * 128 + 32 * 64 / 32 * 18);
}

TEST(KernelWork, TwoPlanesAreTwoProducts) {
  StringRef text = R"(
    tile.kernel @k family(contraction) (%x: tensor<?x64x!nn.a16>, %w: tensor<32x64x!nn.q8_0, #tile.panels<16>>) -> tensor<?x32xf32> {
      %y = nn.linear %x, %w : tensor<?x64x!nn.a16>, tensor<32x64x!nn.q8_0, #tile.panels<16>> -> tensor<?x32xf32>
      tile.yield %y : tensor<?x32xf32>
    })";
  EXPECT_EQ(workOfText(text, 1, 0).of(Arithmetic::int8), 2 * 2 * 32 * 64);
}

TEST(KernelWork, AttentionOverASlot) {
  StringRef text = R"(
    tile.kernel @k family(attention) (%s: !cache.kv<heads = 2, dim = 64, f16>, %q: tensor<?x4x64xf32>) -> tensor<?x4x64xf32> {
      %k, %v = cache.view %s : !cache.kv<heads = 2, dim = 64, f16> -> tensor<?x2x64xf32>, tensor<?x2x64xf32>
      %y = nn.attention %q, %k, %v {causal, scale = 0.125 : f32}
        : tensor<?x4x64xf32>, tensor<?x2x64xf32>, tensor<?x2x64xf32> -> tensor<?x4x64xf32>
      tile.yield %y : tensor<?x4x64xf32>
    })";
  KernelWork work = workOfText(text, 1, 99);
  EXPECT_EQ(work.of(Arithmetic::half), 2.0 * 4 * (64 + 64) * 100);
  EXPECT_EQ(work.readBytes, 100 * 2 * 2 * 64 * 2 + 4 * 64 * 4);
}

TEST(KernelWork, EmbeddingReadsItsRowsOnly) {
  StringRef text = R"(
    tile.kernel @k family(rowwise) (%t: tensor<?xi32>, %w: tensor<1024x64xf16, #tile.panels<16>>) -> tensor<?x64xf32> {
      %y = nn.embedding %t, %w : tensor<?xi32>, tensor<1024x64xf16, #tile.panels<16>> -> tensor<?x64xf32>
      tile.yield %y : tensor<?x64xf32>
    })";
  KernelWork work = workOfText(text, 2, 0);
  EXPECT_EQ(work.readBytes, 2 * 4 + 2 * 64 * 2);
  EXPECT_EQ(work.writtenBytes, 2 * 64 * 4);
}

TEST(KernelWork, ASliceReadsItsRowsOnly) {
  StringRef text = R"(
    tile.kernel @k family(rowwise) (%x: tensor<?x64xf32>) -> tensor<1x64xf32> {
      %last = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x64xf32> -> tensor<1x64xf32>
      tile.yield %last : tensor<1x64xf32>
    })";
  EXPECT_EQ(workOfText(text, 512, 0).readBytes, 64 * 4);
}
