//===- FrameLayoutTest.cpp - places of buffers by their lifetimes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/lower/FrameLayout.h"

#include "gmock/gmock.h"
#include <random>
#include <vector>

using namespace tenon;

namespace {

bool overlap(int64_t a, int64_t aEnd, int64_t b, int64_t bEnd) { return a < bEnd && b < aEnd; }

/// The most bytes that live in one step: no layout can take less.
int64_t mostLive(const std::vector<Lifetime> &buffers) {
  int64_t most = 0;
  for (const Lifetime &at : buffers) {
    int64_t live = 0;
    for (const Lifetime &buffer : buffers)
      live += buffer.first <= at.first && at.first <= buffer.last ? buffer.bytes : 0;
    most = std::max(most, live);
  }
  return most;
}

TEST(FrameLayout, NothingTakesNothing) { EXPECT_EQ(layoutFrame({}).bytes, 0); }

TEST(FrameLayout, BuffersOneAfterTheOtherShareTheirPlace) {
  Layout layout = layoutFrame({{64, 0, 1}, {64, 2, 3}, {64, 4, 4}});
  EXPECT_THAT(layout.offsets, testing::ElementsAre(0, 0, 0));
  EXPECT_EQ(layout.bytes, 64);
}

TEST(FrameLayout, ABufferIsUsedToTheEndOfItsLastStep) {
  Layout layout = layoutFrame({{64, 0, 1}, {64, 1, 2}});
  EXPECT_EQ(layout.bytes, 128);
}

TEST(FrameLayout, AGapBetweenLivingBuffersIsFilled) {
  // The second dies; a smaller one takes its place between the two that stay.
  Layout layout = layoutFrame({{256, 0, 9}, {128, 0, 1}, {192, 0, 9}, {128, 2, 9}});
  EXPECT_EQ(layout.offsets[3], layout.offsets[1]);
  EXPECT_EQ(layout.bytes, 256 + 128 + 192);
}

TEST(FrameLayout, BuffersThatLiveTogetherNeverOverlap) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Lifetime> buffers(random() % 40);
    for (Lifetime &buffer : buffers) {
      int64_t first = random() % 20;
      buffer = {int64_t(random() % 50) * 64, first, first + int64_t(random() % 6)};
    }
    Layout layout = layoutFrame(buffers);
    EXPECT_GE(layout.bytes, mostLive(buffers));
    for (size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(layout.offsets[i] % 64, 0);
      EXPECT_LE(layout.offsets[i] + buffers[i].bytes, layout.bytes);
      for (size_t j = 0; j < i; ++j)
        if (overlap(buffers[i].first, buffers[i].last + 1, buffers[j].first, buffers[j].last + 1))
          EXPECT_FALSE(overlap(layout.offsets[i], layout.offsets[i] + buffers[i].bytes, layout.offsets[j],
                               layout.offsets[j] + buffers[j].bytes));
    }
  }
}

} // namespace
