//===- TypeSpeedTest.cpp - what each type of weights costs ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Not run by ctest: KernelPropertyTest --gtest_also_run_disabled_tests --gtest_filter=TypeSpeed.* prints, for one thread, weight bytes a
// second with one row (from memory: the weights of a matrix are larger than the caches) and operations a second with 64 rows.
//
//===----------------------------------------------------------------------===//

#include "CompiledKernel.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "gtest/gtest.h"
#include <chrono>
#include <cstdio>

using namespace tenon;
using namespace tenon::test;

/// Seconds of one call: the least of some runs.
static double secondsOf(CompiledKernel &kernel, llvm::ArrayRef<KernelArgument> arguments, int64_t rows, int64_t times) {
  double best = 1e9;
  for (int run = 0; run < 7; ++run) {
    auto start = std::chrono::steady_clock::now();
    kernel.runMany(arguments, rows, 0, times);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times);
  }
  return best;
}

TEST(TypeSpeed, DISABLED_Linear) {
  constexpr int64_t depth = 2048, narrow = 1024, wide = 16384;
  std::printf("%-8s %8s %10s %14s %10s\n", "type", "bits", "GB/s", "G weights/s", "GOPS");
  for (const BlockCodec *codec : allBlockCodecs()) {
    if (!codec->form)
      continue;
    auto kernelOf = [&](int64_t channels) {
      std::string w = "tensor<$Nx$Kx!nn." + codec->name.str() + ", #tile.panels<16>>";
      return withNumbers("tile.kernel @k family(contraction) (%x: tensor<?x$Kx!nn.a8>, %w: " + w +
                             ") -> tensor<?x$Nxf32> { %y = nn.linear %x, %w : tensor<?x$Kx!nn.a8>, " + w +
                             " -> tensor<?x$Nxf32>\n tile.yield %y : tensor<?x$Nxf32> }",
                         {{"$K", depth}, {"$N", channels}});
    };
    CompiledKernel one(kernelOf(wide)), many(kernelOf(narrow));
    std::vector<KernelArgument> arguments = one.randomArguments(1);
    double row = secondsOf(one, arguments, 1, 3);
    double bytes = arguments[1].buffer.size(), weights = double(wide) * depth;
    double rows = secondsOf(many, many.randomArguments(64), 64, 2);
    std::printf("%-8s %8.3f %10.1f %14.1f %10.0f\n", codec->name.str().c_str(), bytes * 8 / weights, bytes / row * 1e-9,
                weights / row * 1e-9, 2.0 * 64 * narrow * depth / rows * 1e-9);
  }
}
