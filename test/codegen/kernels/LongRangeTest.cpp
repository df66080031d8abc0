//===- LongRangeTest.cpp - recurrences over 10,000 positions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled recurrences compute in f32, the evaluator in double. With decays so close to 1 that the first positions still count at the
// end, results and state after 10,000 positions must agree within 1e-4 of the largest, in one call and in 10,000 calls of one position.

#include "CompiledKernel.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tenon;
using namespace tenon::test;

static constexpr int64_t positions = 10000;
static constexpr double tolerance = 1e-4;

namespace {
/// A kernel whose last argument is its slot.
struct LongCase {
  std::string text;
  std::vector<std::pair<int, double>> scaled; ///< numbers of arguments and the factor of their magnitudes
};
} // namespace

static bool isSequence(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.isDynamicDim(0);
}

static std::vector<KernelArgument> argumentsOf(CompiledKernel &kernel, const LongCase &scan) {
  std::vector<KernelArgument> arguments = kernel.randomArguments(positions, 11);
  for (auto [number, factor] : scan.scaled) {
    auto type = cast<RankedTensorType>(arguments[number].type);
    std::vector<double> values = readBuffer(type, arguments[number].buffer, positions);
    for (double &value : values)
      value = std::fabs(value) * factor;
    arguments[number] = tensorArgument(type, positions, values);
  }
  return arguments;
}

/// The arguments of position `t`; what is no sequence, the slot among it, is shared.
static std::vector<KernelArgument> rowOf(ArrayRef<KernelArgument> arguments, int64_t t) {
  std::vector<KernelArgument> row(arguments.begin(), arguments.end());
  for (KernelArgument &argument : row) {
    if (!isSequence(argument.type))
      continue;
    size_t bytes = argument.buffer.size() / positions;
    Buffer part(bytes);
    std::memcpy(part.data(), argument.buffer.data() + t * bytes, bytes);
    argument.buffer = part;
  }
  return row;
}

static void expectSameState(RankedTensorType type, const Buffer &a, const Buffer &b) {
  std::vector<double> steps = readBuffer(type, a, 0), whole = readBuffer(type, b, 0);
  double largest = 0, difference = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    ASSERT_TRUE(std::isfinite(steps[i]) && std::isfinite(whole[i]));
    largest = std::max(largest, std::fabs(whole[i]));
    difference = std::max(difference, std::fabs(steps[i] - whole[i]));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LE(difference, tolerance * largest);
}

static void checkLong(const LongCase &scan) {
  CompiledKernel kernel(scan.text);
  std::vector<KernelArgument> whole = argumentsOf(kernel, scan), steps = whole;
  Buffer slot(whole.back().buffer.size());
  std::memcpy(slot.data(), whole.back().buffer.data(), slot.size());
  steps.back().buffer = slot;

  kernel.check(whole, positions, tolerance);
  for (int64_t t = 0; t < positions; ++t)
    kernel.run(rowOf(steps, t), 1, t);
  expectSameState(cast<cache::RecurrentType>(steps.back().type).getTensorType(), slot, whole.back().buffer);
}

TEST(LongRange, SelectiveScan) {
  checkLong({R"(tile.kernel @k family(scan) (%x: tensor<?x24xf32>, %dt: tensor<?x24xf32>, %a: tensor<8x24xf32>, %b: tensor<?x8xf32>,
      %c: tensor<?x8xf32>, %slot: !cache.recurrent<8x24xf32>) -> tensor<?x24xf32> {
    %s = cache.read %slot : !cache.recurrent<8x24xf32> -> tensor<8x24xf32>
    %y, %next = ssm.selective_scan %x, %dt, %a, %b, %c state %s : tensor<?x24xf32>, tensor<?x24xf32>, tensor<8x24xf32>,
        tensor<?x8xf32>, tensor<?x8xf32>, tensor<8x24xf32>
    cache.write %slot, %next : !cache.recurrent<8x24xf32>, tensor<8x24xf32>
    tile.yield %y : tensor<?x24xf32>
  })",
             {{1, 0.01}, {2, -0.02}}});
}

static std::string matrixText(const std::string &more, const std::string &recurrence, const std::string &schedule) {
  return "tile.kernel @k family(scan) (%q: tensor<?x2x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x32xf32>, " + more +
         R"(, %slot: !cache.recurrent<2x16x32xf32>) -> tensor<?x2x32xf32>)" + schedule + R"( {
    %s = cache.read %slot : !cache.recurrent<2x16x32xf32> -> tensor<2x16x32xf32>
    )" + recurrence +
         R"(
    cache.write %slot, %next : !cache.recurrent<2x16x32xf32>, tensor<2x16x32xf32>
    tile.yield %y : tensor<?x2x32xf32>
  })";
}

static LongCase linearAttention(const std::string &schedule) {
  return {matrixText("%g: tensor<?x2xf32>",
                     R"(%y, %next = ssm.linear_attention %q, %k, %v decay %g state %s : tensor<?x2x16xf32>, tensor<?x2x16xf32>,
        tensor<?x2x32xf32>, tensor<?x2xf32>, tensor<2x16x32xf32>)",
                     schedule),
          {{3, -4e-4}}};
}

TEST(LongRange, LinearAttention) {
  checkLong(linearAttention(""));
}

TEST(LongRange, LinearAttentionByProducts) {
  checkLong(linearAttention(" attributes {schedule = #tile.schedule<width = 16, form = chunked, chunk = 64>}"));
}

TEST(LongRange, DeltaRule) {
  checkLong({matrixText("%a: tensor<?x2x16xf32>, %b: tensor<?x2x16xf32>, %g: tensor<?x2xf32>",
                        R"(%y, %next = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s : tensor<?x2x16xf32>, tensor<?x2x16xf32>,
        tensor<?x2x32xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?x2xf32>, tensor<2x16x32xf32>)",
                        ""),
             {{3, -0.01}, {4, 0.01}, {5, -4e-4}}});
}
