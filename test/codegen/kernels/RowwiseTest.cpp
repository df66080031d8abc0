//===- RowwiseTest.cpp - rowwise kernels against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled twice: TestedKernel is code of this machine here, and a GPU's in test/gpu.
//
//===----------------------------------------------------------------------===//

#include "tenon/dialects/nn/BlockCodec.h"
#include "gtest/gtest.h"
#include <TestedKernel.h>
#include <cmath>
#include <limits>

using namespace tenon;
using namespace tenon::test;

static constexpr int64_t rowCounts[] = {0, 1, 2, 7, 33};
static constexpr int64_t widths[] = {1, 5, 16, 31, 64, 96};

/// Every row count and width, on one and on three threads.
static void checkWidths(const std::string &text, double tolerance, llvm::ArrayRef<int64_t> columns = widths) {
  for (int64_t width : columns) {
    SCOPED_TRACE("width " + std::to_string(width));
    TestedKernel kernel(withNumbers(text, {{"$N", width}}));
    for (int64_t rows : rowCounts)
      kernel.checkRandom(rows, tolerance, rows + 1, 0, rows == 7 ? 3 : 1);
  }
}

TEST(Rowwise, Elementwise) {
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>, %y: tensor<?x$Nxf32>, %b: tensor<$Nxf32>) -> tensor<?x$Nxf32> {
    %a = nn.silu %x : tensor<?x$Nxf32>
    %c = nn.mul %a, %y : tensor<?x$Nxf32>, tensor<?x$Nxf32>
    %d = nn.add %c, %b : tensor<?x$Nxf32>, tensor<$Nxf32>
    tile.yield %d : tensor<?x$Nxf32>
  })",
              1e-6);
}

TEST(Rowwise, Activations) {
  for (std::string op : {"silu", "gelu", "gelu {approximate = #nn.approximate<tanh>}", "relu", "relu2", "softplus", "tanh", "sigmoid",
                         "exp", "neg", "abs"}) {
    SCOPED_TRACE(op);
    size_t space = op.find(' ');
    std::string name = op.substr(0, space), attributes = space == std::string::npos ? "" : op.substr(space);
    checkWidths("tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>) -> tensor<?x$Nxf32> { %a = nn." + name + " %x" + attributes +
                    " : tensor<?x$Nxf32>\n tile.yield %a : tensor<?x$Nxf32> }",
                1e-6, {21});
  }
}

/// Each result within a few units of the last place, over the whole range of f32.
TEST(Rowwise, FunctionsOfLargeAndSmallNumbers) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<double> numbers = {0,    -0.0,  1e-30, -1e-30, 1e-8, -1e-8, 0.3, -0.3, 0.62, -0.62, 0.63,     -0.63,    0.99, -0.99,
                                 1.01, -1.01, 2,     -2,     3.9,  -3.9,  4.1, -4.1, 9,    -9,    20,       -20,      87.5, -87.5,
                                 88.8, -100,  100,   -103,   -104, -126,  3e4, -3e4, 1e30, -1e30, infinity, -infinity};
  struct Function {
    std::string name;
    double (*exact)(double);
  };
  const Function functions[] = {
      {"exp", [](double x) { return std::exp(x); }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {"gelu", [](double x) { return std::isinf(x) ? (x > 0 ? x : 0) : x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }}};
  for (const Function &function : functions) {
    SCOPED_TRACE(function.name);
    TestedKernel kernel(withNumbers("tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>) -> tensor<?x$Nxf32> { %a = nn." +
                                          function.name + " %x : tensor<?x$Nxf32>\n tile.yield %a : tensor<?x$Nxf32> }",
                                      {{"$N", int64_t(numbers.size())}}));
    auto type = mlir::cast<mlir::RankedTensorType>(kernel.inputs()[0]);
    std::vector<double> got = readBuffer(type, kernel.run({tensorArgument(type, 1, numbers)}, 1)[0], 1);
    for (size_t i = 0; i < numbers.size(); ++i) {
      float x = float(numbers[i]), expected = float(function.exact(x));
      if (function.name == "gelu" && std::isinf(x))
        continue; // 0 times infinity: not a number in f32, as in the formula.
      // gelu of a very negative number cancels; it is exact to the last place of x.
      double scale = function.name == "gelu" ? std::max(std::fabs(double(expected)), std::min(1.0, std::fabs(double(x))))
                                             : std::fabs(double(expected));
      if (std::isinf(expected))
        EXPECT_EQ(got[i], expected) << x;
      else
        EXPECT_NEAR(got[i], expected, 4e-7 * scale + 3e-38) << x;
    }
  }
}

TEST(Rowwise, HalfTypesAreRoundedOnce) {
  for (std::string type : {"f16", "bf16"})
    checkWidths("tile.kernel @k family(rowwise) (%x: tensor<?x$Nx" + type + ">, %y: tensor<?x$Nx" + type + ">) -> tensor<?x$Nx" + type +
                    "> { %a = nn.add %x, %y : tensor<?x$Nx" + type + ">, tensor<?x$Nx" + type + ">\n tile.yield %a : tensor<?x$Nx" + type +
                    "> }",
                1e-9);
}

TEST(Rowwise, RmsNorm) {
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>, %r: tensor<?x$Nxf32>, %w: tensor<$Nxf32>)
      -> (tensor<?x$Nxf32>, tensor<?x$Nxf32>) {
    %s = nn.add %x, %r : tensor<?x$Nxf32>, tensor<?x$Nxf32>
    %y = nn.rms_norm %s, %w eps = 1.0e-5 : tensor<?x$Nxf32>, tensor<$Nxf32>
    tile.yield %s, %y : tensor<?x$Nxf32>, tensor<?x$Nxf32>
  })",
              1e-6);
}

TEST(Rowwise, LayerNormAndSoftmax) {
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>, %w: tensor<$Nxf32>, %b: tensor<$Nxf32>) -> tensor<?x$Nxf32> {
    %y = nn.layer_norm %x, %w, %b eps = 1.0e-5 : tensor<?x$Nxf32>, tensor<$Nxf32>, tensor<$Nxf32>
    %z = nn.softmax %y : tensor<?x$Nxf32>
    tile.yield %z : tensor<?x$Nxf32>
  })",
              3e-6);
}

TEST(Rowwise, NormOfEachHead) {
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x3x$Nxf32>, %w: tensor<$Nxf32>) -> tensor<?x3x$Nxf32> {
    %y = nn.rms_norm %x, %w eps = 1.0e-6 : tensor<?x3x$Nxf32>, tensor<$Nxf32>
    tile.yield %y : tensor<?x3x$Nxf32>
  })",
              1e-6);
}

TEST(Rowwise, Reduce) {
  for (std::string kind : {"sum", "mean", "max", "min"}) {
    checkWidths("tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>) -> tensor<?xf32> { %y = nn.reduce " + kind +
                    " %x dim = 1 : tensor<?x$Nxf32> -> tensor<?xf32>\n tile.yield %y : tensor<?xf32> }",
                1e-6);
    checkWidths("tile.kernel @k family(rowwise) (%x: tensor<?x5x$Nxf32>) -> tensor<?x5xf32> { %y = nn.reduce " + kind +
                    " %x dim = 2 : tensor<?x5x$Nxf32> -> tensor<?x5xf32>\n tile.yield %y : tensor<?x5xf32> }",
                1e-6);
  }
}

TEST(Rowwise, Quantize) {
  for (std::string type : {"a8", "a16"})
    checkWidths("tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>) -> tensor<?x$Nx!nn." + type +
                    "> { %y = nn.quantize %x : tensor<?x$Nxf32> -> tensor<?x$Nx!nn." + type + ">\n tile.yield %y : tensor<?x$Nx!nn." +
                    type + "> }",
                type == "a8" ? 1e-7 : 4e-5, {32, 64, 96});
}

/// A block of zeros has the scale 0 and the integers 0.
TEST(Rowwise, QuantizeZeros) {
  TestedKernel kernel(R"(tile.kernel @k family(rowwise) (%x: tensor<?x32xf32>) -> tensor<?x32x!nn.a8> {
    %y = nn.quantize %x : tensor<?x32xf32> -> tensor<?x32x!nn.a8>
    tile.yield %y : tensor<?x32x!nn.a8>
  })");
  auto type = mlir::cast<mlir::RankedTensorType>(kernel.inputs()[0]);
  kernel.check({tensorArgument(type, 1, std::vector<double>(32, 0))}, 1, 0);
}

TEST(Rowwise, RopeTable) {
  for (int64_t pairs : {1, 4, 8, 13, 32}) {
    TestedKernel kernel(
        withNumbers(R"(tile.kernel @k family(rowwise) (%t: tensor<?xi32>, %p: index, %f: tensor<$Nxf32>) -> tensor<?x$Mxf32> {
      %y = nn.rope_table %t, %p, %f : tensor<?xi32>, index, tensor<$Nxf32> -> tensor<?x$Mxf32>
      tile.yield %y : tensor<?x$Mxf32>
    })",
                    {{"$N", pairs}, {"$M", 2 * pairs}}));
    for (int64_t position : {0, 1, 1000, 1000000})
      kernel.checkRandom(5, 1e-7, 1, position);
  }
}

TEST(Rowwise, RopeOfBothPairings) {
  for (int64_t dim : {8, 12, 16, 64, 96})
    for (int64_t rotated : {dim, dim / 2, int64_t(32)}) {
      if (rotated > dim)
        continue;
      for (std::string pairing : {"interleaved", "half"}) {
        SCOPED_TRACE(pairing + " of " + std::to_string(rotated) + " of " + std::to_string(dim));
        TestedKernel kernel(
            withNumbers("tile.kernel @k family(rowwise) (%x: tensor<?x3x$Dxf32>, %t: tensor<?x$Rxf32>) -> tensor<?x3x$Dxf32> {"
                        "%y = nn.rope %x, %t {pairing = #nn.pairing<" +
                            pairing + ">} : tensor<?x3x$Dxf32>, tensor<?x$Rxf32>\n tile.yield %y : tensor<?x3x$Dxf32> }",
                        {{"$D", dim}, {"$R", rotated}}));
        for (int64_t rows : rowCounts)
          kernel.checkRandom(rows, 1e-6);
      }
    }
}

TEST(Rowwise, Embedding) {
  std::vector<std::pair<std::string, int64_t>> types = {{"f32", 32}, {"f16", 32}, {"bf16", 32}};
  for (const BlockCodec *codec : allBlockCodecs())
    if (codec->form)
      types.push_back({"!nn." + codec->name.str(), codec->blockElements});
  for (auto [type, elements] : types)
    for (int64_t columns : {elements, 3 * elements}) {
      SCOPED_TRACE(type);
      std::string table = "tensor<35x$Nx" + type + ", #tile.panels<16>>";
      TestedKernel kernel(withNumbers("tile.kernel @k family(rowwise) (%t: tensor<?xi32>, %w: " + table +
                                            ") -> tensor<?x$Nxf32> { %y = nn.embedding %t, %w : tensor<?xi32>, " + table +
                                            " -> tensor<?x$Nxf32>\n tile.yield %y : tensor<?x$Nxf32> }",
                                        {{"$N", columns}}));
      for (int64_t rows : rowCounts)
        kernel.checkRandom(rows, 1e-6);
    }
}

TEST(Rowwise, Shapes) {
  // The last row, normalised: what the last layer hands to the head.
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<4x$Nxf32>, %w: tensor<$Nxf32>) -> tensor<1x$Nxf32> {
    %s = nn.slice %x dim = 0 start = -1 size = 1 : tensor<4x$Nxf32> -> tensor<1x$Nxf32>
    %y = nn.rms_norm %s, %w eps = 1.0e-5 : tensor<1x$Nxf32>, tensor<$Nxf32>
    tile.yield %y : tensor<1x$Nxf32>
  })",
              1e-6);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x4x$Nxf32>, %y: tensor<?x2x$Nxf32>) -> tensor<?x5x$Nxf32> {
    %s = nn.slice %x dim = 1 start = 1 size = 3 : tensor<?x4x$Nxf32> -> tensor<?x3x$Nxf32>
    %z = nn.concat %s, %y dim = 1 : tensor<?x3x$Nxf32>, tensor<?x2x$Nxf32> -> tensor<?x5x$Nxf32>
    tile.yield %z : tensor<?x5x$Nxf32>
  })",
              0);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x4x$Nxf32>) -> tensor<?x$Nx4xf32> {
    %s = nn.transpose %x permutation = [0, 2, 1] : tensor<?x4x$Nxf32> -> tensor<?x$Nx4xf32>
    tile.yield %s : tensor<?x$Nx4xf32>
  })",
              0);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<3x$Nxf32>, %i: tensor<?xi32>, %y: tensor<32x$Nxf32>) -> tensor<?x$Nxf32> {
    %g = nn.gather %y, %i : tensor<32x$Nxf32>, tensor<?xi32> -> tensor<?x$Nxf32>
    tile.yield %g : tensor<?x$Nxf32>
  })",
              0);
}

/// New dimensions behind, between and before those of the input, and all of them.
TEST(Rowwise, Broadcast) {
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x3x$Nxf32>, %y: tensor<?x3x$Nxf32>) -> tensor<?x3x$Nxf32> {
    %s = nn.reduce sum %x dim = 2 : tensor<?x3x$Nxf32> -> tensor<?x3xf32>
    %a = nn.sigmoid %s : tensor<?x3xf32>
    %w = nn.broadcast %a dims = [0, 1] : tensor<?x3xf32> -> tensor<?x3x$Nxf32>
    %z = nn.mul %y, %w : tensor<?x3x$Nxf32>, tensor<?x3x$Nxf32>
    tile.yield %z : tensor<?x3x$Nxf32>
  })",
              1e-6);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x3x$Nxf32>) -> tensor<?x3x2x$Nxf32> {
    %a = nn.exp %x : tensor<?x3x$Nxf32>
    %w = nn.broadcast %a dims = [0, 1, 3] : tensor<?x3x$Nxf32> -> tensor<?x3x2x$Nxf32>
    tile.yield %w : tensor<?x3x2x$Nxf32>
  })",
              1e-6);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>, %c: tensor<$Nxf32>) -> tensor<?x$Nxf32> {
    %w = nn.broadcast %c dims = [1] rows %x : tensor<$Nxf32>, tensor<?x$Nxf32> -> tensor<?x$Nxf32>
    %z = nn.mul %x, %w : tensor<?x$Nxf32>, tensor<?x$Nxf32>
    tile.yield %z : tensor<?x$Nxf32>
  })",
              1e-6);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x$Nxf32>, %c: tensor<f32>) -> tensor<?x$Nxf32> {
    %w = nn.broadcast %c dims = [] rows %x : tensor<f32>, tensor<?x$Nxf32> -> tensor<?x$Nxf32>
    %z = nn.add %x, %w : tensor<?x$Nxf32>, tensor<?x$Nxf32>
    tile.yield %z : tensor<?x$Nxf32>
  })",
              1e-6);
}

TEST(Rowwise, Matmul) {
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x13xf32>, %y: tensor<13x$Nxf32>) -> tensor<?x$Nxf32> {
    %r = nn.relu %x : tensor<?x13xf32>
    %c = nn.matmul %r, %y : tensor<?x13xf32>, tensor<13x$Nxf32> -> tensor<?x$Nxf32>
    tile.yield %c : tensor<?x$Nxf32>
  })",
              1e-6);
  checkWidths(R"(tile.kernel @k family(rowwise) (%x: tensor<?x2x3x7xf32>, %y: tensor<?x2x7x$Nxf32>) -> tensor<?x2x3x$Nxf32> {
    %c = nn.matmul %x, %y : tensor<?x2x3x7xf32>, tensor<?x2x7x$Nxf32> -> tensor<?x2x3x$Nxf32>
    tile.yield %c : tensor<?x2x3x$Nxf32>
  })",
              1e-6);
}

TEST(Rowwise, AppendsToTheSlot) {
  for (std::string type : {"f16", "f32"})
    for (int64_t dim : {8, 24, 64}) {
      TestedKernel kernel(withNumbers(
          "tile.kernel @k family(rowwise) (%x: tensor<?x2x$Dxf32>, %y: tensor<?x2x$Dxf32>, %c: !cache.kv<heads = 2, dim = $D, " + type +
              ">) { cache.append %c, %x, %y : !cache.kv<heads = 2, dim = $D, " + type +
              ">, tensor<?x2x$Dxf32>, tensor<?x2x$Dxf32>\n tile.yield }",
          {{"$D", dim}}));
      for (int64_t position : {0, 1, 60, 64, 100})
        for (int64_t rows : rowCounts)
          kernel.checkRandom(rows, 1e-7, 1, position, 2);
    }
}
