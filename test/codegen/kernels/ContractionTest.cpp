//===- ContractionTest.cpp - contraction kernels against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <TestedKernel.h>
#include "tenon/dialects/nn/BlockCodec.h"
#include "gtest/gtest.h"

using namespace tenon;
using namespace tenon::test;

/// A linear of the given element types.
static std::string linear(const std::string &input, const std::string &weight) {
  return "tile.kernel @k family(contraction) (%x: tensor<?x$Kx" + input + ">, %w: tensor<$Nx$Kx" + weight +
         ", #tile.panels<16>>, %b: tensor<$Nxf32>) -> tensor<?x$Nxf32> { %y = nn.linear %x, %w, bias %b : tensor<?x$Kx" + input +
         ">, tensor<$Nx$Kx" + weight + ", #tile.panels<16>>, tensor<$Nxf32> -> tensor<?x$Nxf32>\n tile.yield %y : tensor<?x$Nxf32> }";
}

static void checkLinear(const std::string &input, const std::string &weight, double tolerance, llvm::ArrayRef<int64_t> depths,
                        const std::string &target = testedTargets().back(), llvm::ArrayRef<int64_t> widths = {1, 16, 23, 96}) {
  for (int64_t depth : depths)
    for (int64_t channels : widths) {
      SCOPED_TRACE(input + " times " + weight + " for " + target + ", " + std::to_string(channels) + " x " + std::to_string(depth));
      TestedKernel kernel(withNumbers(linear(input, weight), {{"$K", depth}, {"$N", channels}}), target);
      for (int64_t rows : {0, 1, 3, 6, 13})
        kernel.checkRandom(rows, tolerance, rows + 1, 0, rows == 13 ? 3 : 1);
    }
}

TEST(Contraction, FloatWeights) {
  for (std::string weight : {"f32", "f16", "bf16"})
    checkLinear("f32", weight, 5e-6, {1, 7, 64});
}

TEST(Contraction, HalfInputs) {
  checkLinear("f16", "f32", 2e-6, {7});
  checkLinear("bf16", "bf16", 2e-6, {64});
}

/// Every format of weights, and two depths for it.
struct Format {
  std::string type;
  std::vector<int64_t> depths;
};
static std::vector<Format> allFormats() {
  std::vector<Format> formats;
  for (const BlockCodec *codec : allBlockCodecs())
    if (codec->form)
      formats.push_back({"!nn." + codec->name.str(), {codec->blockElements, (codec->blockElements == 32 ? 3 : 2) * codec->blockElements}});
  return formats;
}

TEST(Contraction, QuantizedWeightsExactInputs) {
  for (const Format &format : allFormats())
    checkLinear("f32", format.type, 3e-6, format.depths, testedTargets().back(), {23});
  checkLinear("f32", "!nn.q4_1", 3e-6, {96});
}

TEST(Contraction, QuantizedWeightsRoundedInputs) {
  for (std::string input : {"!nn.a8", "!nn.a16"})
    for (const Format &format : allFormats())
      checkLinear(input, format.type, 3e-6, format.depths, testedTargets().back(), {23});
  checkLinear("!nn.a8", "!nn.q4_1", 3e-6, {96});
}

TEST(Contraction, EveryTarget) {
  for (const std::string &target : testedTargets())
    for (const Format &format : allFormats())
      checkLinear("!nn.a8", format.type, 3e-6, {format.depths.back()}, target, {23});
}

/// Integers of the largest magnitude in both operands: the pairs of products that saturate 16 bits.
TEST(Contraction, LargestIntegers) {
  for (const std::string &target : testedTargets()) {
    TestedKernel kernel(withNumbers(linear("!nn.a8", "!nn.q8_0"), {{"$K", 32}, {"$N", 16}}), target);
    std::vector<KernelArgument> arguments = kernel.randomArguments(1);
    arguments[0] = tensorArgument(mlir::cast<mlir::RankedTensorType>(kernel.inputs()[0]), 1, std::vector<double>(32, 1.0));
    for (int64_t i = 0; i < 512; ++i)
      arguments[1].buffer.data()[i] = 255;
    std::vector<double> got =
        readBuffer(mlir::cast<mlir::RankedTensorType>(kernel.kernel().getFunctionType().getResult(0)), kernel.run(arguments, 1)[0], 1);
    // 32 products of 127 and 127, the activations' scale 1/127 rounded to f16, the weights' scales as they are.
    std::vector<KernelArgument> other = arguments;
    for (int64_t i = 0; i < 512; ++i)
      other[1].buffer.data()[i] = 129;
    std::vector<double> one =
        readBuffer(mlir::cast<mlir::RankedTensorType>(kernel.kernel().getFunctionType().getResult(0)), kernel.run(other, 1)[0], 1);
    std::vector<double> bias = arguments[2].value.tensor().toDense().values();
    for (int64_t i = 0; i < 16; ++i)
      EXPECT_NEAR((got[i] - bias[i]) / (one[i] - bias[i]), 127, 0.05) << target;
  }
}

TEST(Contraction, GatedProductRounded) {
  for (std::string weight : {"!nn.q4_1", "!nn.q8_0"}) {
    std::string w = "tensor<$Nx64x" + weight + ", #tile.panels<16>>";
    for (int64_t channels : {32, 160}) {
      TestedKernel kernel(
          withNumbers("tile.kernel @k family(contraction) (%x: tensor<?x64x!nn.a8>, %g: " + w + ", %u: " + w +
                          ") -> tensor<?x$Nx!nn.a8> {\n"
                          "%a = nn.linear %x, %g : tensor<?x64x!nn.a8>, " +
                          w + " -> tensor<?x$Nxf32>\n%b = nn.linear %x, %u : tensor<?x64x!nn.a8>, " + w +
                          " -> tensor<?x$Nxf32>\n%s = nn.silu %a : tensor<?x$Nxf32>\n"
                          "%m = nn.mul %s, %b : tensor<?x$Nxf32>, tensor<?x$Nxf32>\n"
                          "%q = nn.quantize %m : tensor<?x$Nxf32> -> tensor<?x$Nx!nn.a8>\ntile.yield %q : tensor<?x$Nx!nn.a8> }",
                      {{"$N", channels}}));
      // A number that lies between two integers may be rounded to either.
      for (int64_t rows : {0, 1, 2, 11})
        kernel.checkRandom(rows, 1.0 / 127);
    }
  }
}

/// q, k and v of one input: rope, append and a plain result in one kernel.
static std::string attentionInputs(const std::string &input, const std::string &weight, const std::string &slot) {
  std::string text = R"(tile.kernel @k family(contraction) (%x: tensor<?x64x@I>, %q: tensor<$Nx64x@W, #tile.panels<16>>,
      %k: tensor<$Mx64x@W, #tile.panels<16>>, %v: tensor<$Mx64x@W, #tile.panels<16>>, %t: tensor<?x$Dxf32>, %c: @S) -> tensor<?x4x$Dxf32> {
    %a = nn.linear %x, %q : tensor<?x64x@I>, tensor<$Nx64x@W, #tile.panels<16>> -> tensor<?x$Nxf32>
    %b = nn.linear %x, %k : tensor<?x64x@I>, tensor<$Mx64x@W, #tile.panels<16>> -> tensor<?x$Mxf32>
    %d = nn.linear %x, %v : tensor<?x64x@I>, tensor<$Mx64x@W, #tile.panels<16>> -> tensor<?x$Mxf32>
    %ah = nn.reshape %a : tensor<?x$Nxf32> to tensor<?x4x$Dxf32>
    %bh = nn.reshape %b : tensor<?x$Mxf32> to tensor<?x2x$Dxf32>
    %dh = nn.reshape %d : tensor<?x$Mxf32> to tensor<?x2x$Dxf32>
    %ar = nn.rope %ah, %t : tensor<?x4x$Dxf32>, tensor<?x$Dxf32>
    %br = nn.rope %bh, %t : tensor<?x2x$Dxf32>, tensor<?x$Dxf32>
    cache.append %c, %br, %dh : @S, tensor<?x2x$Dxf32>, tensor<?x2x$Dxf32>
    tile.yield %ar : tensor<?x4x$Dxf32>
  })";
  for (auto [name, value] : {std::pair<std::string, std::string>{"@I", input}, {"@W", weight}, {"@S", slot}})
    for (size_t at = 0; (at = text.find(name, at)) != std::string::npos;)
      text.replace(at, 2, value);
  return text;
}

TEST(Contraction, QueryKeyValueWithRopeAndAppend) {
  for (std::string input : {"f32", "!nn.a8"})
    for (std::string weight : {"!nn.q4_0", "f32"}) {
      if (input != "f32" && weight == "f32")
        continue;
      for (int64_t dim : {8, 32, 48}) {
        std::string text = attentionInputs(input, weight, "!cache.kv<heads = 2, dim = $D, f16>");
        TestedKernel kernel(withNumbers(text, {{"$D", dim}, {"$N", 4 * dim}, {"$M", 2 * dim}}));
        for (int64_t rows : {0, 1, 9})
          for (int64_t position : {0, 61})
            kernel.checkRandom(rows, 3e-6, 1, position, 2);
      }
    }
}

TEST(Contraction, ResidualAndTwoResults) {
  TestedKernel kernel(
      R"(tile.kernel @k family(contraction) (%x: tensor<?x32x!nn.a8>, %w: tensor<40x32x!nn.q4_1, #tile.panels<16>>, %r: tensor<?x40xf32>)
      -> (tensor<?x40xf32>, tensor<?x40xf16>) {
    %y = nn.linear %x, %w : tensor<?x32x!nn.a8>, tensor<40x32x!nn.q4_1, #tile.panels<16>> -> tensor<?x40xf32>
    %s = nn.add %r, %y : tensor<?x40xf32>, tensor<?x40xf32>
    %h = nn.convert %s : tensor<?x40xf32> to tensor<?x40xf16>
    tile.yield %s, %h : tensor<?x40xf32>, tensor<?x40xf16>
  })");
  for (int64_t rows : {1, 8})
    kernel.checkRandom(rows, 1e-3, 1, 0, 2);
}

TEST(Contraction, OneStaticRow) {
  TestedKernel kernel(
      R"(tile.kernel @k family(contraction) (%x: tensor<1x64x!nn.a8>, %w: tensor<50x64x!nn.q8_0, #tile.panels<16>>) -> tensor<1x50xf32> {
    %y = nn.linear %x, %w : tensor<1x64x!nn.a8>, tensor<50x64x!nn.q8_0, #tile.panels<16>> -> tensor<1x50xf32>
    tile.yield %y : tensor<1x50xf32>
  })");
  for (int64_t threads : {1, 2, 5})
    kernel.checkRandom(17, 3e-6, 1, 0, threads);
}
