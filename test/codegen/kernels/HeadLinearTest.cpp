//===- HeadLinearTest.cpp - a matrix for each head against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CompiledKernel.h"
#include "gtest/gtest.h"

using namespace tenon;
using namespace tenon::test;

namespace {
struct Sizes {
  int64_t heads, in, out;
};
} // namespace

/// A kernel of $H heads; `rounded` yields blocks of what it computes.
static std::string headLinear(const std::string &input, const std::string &weight, bool isTransposed, bool isRounded = false) {
  std::string matrix = "tensor<$Hx" + std::string(isTransposed ? "$Ix$O" : "$Ox$I") + "x" + weight + ", #tile.panels<16>>";
  std::string row = isRounded ? "tensor<?x$Rx!nn.a8>" : "tensor<?x$Rxf32>";
  return "tile.kernel @k family(contraction) (%x: tensor<?x$Hx$Ix" + input + ">, %w: " + matrix + ") -> " + row +
         " { %y = nn.head_linear %x, %w " + (isTransposed ? "{transposed} " : "") + ": tensor<?x$Hx$Ix" + input + ">, " + matrix +
         " -> tensor<?x$Hx$Oxf32>\n %z = nn.reshape %y : tensor<?x$Hx$Oxf32> to tensor<?x$Rxf32>\n" +
         (isRounded ? "%q = nn.quantize %z : tensor<?x$Rxf32> -> " + row + "\n tile.yield %q : " + row : "tile.yield %z : " + row) + " }";
}

static void checkSizes(const std::string &text, llvm::ArrayRef<Sizes> all, double tolerance) {
  for (Sizes sizes : all) {
    SCOPED_TRACE(std::to_string(sizes.heads) + " heads of " + std::to_string(sizes.in) + " to " + std::to_string(sizes.out));
    CompiledKernel kernel(withNumbers(text, {{"$H", sizes.heads}, {"$I", sizes.in}, {"$O", sizes.out}, {"$R", sizes.heads * sizes.out}}));
    for (int64_t rows : {0, 1, 3, 13})
      kernel.checkRandom(rows, tolerance, rows + 1, 0, rows == 13 ? 3 : 1);
  }
}

TEST(HeadLinear, FloatWeights) {
  for (std::string weight : {"f32", "f16", "bf16"})
    for (bool isTransposed : {false, true}) {
      SCOPED_TRACE(weight + (isTransposed ? ", transposed" : ""));
      checkSizes(headLinear("f32", weight, isTransposed), {{1, 16, 16}, {3, 20, 7}, {4, 16, 128}, {5, 33, 24}}, 2e-6);
    }
}

TEST(HeadLinear, QuantizedWeights) {
  for (std::string weight : {"!nn.q8_0", "!nn.q4_0", "!nn.q4_1"}) {
    SCOPED_TRACE(weight);
    checkSizes(headLinear("f32", weight, false), {{3, 64, 7}}, 2e-6);
    checkSizes(headLinear("f32", weight, true), {{3, 20, 32}, {4, 48, 128}}, 2e-6);
    checkSizes(headLinear("!nn.a8", weight, false), {{3, 64, 7}, {4, 32, 96}}, 2e-6);
  }
  for (std::string weight : {"!nn.q4_k", "!nn.q6_k"}) {
    SCOPED_TRACE(weight);
    checkSizes(headLinear("f32", weight, false), {{2, 256, 20}}, 3e-6);
    checkSizes(headLinear("f32", weight, true), {{2, 20, 256}}, 3e-6);
    checkSizes(headLinear("!nn.a16", weight, false), {{2, 256, 20}}, 3e-6);
  }
}

/// Blocks that span heads, and heads that hold several.
TEST(HeadLinear, RoundedResult) {
  checkSizes(headLinear("f32", "f32", false, true), {{4, 16, 16}, {3, 24, 32}, {4, 16, 24}}, 1.0 / 127);
}
