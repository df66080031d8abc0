//===- ScanSpeedTest.cpp - what recurrences cost ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Not run by ctest: KernelPropertyTest --gtest_also_run_disabled_tests --gtest_filter=ScanSpeed.* prints, for one thread, how many elements
// of states are brought forward a second, and the rate of exponentials of this processor beside it: polynomials of degree 5 in registers.
//
//===----------------------------------------------------------------------===//

#include "CompiledKernel.h"
#include "gtest/gtest.h"
#include <cstdio>
#include <ctime>

using namespace tenon;
using namespace tenon::test;

/// Seconds of processor time.
static double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

/// Seconds of one call: the least of some runs.
static double secondsOf(CompiledKernel &kernel, llvm::ArrayRef<KernelArgument> arguments, int64_t rows, int64_t times) {
  double best = 1e9;
  for (int run = 0; run < 15; ++run) {
    double start = now();
    kernel.runMany(arguments, rows, 0, times);
    best = std::min(best, (now() - start) / times);
  }
  return best;
}

/// Random arguments; the magnitudes of those that `signs` numbers are multiplied by what it gives.
static std::vector<KernelArgument> argumentsOf(CompiledKernel &kernel, int64_t rows, llvm::ArrayRef<std::pair<int, double>> signs) {
  std::vector<KernelArgument> arguments = kernel.randomArguments(rows);
  for (auto [number, sign] : signs) {
    auto type = mlir::cast<mlir::RankedTensorType>(arguments[number].type);
    std::vector<double> values = readBuffer(type, arguments[number].buffer, rows);
    for (double &value : values)
      value = sign * std::fabs(value);
    arguments[number] = tensorArgument(type, rows, values);
  }
  return arguments;
}

/// Exponentials a second, a chain of them in the first cache.
static double exponentialRate() {
  CompiledKernel kernel(R"(tile.kernel @k family(rowwise) (%x: tensor<?x2048xf32>) -> tensor<?x2048xf32> {
    %y = nn.exp %x : tensor<?x2048xf32>
    tile.yield %y : tensor<?x2048xf32>
  })");
  return 2048 / secondsOf(kernel, kernel.randomArguments(1), 1, 20000);
}

TEST(ScanSpeed, DISABLED_SelectiveScan) {
  double exponentials = exponentialRate();
  std::printf("exponentials: %.2f G/s\n", exponentials * 1e-9);
  std::printf("%-8s %6s %6s %12s %8s\n", "channels", "states", "rows", "G updates/s", "share");
  for (auto [channels, states] : {std::pair<int64_t, int64_t>{8192, 16}, {1536, 16}, {5120, 16}}) {
    CompiledKernel kernel(withNumbers(
        R"(tile.kernel @k family(scan) (%x: tensor<?x$Cxf32>, %dt: tensor<?x$Cxf32>, %a: tensor<$Nx$Cxf32>, %b: tensor<?x$Nxf32>,
        %c: tensor<?x$Nxf32>, %d: tensor<$Cxf32>, %slot: !cache.recurrent<$Nx$Cxf32>) -> tensor<?x$Cxf32> {
      %s = cache.read %slot : !cache.recurrent<$Nx$Cxf32> -> tensor<$Nx$Cxf32>
      %y, %next = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s : tensor<?x$Cxf32>, tensor<?x$Cxf32>, tensor<$Nx$Cxf32>,
          tensor<?x$Nxf32>, tensor<?x$Nxf32>, tensor<$Cxf32>, tensor<$Nx$Cxf32>
      cache.write %slot, %next : !cache.recurrent<$Nx$Cxf32>, tensor<$Nx$Cxf32>
      tile.yield %y : tensor<?x$Cxf32>
    })",
        {{"$C", channels}, {"$N", states}}));
    for (int64_t rows : {1, 16, 512}) {
      double rate =
          double(rows) * channels * states / secondsOf(kernel, argumentsOf(kernel, rows, {{1, 1}, {2, -1}}), rows, 1 + 512 / rows);
      std::printf("%-8ld %6ld %6ld %12.2f %8.3f\n", long(channels), long(states), long(rows), rate * 1e-9, rate / exponentials);
    }
  }
}

namespace {
struct MatrixShape {
  const char *name;
  int64_t heads, groups, keys, values;
  const char *arguments, *recurrence;
  std::vector<std::pair<int, double>> signs; ///< decays are negative, and a delta rule's terms keep its state bounded
  bool hasProducts;
};
} // namespace

static const MatrixShape matrixShapes[] = {
    {"ssd", 24, 1, 128, 64,
     "%x: tensor<?x$Hx$Vxf32>, %dt: tensor<?x$Hxf32>, %g: tensor<$Hxf32>, %b: tensor<?x$Gx$Kxf32>, %c: tensor<?x$Gx$Kxf32>",
     "ssm.ssd %x, %dt, %g, %b, %c state %s : tensor<?x$Hx$Vxf32>, tensor<?x$Hxf32>, tensor<$Hxf32>, tensor<?x$Gx$Kxf32>, "
     "tensor<?x$Gx$Kxf32>,",
     {{1, 1}, {2, -1}}, true},
    {"attention", 32, 32, 64, 64, "%q: tensor<?x$Gx$Kxf32>, %k: tensor<?x$Gx$Kxf32>, %g: tensor<$Hxf32>, %v: tensor<?x$Hx$Vxf32>",
     "ssm.linear_attention %q, %k, %v decay %g state %s {fixed_decay} : tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<?x$Hx$Vxf32>, "
     "tensor<$Hxf32>,",
     {{2, -1}}, true},
    {"delta", 32, 16, 128, 128,
     "%q: tensor<?x$Gx$Kxf32>, %k: tensor<?x$Gx$Kxf32>, %g: tensor<?x$Hxf32>, %a: tensor<?x$Gx$Kxf32>, %b: tensor<?x$Gx$Kxf32>, "
     "%v: tensor<?x$Hx$Vxf32>",
     "ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s : tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<?x$Hx$Vxf32>, "
     "tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<?x$Hxf32>,",
     {{2, -1}, {3, -1. / 16}, {4, 1. / 16}}, false},
    {"rwkv-7", 32, 32, 64, 64,
     "%q: tensor<?x$Gx$Kxf32>, %k: tensor<?x$Gx$Kxf32>, %g: tensor<?x$Hx$Kxf32>, %a: tensor<?x$Gx$Kxf32>, %b: tensor<?x$Gx$Kxf32>, "
     "%v: tensor<?x$Hx$Vxf32>",
     "ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s : tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<?x$Hx$Vxf32>, "
     "tensor<?x$Gx$Kxf32>, tensor<?x$Gx$Kxf32>, tensor<?x$Hx$Kxf32>,",
     {{2, -1}, {3, -1. / 16}, {4, 1. / 16}}, false},
};

static std::string textOf(const MatrixShape &shape, const std::string &form) {
  std::string text = std::string("tile.kernel @k family(scan) (") + shape.arguments + R"(, %slot: !cache.recurrent<$Hx$Kx$Vxf32>)
      -> tensor<?x$Hx$Vxf32> attributes {schedule = #tile.schedule<width = 16, form = )" +
                     form + R"(, chunk = 64>} {
    %s = cache.read %slot : !cache.recurrent<$Hx$Kx$Vxf32> -> tensor<$Hx$Kx$Vxf32>
    %y, %next = )" + shape.recurrence +
                     R"( tensor<$Hx$Kx$Vxf32>
    cache.write %slot, %next : !cache.recurrent<$Hx$Kx$Vxf32>, tensor<$Hx$Kx$Vxf32>
    tile.yield %y : tensor<?x$Hx$Vxf32>
  })";
  return withNumbers(text, {{"$H", shape.heads}, {"$G", shape.groups}, {"$K", shape.keys}, {"$V", shape.values}});
}

/// Recurrences with a matrix a head, in each of their forms.
TEST(ScanSpeed, DISABLED_MatrixScan) {
  struct {
    const char *target, *form;
  } ways[] = {{"x86-64-v4", "sequential"}, {"x86-64-v4", "chunked"}, {"native", "chunked"}};
  std::printf("%-10s %-10s %-10s %6s %12s\n", "recurrence", "target", "form", "rows", "G updates/s");
  for (const MatrixShape &shape : matrixShapes)
    for (auto [target, form] : ways) {
      if (!shape.hasProducts && std::string(form) == "chunked")
        continue;
      CompiledKernel kernel(textOf(shape, form), target);
      for (int64_t rows : {1, 16, 64, 512, 2048}) {
        double seconds = secondsOf(kernel, argumentsOf(kernel, rows, shape.signs), rows, 1 + 64 / rows);
        double rate = 1e-9 * rows * shape.heads * shape.keys * shape.values / seconds;
        std::printf("%-10s %-10s %-10s %6ld %12.2f\n", shape.name, target, form, long(rows), rate);
      }
    }
}
