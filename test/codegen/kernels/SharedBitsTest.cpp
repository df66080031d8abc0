//===- SharedBitsTest.cpp - the same bits for any grouping ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row's result depends neither on the number of threads nor on the rows beside it.
//
//===----------------------------------------------------------------------===//

#include "CompiledKernel.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace tenon;
using namespace tenon::test;
using mlir::cast;

static void expectSameBits(const uint8_t *a, const uint8_t *b, size_t bytes, const std::string &what) {
  EXPECT_EQ(std::memcmp(a, b, bytes), 0) << what;
}

/// The rows from `first` on of an argument whose rows are the call's.
static KernelArgument rowsOf(const KernelArgument &argument, int64_t first, int64_t count) {
  auto type = llvm::dyn_cast<mlir::RankedTensorType>(argument.type);
  if (!type || !type.isDynamicDim(0))
    return argument;
  size_t row = bufferBytes(type, 1);
  KernelArgument part{argument.type, argument.value, Buffer(count * row)};
  std::memcpy(part.buffer.data(), argument.buffer.data() + first * row, count * row);
  return part;
}

/// Runs all rows at once, on several numbers of threads, and in parts of every size up to 7.
static void checkGroupings(CompiledKernel &kernel, int64_t tokens, int64_t before) {
  std::vector<KernelArgument> arguments = kernel.randomArguments(tokens, 3, before + tokens);
  std::vector<Buffer> whole = kernel.run(arguments, tokens, before);
  for (int64_t threads : {2, 3, 7})
    for (auto [a, b] : llvm::zip(whole, kernel.run(arguments, tokens, before, threads)))
      expectSameBits(a.data(), b.data(), a.size(), std::to_string(threads) + " threads");
  for (int64_t size = 1; size <= 7; ++size)
    for (int64_t first = 0; first < tokens; first += size) {
      int64_t count = std::min(size, tokens - first);
      std::vector<KernelArgument> part;
      for (const KernelArgument &argument : arguments)
        part.push_back(rowsOf(argument, first, count));
      std::vector<Buffer> got = kernel.run(part, count, before + first);
      for (auto [all, some] : llvm::zip(whole, got))
        expectSameBits(all.data() + first * (some.size() / count), some.data(), some.size(),
                       std::to_string(count) + " rows from " + std::to_string(first));
    }
}

TEST(SharedBits, Linear) {
  for (const std::string &target : runnableTargets())
    for (auto [input, weight] : {std::pair<std::string, std::string>{"f32", "f32"},
                                 {"f32", "!nn.q4_1"},
                                 {"!nn.a8", "!nn.q4_1"},
                                 {"!nn.a8", "!nn.q8_0"},
                                 {"!nn.a16", "!nn.q8_0"},
                                 {"f32", "!nn.q6_k"},
                                 {"!nn.a8", "!nn.q4_k"},
                                 {"!nn.a8", "!nn.q6_k"},
                                 {"!nn.a16", "!nn.q2_k"},
                                 {"!nn.a8", "!nn.iq4_xs"},
                                 {"!nn.a8", "!nn.mxfp4"}}) {
      SCOPED_TRACE(input + " times " + weight + " for " + target);
      std::string depth = llvm::StringRef(weight).ends_with("_k") || weight == "!nn.iq4_xs" ? "256" : "96";
      std::string w = "tensor<72x" + depth + "x" + weight + ", #tile.panels<16>>", x = "tensor<?x" + depth + "x" + input + ">";
      CompiledKernel kernel("tile.kernel @k family(contraction) (%x: " + x + ", %w: " + w +
                                ") -> tensor<?x72xf32> { %y = nn.linear %x, %w : " + x + ", " + w +
                                " -> tensor<?x72xf32>\n tile.yield %y : tensor<?x72xf32> }",
                            target);
      checkGroupings(kernel, 23, 0);
    }
}

TEST(SharedBits, Attention) {
  for (const std::string &target : runnableTargets())
    for (std::string attributes : {"scale = 0.125 : f32, causal", "scale = 0.125 : f32, causal, window = 40"}) {
      SCOPED_TRACE(attributes + " for " + target);
      CompiledKernel kernel(
          R"(tile.kernel @k family(attention) (%q: tensor<?x4x32xf32>, %c: !cache.kv<heads = 2, dim = 32, f16>) -> tensor<?x4x32xf32> {
        %k, %v = cache.view %c : !cache.kv<heads = 2, dim = 32, f16> -> tensor<?x2x32xf32>, tensor<?x2x32xf32>
        %r = nn.attention %q, %k, %v {)" +
              attributes +
              R"(} : tensor<?x4x32xf32>, tensor<?x2x32xf32>, tensor<?x2x32xf32> -> tensor<?x4x32xf32>
        tile.yield %r : tensor<?x4x32xf32>
      })",
          target);
      checkGroupings(kernel, 23, 50);
    }
}

TEST(SharedBits, LatentAttention) {
  for (const std::string &target : runnableTargets()) {
    SCOPED_TRACE(target);
    CompiledKernel kernel(
        R"(tile.kernel @k family(attention) (%q: tensor<?x4x40xf32>, %c: !cache.kv<heads = 1, dim = 40, f16, latent = 32>)
            -> tensor<?x4x32xf32> {
        %k, %v = cache.view %c : !cache.kv<heads = 1, dim = 40, f16, latent = 32> -> tensor<?x1x40xf32>, tensor<?x1x32xf32>
        %r = nn.attention %q, %k, %v {scale = 0.125 : f32, causal} : tensor<?x4x40xf32>, tensor<?x1x40xf32>, tensor<?x1x32xf32>
            -> tensor<?x4x32xf32>
        tile.yield %r : tensor<?x4x32xf32>
      })",
        target);
    checkGroupings(kernel, 23, 50);
  }
}

TEST(SharedBits, NormAndRounding) {
  CompiledKernel kernel(R"(tile.kernel @k family(rowwise) (%x: tensor<?x96xf32>, %w: tensor<96xf32>) -> tensor<?x96x!nn.a8> {
    %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x96xf32>, tensor<96xf32>
    %q = nn.quantize %y : tensor<?x96xf32> -> tensor<?x96x!nn.a8>
    tile.yield %q : tensor<?x96x!nn.a8>
  })");
  checkGroupings(kernel, 11, 0);
}
