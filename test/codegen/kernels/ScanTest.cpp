//===- ScanTest.cpp - kernels of recurrences against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled twice: TestedKernel is code of this machine here, and a GPU's in test/gpu.
//
//===----------------------------------------------------------------------===//

#include "gtest/gtest.h"
#include <TestedKernel.h>
#include <cmath>
#include <cstring>

using namespace tenon;
using namespace tenon::test;

static constexpr int64_t rowCounts[] = {0, 1, 7, 33, 259};

namespace {
/// A kernel over sequences of `channels` channels and one slot.
struct ScanCase {
  std::string text;        ///< with $C for the channels
  std::vector<int> decays; ///< numbers of the arguments that are at most 0
  double tolerance = 5e-6;
};
} // namespace

/// Random arguments, those in `decays` negative.
static std::vector<KernelArgument> argumentsOf(TestedKernel &kernel, const ScanCase &scan, int64_t tokens, unsigned seed) {
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
static void checkThreads(TestedKernel &kernel, const ScanCase &scan, int64_t tokens) {
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
  for (const std::string &target : testedTargets())
    for (int64_t channels : {1, 3, 17, 40, 144}) {
      SCOPED_TRACE(target + ", channels " + std::to_string(channels));
      TestedKernel kernel(withNumbers(scan.text, {{"$C", channels}}), target);
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

/// A convolution of each number of taps, with the function that models put behind it.
TEST(Scan, CausalConv) {
  for (int64_t taps : {2, 3, 4, 7}) {
    SCOPED_TRACE("taps " + std::to_string(taps));
    std::string text = R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %w: tensor<$Cx$Kxf32>, %b: tensor<$Cxf32>,
        %slot: !cache.recurrent<$Lx$Cxf32>) -> tensor<?x$Cxf32> {
      %s = cache.read %slot : !cache.recurrent<$Lx$Cxf32> -> tensor<$Lx$Cxf32>
      %y, %next = ssm.causal_conv %x, %w bias %b state %s : tensor<?x$Cxf32>, tensor<$Cx$Kxf32>, tensor<$Cxf32>, tensor<$Lx$Cxf32>
      cache.write %slot, %next : !cache.recurrent<$Lx$Cxf32>, tensor<$Lx$Cxf32>
      %o = nn.silu %y : tensor<?x$Cxf32>
      tile.yield %o : tensor<?x$Cxf32>
    })";
    checkScan({withNumbers(text, {{"$K", taps}, {"$L", taps - 1}}), {}});
  }
}

/// States that are arguments and results, a slice of wider rows in front, weights of f16, rounding behind.
TEST(Scan, CausalConvWithoutASlot) {
  for (const std::string &target : testedTargets()) {
    SCOPED_TRACE(target);
    TestedKernel kernel(R"(tile.kernel @k family(scan) (%xz: tensor<?x160xf32>, %w: tensor<96x4xf16>, %s: tensor<3x96xf32>)
          -> (tensor<?x96x!nn.a8>, tensor<3x96xf32>) {
      %x = nn.slice %xz dim = 1 start = 40 size = 96 : tensor<?x160xf32> -> tensor<?x96xf32>
      %y, %next = ssm.causal_conv %x, %w state %s : tensor<?x96xf32>, tensor<96x4xf16>, tensor<3x96xf32>
      %q = nn.quantize %y : tensor<?x96xf32> -> tensor<?x96x!nn.a8>
      tile.yield %q, %next : tensor<?x96x!nn.a8>, tensor<3x96xf32>
    })",
                          target);
    for (int64_t tokens : rowCounts)
      kernel.checkRandom(tokens, 1.0 / 127, tokens + 1);
  }
}

TEST(Scan, Shift) {
  checkScan({R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %m: tensor<$Cxf32>, %slot: !cache.recurrent<1x$Cxf32>)
        -> tensor<?x$Cxf32> {
    %s = cache.read %slot : !cache.recurrent<1x$Cxf32> -> tensor<1x$Cxf32>
    %y, %next = ssm.shift %x state %s : tensor<?x$Cxf32>, tensor<1x$Cxf32>
    cache.write %slot, %next : !cache.recurrent<1x$Cxf32>, tensor<1x$Cxf32>
    %d = nn.sub %y, %x : tensor<?x$Cxf32>, tensor<?x$Cxf32>
    %p = nn.mul %d, %m : tensor<?x$Cxf32>, tensor<$Cxf32>
    %o = nn.add %p, %x : tensor<?x$Cxf32>, tensor<?x$Cxf32>
    tile.yield %o : tensor<?x$Cxf32>
  })",
             {}});
}

TEST(Scan, Wkv) {
  std::string text = R"(tile.kernel @k family(scan) (%k: tensor<?x$Cxf32>, %v: tensor<?x$Cxf32>, %w: tensor<$Cxf32>, %u: tensor<$Cxf32>,
      %r: tensor<?x$Cxf32>, %s: tensor<3x$Cxf32>) -> (tensor<?x$Cxf32>, tensor<3x$Cxf32>) {
    %y, %next = ssm.wkv %k, %v, %w, %u state %s : tensor<?x$Cxf32>, tensor<?x$Cxf32>, tensor<$Cxf32>, tensor<$Cxf32>, tensor<3x$Cxf32>
    %g = nn.sigmoid %r : tensor<?x$Cxf32>
    %o = nn.mul %y, %g : tensor<?x$Cxf32>, tensor<?x$Cxf32>
    tile.yield %o, %next : tensor<?x$Cxf32>, tensor<3x$Cxf32>
  })";
  for (const std::string &target : testedTargets())
    for (int64_t channels : {1, 3, 17, 40}) {
      SCOPED_TRACE(target + ", channels " + std::to_string(channels));
      TestedKernel kernel(withNumbers(text, {{"$C", channels}}), target);
      for (int64_t tokens : rowCounts)
        for (double b : {0.0, 1.5}) {
          std::vector<KernelArgument> arguments = argumentsOf(kernel, {text, {2}}, tokens, tokens + 1);
          // A state that is empty, and one that is not.
          std::vector<double> state = readBuffer(mlir::cast<mlir::RankedTensorType>(arguments[5].type), arguments[5].buffer, tokens);
          std::fill(state.begin() + channels, state.begin() + 2 * channels, b);
          arguments[5] = tensorArgument(mlir::cast<mlir::RankedTensorType>(arguments[5].type), tokens, state);
          kernel.check(arguments, tokens, 5e-6);
        }
    }
}

TEST(Scan, Lru) {
  for (std::string decay : {"$Cxf32", "?x$Cxf32", "$Cxf16", "?x$Cxbf16"}) {
    SCOPED_TRACE("decay of " + decay);
    checkScan({"tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %g: tensor<" + decay + R"(>, %slot: !cache.recurrent<1x$Cxf32>)
        -> tensor<?x$Cxf32> {
    %s = cache.read %slot : !cache.recurrent<1x$Cxf32> -> tensor<1x$Cxf32>
    %y, %next = ssm.lru %x, %g state %s : tensor<?x$Cxf32>, tensor<)" +
                   decay + R"(>, tensor<1x$Cxf32>
    cache.write %slot, %next : !cache.recurrent<1x$Cxf32>, tensor<1x$Cxf32>
    tile.yield %y : tensor<?x$Cxf32>
  })",
               {1}});
  }
}

TEST(Scan, ComplexLru) {
  checkScan({R"(tile.kernel @k family(scan) (%x: tensor<?x2x$Cxf32>, %g: tensor<$Cxf32>, %p: tensor<$Cxf32>,
      %slot: !cache.recurrent<2x$Cxf32>) -> tensor<?x2x$Cxf32> {
    %s = cache.read %slot : !cache.recurrent<2x$Cxf32> -> tensor<2x$Cxf32>
    %y, %next = ssm.lru %x, %g phase %p state %s : tensor<?x2x$Cxf32>, tensor<$Cxf32>, tensor<$Cxf32>, tensor<2x$Cxf32>
    cache.write %slot, %next : !cache.recurrent<2x$Cxf32>, tensor<2x$Cxf32>
    %o = nn.neg %y : tensor<?x2x$Cxf32>
    tile.yield %o : tensor<?x2x$Cxf32>
  })",
             {1}});
}

TEST(Scan, Lti) {
  checkScan({R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %g: tensor<4x$Cxf32>, %p: tensor<4x$Cxf32>, %b: tensor<2x4x$Cxf32>,
      %c: tensor<2x4x$Cxf32>, %d: tensor<$Cxf32>, %slot: !cache.recurrent<2x4x$Cxf32>) -> tensor<?x$Cxf32> {
    %s = cache.read %slot : !cache.recurrent<2x4x$Cxf32> -> tensor<2x4x$Cxf32>
    %y, %next = ssm.lti %x, %g, %p, %b, %c skip %d state %s : tensor<?x$Cxf32>, tensor<4x$Cxf32>, tensor<4x$Cxf32>, tensor<2x4x$Cxf32>,
        tensor<2x4x$Cxf32>, tensor<$Cxf32>, tensor<2x4x$Cxf32>
    cache.write %slot, %next : !cache.recurrent<2x4x$Cxf32>, tensor<2x4x$Cxf32>
    tile.yield %y : tensor<?x$Cxf32>
  })",
             {1},
             2e-5}); // hundreds of rows of hardly any decay turn by rounded angles
}

TEST(Scan, ProjectionOfTheWholePast) {
  checkScan({R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %slot: !cache.recurrent<9x$Cxf32>) -> tensor<?x9x$Cxf32> {
    %s = cache.read %slot : !cache.recurrent<9x$Cxf32> -> tensor<9x$Cxf32>
    %y, %next = ssm.project_whole %x state %s : tensor<?x$Cxf32>, tensor<9x$Cxf32>
    cache.write %slot, %next : !cache.recurrent<9x$Cxf32>, tensor<9x$Cxf32>
    tile.yield %y : tensor<?x9x$Cxf32>
  })",
             {}});
}

/// A step of one's own: two outputs and two states.
TEST(Scan, ElementwiseStep) {
  checkScan(
      {R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %w: tensor<$Cxf32>, %s: tensor<1x$Cxf32>, %slot: !cache.recurrent<1x$Cxf32>)
        -> (tensor<?x$Cxf32>, tensor<?x$Cxf32>, tensor<1x$Cxf32>) {
    %h = cache.read %slot : !cache.recurrent<1x$Cxf32> -> tensor<1x$Cxf32>
    %y, %z, %n0, %n1 = ssm.scan sequences(%x : tensor<?x$Cxf32>) fixed(%w : tensor<$Cxf32>)
        states(%s, %h : tensor<1x$Cxf32>, tensor<1x$Cxf32>) -> (tensor<?x$Cxf32>, tensor<?x$Cxf32>)
        next (tensor<1x$Cxf32>, tensor<1x$Cxf32>) {
    ^bb0(%row: tensor<1x$Cxf32>, %weight: tensor<$Cxf32>, %a: tensor<1x$Cxf32>, %b: tensor<1x$Cxf32>):
      %g = nn.sigmoid %row : tensor<1x$Cxf32>
      %0 = nn.mul %a, %g : tensor<1x$Cxf32>, tensor<1x$Cxf32>
      %1 = nn.add %0, %row : tensor<1x$Cxf32>, tensor<1x$Cxf32>
      %2 = nn.mul %b, %weight : tensor<1x$Cxf32>, tensor<$Cxf32>
      %3 = nn.tanh %2 : tensor<1x$Cxf32>
      %4 = nn.add %3, %1 : tensor<1x$Cxf32>, tensor<1x$Cxf32>
      ssm.yield outputs(%1, %4 : tensor<1x$Cxf32>, tensor<1x$Cxf32>) states(%1, %4 : tensor<1x$Cxf32>, tensor<1x$Cxf32>)
    }
    cache.write %slot, %n1 : !cache.recurrent<1x$Cxf32>, tensor<1x$Cxf32>
    tile.yield %y, %z, %n0 : tensor<?x$Cxf32>, tensor<?x$Cxf32>, tensor<1x$Cxf32>
  })",
       {}});
}
