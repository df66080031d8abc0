//===- ScanTest.cpp - kernels of recurrences against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CompiledKernel.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace tenon;
using namespace tenon::test;

static constexpr int64_t rowCounts[] = {0, 1, 7, 33, 259};

namespace {
/// A kernel over sequences of `channels` channels and one slot.
struct ScanCase {
  std::string text;          ///< with $C for the channels
  std::vector<int> decays;   ///< numbers of the arguments that are at most 0
  double tolerance = 5e-6;
};
} // namespace

/// Random arguments, those in `decays` negative.
static std::vector<KernelArgument> argumentsOf(CompiledKernel &kernel, const ScanCase &scan, int64_t tokens, unsigned seed) {
  std::vector<KernelArgument> arguments = kernel.randomArguments(tokens, seed);
  for (int number : scan.decays) {
    auto type = mlir::cast<mlir::RankedTensorType>(arguments[number].type);
    std::vector<double> values = readBuffer(type, arguments[number].buffer, tokens);
    for (double &value : values)
      value = -std::fabs(value);
    arguments[number] = tensorArgument(type, tokens, values);
  }
  return arguments;
}

/// The same bits of results and states for 1, 2 and 3 threads.
static void checkThreads(CompiledKernel &kernel, const ScanCase &scan, int64_t tokens) {
  std::vector<KernelArgument> first = argumentsOf(kernel, scan, tokens, 5);
  std::vector<Buffer> expected = kernel.run(first, tokens);
  for (int64_t threads : {2, 3}) {
    std::vector<KernelArgument> again = argumentsOf(kernel, scan, tokens, 5);
    std::vector<Buffer> got = kernel.run(again, tokens, 0, threads);
    for (auto [a, b] : llvm::zip_equal(expected, got))
      EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size()), 0) << threads << " threads, result";
    for (auto [a, b] : llvm::zip_equal(first, again))
      EXPECT_EQ(std::memcmp(a.buffer.data(), b.buffer.data(), a.buffer.size()), 0) << threads << " threads, state";
  }
}

static void checkScan(const ScanCase &scan) {
  for (const std::string &target : runnableTargets())
    for (int64_t channels : {1, 3, 17, 40, 96}) {
      SCOPED_TRACE(target + ", channels " + std::to_string(channels));
      CompiledKernel kernel(withNumbers(scan.text, {{"$C", channels}}), target);
      for (int64_t tokens : rowCounts) {
        SCOPED_TRACE("rows " + std::to_string(tokens));
        kernel.check(argumentsOf(kernel, scan, tokens, tokens + 1), tokens, scan.tolerance);
      }
      checkThreads(kernel, scan, 33);
    }
}

TEST(Scan, SelectiveScan) {
  checkScan({R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %r: tensor<?x$Cxf32>, %a: tensor<16x$Cxf32>, %b: tensor<?x16xf32>,
      %c: tensor<?x16xf32>, %d: tensor<$Cxf32>, %z: tensor<?x$Cxf32>, %slot: !cache.recurrent<16x$Cxf32>) -> tensor<?x$Cxf32> {
    %dt = nn.softplus %r : tensor<?x$Cxf32>
    %s = cache.read %slot : !cache.recurrent<16x$Cxf32> -> tensor<16x$Cxf32>
    %y, %next = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s : tensor<?x$Cxf32>, tensor<?x$Cxf32>, tensor<16x$Cxf32>,
        tensor<?x16xf32>, tensor<?x16xf32>, tensor<$Cxf32>, tensor<16x$Cxf32>
    cache.write %slot, %next : !cache.recurrent<16x$Cxf32>, tensor<16x$Cxf32>
    %g = nn.silu %z : tensor<?x$Cxf32>
    %o = nn.mul %y, %g : tensor<?x$Cxf32>, tensor<?x$Cxf32>
    tile.yield %o : tensor<?x$Cxf32>
  })",
             {2}});
}
