//===- AttentionTest.cpp - attention kernels against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled twice: TestedKernel is code of this machine here, and a GPU's in test/gpu.
//
//===----------------------------------------------------------------------===//

#include "gtest/gtest.h"
#include <TestedKernel.h>

using namespace tenon;
using namespace tenon::test;

/// Attention of four heads over a slot of two.
static std::string overSlot(const std::string &attributes, const std::string &element = "f16", const std::string &result = "") {
  std::string slot = "!cache.kv<heads = 2, dim = $D, " + element + ">";
  std::string rounded = result.empty() ? "" : "%q2 = nn.quantize %f : tensor<?x$Nxf32> -> tensor<?x$Nx!nn.a8>\n";
  std::string type = result.empty() ? "tensor<?x$Nxf32>" : "tensor<?x$Nx!nn.a8>";
  return "tile.kernel @k family(attention) (%q: tensor<?x4x$Dxf32>, %c: " + slot + ") -> " + type + " {\n" +
         "%k, %v = cache.view %c : " + slot + " -> tensor<?x2x$Dxf32>, tensor<?x2x$Dxf32>\n" + "%r = nn.attention %q, %k, %v {" +
         attributes + "} : tensor<?x4x$Dxf32>, tensor<?x2x$Dxf32>, tensor<?x2x$Dxf32> -> tensor<?x4x$Dxf32>\n" +
         "%f = nn.reshape %r : tensor<?x4x$Dxf32> to tensor<?x$Nxf32>\n" + rounded + "tile.yield " + (result.empty() ? "%f" : "%q2") +
         " : " + type + " }";
}

/// The slot as it is after the append of the call: `tokens` more positions, of which the kernel is told by its position.
static void checkOverSlot(TestedKernel &kernel, int64_t tokens, int64_t before, double tolerance, int64_t threads = 1) {
  std::vector<KernelArgument> arguments = kernel.randomArguments(tokens, tokens + before + 1, before + tokens);
  SCOPED_TRACE("tokens " + std::to_string(tokens) + " after " + std::to_string(before));
  kernel.check(arguments, tokens, tolerance, before, threads);
}

TEST(Attention, CausalOverTheSlot) {
  for (std::string element : {"f16", "f32"})
    for (int64_t dim : {8, 24, 64, 96}) {
      SCOPED_TRACE("dim " + std::to_string(dim));
      TestedKernel kernel(withNumbers(overSlot("scale = 0.125 : f32, causal", element), {{"$D", dim}, {"$N", 4 * dim}}));
      for (int64_t tokens : {0, 1, 5, 8, 70})
        for (int64_t before : {0, 1, 63, 64, 130})
          checkOverSlot(kernel, tokens, before, 2e-6, tokens == 8 ? 3 : 1);
    }
}

/// Keys of which the first elements are the values.
TEST(Attention, LatentSlot) {
  for (std::string element : {"f16", "f32"})
    for (int64_t value : {7, 16, 40}) {
      SCOPED_TRACE(element + ", values of " + std::to_string(value));
      std::string slot = "!cache.kv<heads = 1, dim = 40, " + element + ", latent = $V>";
      TestedKernel kernel(withNumbers("tile.kernel @k family(attention) (%q: tensor<?x6x40xf32>, %c: " + slot +
                                            ") -> tensor<?x6x$Vxf32> { %k, %v = cache.view %c : " + slot +
                                            " -> tensor<?x1x40xf32>, tensor<?x1x$Vxf32>\n %r = nn.attention %q, %k, %v {scale = 0.2 : f32, "
                                            "causal} : tensor<?x6x40xf32>, tensor<?x1x40xf32>, tensor<?x1x$Vxf32> -> tensor<?x6x$Vxf32>\n"
                                            "tile.yield %r : tensor<?x6x$Vxf32> }",
                                        {{"$V", value}}));
      for (int64_t tokens : {0, 1, 5, 70})
        for (int64_t before : {0, 63, 64, 130})
          checkOverSlot(kernel, tokens, before, 2e-6, tokens == 5 ? 3 : 1);
    }
}

TEST(Attention, Masks) {
  for (std::string attributes : {"scale = 0.2 : f32", "scale = 0.2 : f32, causal, window = 1", "scale = 0.2 : f32, causal, window = 70",
                                 "scale = 2.0 : f32, causal, soft_cap = 1.5 : f32"}) {
    SCOPED_TRACE(attributes);
    TestedKernel kernel(withNumbers(overSlot(attributes), {{"$D", 32}, {"$N", 128}}));
    for (int64_t tokens : {1, 9, 70})
      for (int64_t before : {0, 64, 150})
        checkOverSlot(kernel, tokens, before, 3e-6);
  }
}

TEST(Attention, LargeScores) {
  TestedKernel kernel(withNumbers(overSlot("scale = 300.0 : f32, causal"), {{"$D", 32}, {"$N", 128}}));
  checkOverSlot(kernel, 9, 100, 2e-4);
}

TEST(Attention, RoundedResult) {
  TestedKernel kernel(withNumbers(overSlot("scale = 0.125 : f32, causal", "f16", "a8"), {{"$D", 32}, {"$N", 128}}));
  checkOverSlot(kernel, 6, 70, 1.0 / 127);
}

/// Keys and values that are tensors of the call.
TEST(Attention, WithoutASlot) {
  for (std::string attributes : {"scale = 0.3 : f32", "scale = 0.3 : f32, causal"}) {
    TestedKernel kernel(
        R"(tile.kernel @k family(attention) (%q: tensor<?x4x24xf32>, %k: tensor<?x2x24xf32>, %v: tensor<?x2x20xf32>) -> tensor<?x4x20xf32> {
      %r = nn.attention %q, %k, %v {)" +
        attributes + R"(} : tensor<?x4x24xf32>, tensor<?x2x24xf32>, tensor<?x2x20xf32> -> tensor<?x4x20xf32>
      tile.yield %r : tensor<?x4x20xf32>
    })");
    for (int64_t tokens : {0, 1, 7, 65, 130})
      kernel.checkRandom(tokens, 2e-6);
  }
}

TEST(Attention, Bias) {
  for (std::string shape : {"?x?", "4x?x?"}) {
    std::string type = "tensor<" + shape + "xf32>";
    TestedKernel kernel(
        "tile.kernel @k family(attention) (%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %b: " + type +
        ") -> tensor<?x4x16xf32> { %r = nn.attention %q, %k, %v, bias %b {scale = 0.3 : f32} : tensor<?x4x16xf32>, "
        "tensor<?x4x16xf32>, tensor<?x4x16xf32>, " +
        type + " -> tensor<?x4x16xf32>\n tile.yield %r : tensor<?x4x16xf32> }");
    for (int64_t tokens : {1, 7, 70})
      kernel.checkRandom(tokens, 2e-6);
  }
}
