//===- GpuTimeTest.cpp - predictions obey the data sheet ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/schedule/GpuTime.h"
#include <gtest/gtest.h>

using namespace tenon::codegen;

static GpuFacts h100() {
  return *Target::find("sm_90a")->gpu;
}

TEST(GpuTime, OccupancyHasFourLimits) {
  GpuFacts gpu = h100();
  EXPECT_EQ(residentBlocks({.threads = 1024, .registers = 32}, gpu), 2);
  EXPECT_EQ(residentBlocks({.threads = 128, .registers = 128}, gpu), 4);
  EXPECT_EQ(residentBlocks({.threads = 32, .registers = 32}, gpu), 32);
  EXPECT_EQ(residentBlocks({.threads = 128, .sharedBytes = 100 << 10}, gpu), 2);
  EXPECT_EQ(residentBlocks({.threads = 128, .sharedBytes = 300 << 10}, gpu), 0);
}

TEST(GpuTime, WeightsOfOneTokenAreBandwidth) {
  KernelWork work;
  work.readBytes = 45e6;
  work.of(Arithmetic::int8) = 2 * 80e6;
  GpuTime time = predictTime(work, {.blocks = 1000, .threads = 128}, /*onTensorCores=*/false, h100());
  EXPECT_EQ(time.bound, "bandwidth");
  EXPECT_GT(time.seconds, 45e6 / 3352e9);
  EXPECT_LT(time.seconds, 1.2 * 45e6 / 3352e9);
}

TEST(GpuTime, ManyRowsAreTensorCores) {
  KernelWork work;
  work.readBytes = 64e6;
  work.of(Arithmetic::half) = 2.0 * 4096 * 4096 * 4096;
  GpuTime time = predictTime(work, {.blocks = 1024, .threads = 256, .sharedBytes = 64 << 10}, /*onTensorCores=*/true, h100());
  EXPECT_EQ(time.bound, "tensor");
  EXPECT_GT(time.seconds, work.of(Arithmetic::half) / 989.4e12);
  // The same work in vector units is bound by them.
  EXPECT_EQ(predictTime(work, {.blocks = 1024}, /*onTensorCores=*/false, h100()).bound, "issue");
}

TEST(GpuTime, FewBlocksDrawLittle) {
  KernelWork work;
  work.readBytes = 45e6;
  GpuTime few = predictTime(work, {.blocks = 8, .threads = 128}, false, h100());
  GpuTime many = predictTime(work, {.blocks = 1056, .threads = 128}, false, h100());
  EXPECT_GT(few.seconds, 10 * many.seconds);
  EXPECT_LT(few.processors, 0.1);
}

TEST(GpuTime, AlmostNothingIsALaunch) {
  KernelWork work;
  work.readBytes = 4096;
  EXPECT_EQ(predictTime(work, {.blocks = 1}, false, h100()).bound, "launch");
}

TEST(GpuTime, NoBlocksTakeNoTime) {
  EXPECT_EQ(predictTime({}, {.blocks = 0}, false, h100()).seconds, 0);
}
