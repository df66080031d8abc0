//===- MatrixScanTest.cpp - recurrences with a matrix a head against the evaluator ---*- C++ -*-===//
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

namespace {
/// Heads, groups and the sizes of a head's matrix. Sizes of 32 keys and 16 values fit matrix registers.
struct Sizes {
  int64_t heads, groups, keys, values;
};

/// A kernel over one slot of matrices, and the arguments that are not what random numbers are: logarithms of decays, which are negative,
/// and small ones, with which a delta rule stays bounded.
struct MatrixCase {
  std::string text; ///< with $H, $G, $K, $V for the sizes
  std::vector<int> decays, small;
};
} // namespace

static constexpr int64_t rowCounts[] = {0, 1, 7, 33, 100};
static constexpr Sizes allSizes[] = {{1, 1, 1, 1}, {2, 1, 5, 40}, {4, 2, 16, 16}, {3, 1, 24, 128}, {2, 2, 64, 5}};
/// Chunks are of 64 rows: one that is not half full goes row by row.
static constexpr int64_t chunkedRowCounts[] = {0, 1, 7, 33, 64, 259};
static constexpr Sizes chunkedSizes[] = {{2, 1, 5, 40}, {2, 1, 32, 128}, {2, 2, 64, 48}};

static const char chunkedSchedule[] = " attributes {schedule = #tile.schedule<width = 16, form = chunked, chunk = 64>}";

static std::string textOf(const MatrixCase &scan, const Sizes &sizes, bool isChunked) {
  std::string text = scan.text;
  text.replace(text.find("$schedule"), 9, isChunked ? chunkedSchedule : "");
  return withNumbers(text, {{"$H", sizes.heads}, {"$G", sizes.groups}, {"$K", sizes.keys}, {"$V", sizes.values}});
}

static std::vector<KernelArgument> argumentsOf(TestedKernel &kernel, const MatrixCase &scan, int64_t tokens) {
  std::vector<KernelArgument> arguments = kernel.randomArguments(tokens, tokens + 3);
  auto change = [&](int number, auto change) {
    auto type = mlir::cast<mlir::RankedTensorType>(arguments[number].type);
    std::vector<double> values = readBuffer(type, arguments[number].buffer, tokens);
    for (double &value : values)
      value = change(value);
    arguments[number] = tensorArgument(type, tokens, values);
  };
  for (int number : scan.decays)
    change(number, [](double value) { return -std::fabs(value); });
  for (int number : scan.small)
    change(number, [](double value) { return value / 16; });
  return arguments;
}

static void checkMatrices(const MatrixCase &scan, bool isChunked = false) {
  for (const std::string &target : testedTargets())
    for (const Sizes &sizes : isChunked ? llvm::ArrayRef(chunkedSizes) : llvm::ArrayRef(allSizes)) {
      SCOPED_TRACE(target + ", heads " + std::to_string(sizes.heads) + ", keys " + std::to_string(sizes.keys) + ", values " +
                   std::to_string(sizes.values));
      TestedKernel kernel(textOf(scan, sizes, isChunked), target);
      for (int64_t tokens : isChunked ? llvm::ArrayRef(chunkedRowCounts) : llvm::ArrayRef(rowCounts)) {
        SCOPED_TRACE("rows " + std::to_string(tokens));
        kernel.check(argumentsOf(kernel, scan, tokens), tokens, 2e-5);
      }
      int64_t tokens = isChunked ? 100 : 33;
      std::vector<KernelArgument> first = argumentsOf(kernel, scan, tokens);
      std::vector<Buffer> expected = kernel.run(first, tokens);
      for (int64_t threads : {2, 3}) {
        std::vector<KernelArgument> again = argumentsOf(kernel, scan, tokens);
        std::vector<Buffer> got = kernel.run(again, tokens, 0, threads);
        for (auto [a, b] : llvm::zip_equal(expected, got))
          EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size()), 0) << threads << " threads, result";
        for (auto [a, b] : llvm::zip_equal(first, again))
          EXPECT_EQ(std::memcmp(a.buffer.data(), b.buffer.data(), a.buffer.size()), 0) << threads << " threads, state";
      }
    }
}

/// A kernel of one recurrence between reading and writing the slot, which is argument `slot` of the text.
static std::string kernelText(const std::string &arguments, const std::string &recurrence) {
  return "tile.kernel @k family(scan) (" + arguments + R"(, %slot: !cache.recurrent<$Hx$Kx$Vxf32>) -> tensor<?x$Hx$Vxf32>$schedule {
    %s = cache.read %slot : !cache.recurrent<$Hx$Kx$Vxf32> -> tensor<$Hx$Kx$Vxf32>
    )" + recurrence +
         R"(
    cache.write %slot, %next : !cache.recurrent<$Hx$Kx$Vxf32>, tensor<$Hx$Kx$Vxf32>
    tile.yield %y : tensor<?x$Hx$Vxf32>
  })";
}

static MatrixCase ssdCase() {
  return {kernelText("%x: tensor<?x$Hx$Vxf32>, %r: tensor<?x$Hxf32>, %a: tensor<$Hxf32>, %b: tensor<?x$Gx$Kxf32>, "
                     "%c: tensor<?x$Gx$Kxf32>, %d: tensor<$Hxf32>",
                     R"(%dt = nn.softplus %r : tensor<?x$Hxf32>
    %y, %next = ssm.ssd %x, %dt, %a, %b, %c skip %d state %s : tensor<?x$Hx$Vxf32>, tensor<?x$Hxf32>, tensor<$Hxf32>,
        tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<$Hxf32>, tensor<$Hx$Kx$Vxf32>)"),
          {2},
          {}};
}

TEST(MatrixScan, Ssd) {
  checkMatrices(ssdCase());
}
TEST(MatrixScan, SsdByProducts) {
  checkMatrices(ssdCase(), /*isChunked=*/true);
}

static const char queriesKeysValues[] = "%q: tensor<?x$Gx$Kxf32>, %k: tensor<?x$Gx$Kxf32>, %v: tensor<?x$Hx$Vxf32>";
static const char typesOfThem[] = "tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<?x$Hx$Vxf32>";

TEST(MatrixScan, LinearAttentionOfEveryDecay) {
  struct {
    const char *type, *attributes;
  } decays[] = {
      {"tensor<?x$Hxf32>", ""}, {"tensor<?x$Hx$Kxf32>", ""}, {"tensor<$Hxf32>", "{fixed_decay}"}, {"tensor<$Hx$Kxf32>", "{fixed_decay}"},
      {"tensor<?x$Hx$Kxbf16>", ""}, {"tensor<$Hxf16>", "{fixed_decay}"}};
  for (const auto &decay : decays) {
    SCOPED_TRACE(decay.type);
    std::string type = decay.type;
    checkMatrices({kernelText(std::string(queriesKeysValues) + ", %g: " + type,
                              "%y, %next = ssm.linear_attention %q, %k, %v decay %g state %s " + std::string(decay.attributes) + " : " +
                                  typesOfThem + ", " + type + ", tensor<$Hx$Kx$Vxf32>"),
                   {3},
                   {}});
  }
}

TEST(MatrixScan, LinearAttentionReadBefore) {
  checkMatrices({kernelText(std::string(queriesKeysValues) + ", %g: tensor<?x$Hx$Kxf32>, %u: tensor<$Hx$Kxf32>",
                            "%y, %next = ssm.linear_attention %q, %k, %v decay %g bonus %u state %s {read = #ssm.read<before>} : " +
                                std::string(typesOfThem) + ", tensor<?x$Hx$Kxf32>, tensor<$Hx$Kxf32>, tensor<$Hx$Kx$Vxf32>"),
                 {3},
                 {}});
}

TEST(MatrixScan, LinearAttentionWithoutDecay) {
  checkMatrices({kernelText(queriesKeysValues, "%y, %next = ssm.linear_attention %q, %k, %v state %s : " + std::string(typesOfThem) +
                                                   ", tensor<$Hx$Kx$Vxf32>"),
                 {},
                 {}});
}

TEST(MatrixScan, DeltaRule) {
  for (std::string type : {"tensor<?x$Hxf32>", "tensor<?x$Hx$Kxf32>"}) {
    SCOPED_TRACE(type);
    checkMatrices({kernelText(std::string(queriesKeysValues) + ", %a: tensor<?x$Gx$Kxf32>, %b: tensor<?x$Gx$Kxf32>, %g: " + type,
                              "%y, %next = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s : " + std::string(typesOfThem) +
                                  ", tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, " + type + ", tensor<$Hx$Kx$Vxf32>"),
                   {5},
                   {3, 4}});
  }
}

TEST(MatrixScan, LinearAttentionByProducts) {
  struct {
    const char *type, *attributes;
  } decays[] = {{"tensor<?x$Hxf32>", ""}, {"tensor<$Hxf32>", "{fixed_decay}"}, {"tensor<?x$Hxf32>", "{read = #ssm.read<before>}"}};
  for (const auto &decay : decays) {
    SCOPED_TRACE(std::string(decay.type) + decay.attributes);
    std::string type = decay.type;
    checkMatrices({kernelText(std::string(queriesKeysValues) + ", %g: " + type,
                              "%y, %next = ssm.linear_attention %q, %k, %v decay %g state %s " + std::string(decay.attributes) + " : " +
                                  typesOfThem + ", " + type + ", tensor<$Hx$Kx$Vxf32>"),
                   {3},
                   {}},
                  /*isChunked=*/true);
  }
}

TEST(MatrixScan, LinearAttentionWithBonusAndNoDecayByProducts) {
  checkMatrices({kernelText(std::string(queriesKeysValues) + ", %u: tensor<$Hx$Kxf32>",
                            "%y, %next = ssm.linear_attention %q, %k, %v bonus %u state %s {read = #ssm.read<before>} : " +
                                std::string(typesOfThem) + ", tensor<$Hx$Kxf32>, tensor<$Hx$Kx$Vxf32>"),
                 {},
                 {}},
                /*isChunked=*/true);
}
