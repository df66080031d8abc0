//===- TargetTest.cpp - the table of targets and the host ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/target/Target.h"
#include "tenon/runtime/abi.h"
#include "gtest/gtest.h"

using tenon::codegen::Target;

#define TENON_FEATURE_NAME(bit, name) name,
static const char *const checkedFeatures[] = {TENON_ABI_X86_FEATURES(TENON_FEATURE_NAME)};

static bool runtimeChecks(const std::string &feature) {
  for (const char *name : checkedFeatures)
    if (feature == name)
      return true;
  return false;
}

TEST(Target, FindsEveryRowByItsName) {
  for (llvm::StringRef name : Target::tableNames()) {
    std::optional<Target> target = Target::find(name);
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->name, name);
  }
  EXPECT_FALSE(Target::find("abacus").has_value());
}

// Code may use only what the runtime looks for before it runs the code.
TEST(Target, EnablesOnlyFeaturesThatTheRuntimeChecks) {
  for (const char *name : {"x86-64-v3", "x86-64-v4", "native"})
    for (const std::string &feature : Target::find(name)->features)
      EXPECT_TRUE(runtimeChecks(feature)) << feature << " of " << name;
}

TEST(Target, V4HasByteDotProducts) {
  EXPECT_TRUE(Target::find("x86-64-v4")->has("avx512vnni"));
  EXPECT_FALSE(Target::find("x86-64-v3")->has("avx512f"));
  EXPECT_EQ(Target::find("x86-64-v3")->featureString().substr(0, 11), "+sse3,+ssse");
}

// More bytes a weight take longer to read, so more rows are computed meanwhile.
TEST(Target, BalanceGrowsWithTheSizeOfWeights) {
  Target target = *Target::find("x86-64-v4");
  EXPECT_GT(target.balancedRows(1.0), 1);
  EXPECT_GT(target.balancedRows(2.0), target.balancedRows(0.5625));
}

// A card may have as many rows in a step as it can multiply while it reads a weight.
TEST(Target, GpusHaveFactsOfTheirCards) {
  int count = 0;
  for (llvm::StringRef name : Target::tableNames()) {
    Target target = *Target::find(name);
    if (!target.isGpu())
      continue;
    ++count;
    EXPECT_EQ(target.triple, "nvptx64-nvidia-cuda");
    EXPECT_GE(target.architecture(), 80);
    EXPECT_GT(target.gpu->processors, 50);
    EXPECT_GT(target.gpu->memoryGBs, 500);
    EXPECT_GE(target.gpu->sharedBytes, 99 << 10);
    EXPECT_GT(target.balancedRows(0.5625), 30);
    EXPECT_TRUE(target.features.empty());
  }
  EXPECT_EQ(count, 6);
  EXPECT_EQ(Target::find("sm_90a")->architecture(), 90);
  EXPECT_FALSE(Target::find("x86-64-v4")->isGpu());
}
