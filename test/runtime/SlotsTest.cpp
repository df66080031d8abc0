//===- SlotsTest.cpp - fixed state shared by sessions, marks and forks ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "gtest/gtest.h"

#include <cstring>
#include <thread>
#include <vector>

extern "C" {
#include "tenon/runtime/host/slots.h"
}

namespace {
constexpr tenon_abi_state hybrid[] = {{"conv", TENON_ABI_STATE_FIXED, 0, 60},
                                      {"kv", TENON_ABI_STATE_APPEND, 64, 8192},
                                      {"ssm", TENON_ABI_STATE_FIXED, 0, 300000}};
constexpr tenon_abi_state recurrent[] = {{"ssm", TENON_ABI_STATE_FIXED, 0, 1 << 20}};

/// The slots of a sequence, and a team that copies them.
class SlotsTest : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(tenon_team_create(3, &team).code, TENON_OK); }
  void TearDown() override { tenon_team_destroy(team); }

  template <size_t count> tenon_slots create(const tenon_abi_state (&states)[count], int64_t positions) {
    abi.state_count = count;
    abi.states = states;
    tenon_slots slots;
    EXPECT_EQ(tenon_slots_create(&abi, nullptr, positions, &slots).code, TENON_OK);
    return slots;
  }
  void fill(tenon_slots &slots, int64_t slot, int64_t bytes, int seed) {
    for (int64_t i = 0; i < bytes; ++i)
      static_cast<unsigned char *>(slots.slots[slot])[i] = static_cast<unsigned char>(i * 31 + seed);
  }
  bool holds(const tenon_slots &slots, int64_t slot, int64_t bytes, int seed) {
    for (int64_t i = 0; i < bytes; ++i)
      if (static_cast<unsigned char *>(slots.slots[slot])[i] != static_cast<unsigned char>(i * 31 + seed))
        return false;
    return true;
  }

  tenon_abi_module abi = {};
  tenon_team *team = nullptr;
};

// A fork shares fixed slots until one of the two is about to be written; append slots are its own from the start.
TEST_F(SlotsTest, ForksShareFixedSlotsUntilOneIsWritten) {
  tenon_slots a = create(hybrid, 128), b = create(hybrid, 128);
  fill(a, 0, 60, 1);
  fill(a, 1, 8192, 2);
  fill(a, 2, 300000, 3);
  ASSERT_EQ(tenon_slots_fork(&a, 10, &b).code, TENON_OK);
  EXPECT_EQ(a.slots[0], b.slots[0]);
  EXPECT_EQ(a.slots[2], b.slots[2]);
  EXPECT_NE(a.slots[1], b.slots[1]);
  EXPECT_TRUE(holds(b, 1, 8192, 2));

  ASSERT_EQ(tenon_slots_own(&b, team).code, TENON_OK);
  EXPECT_NE(a.slots[0], b.slots[0]);
  EXPECT_NE(a.slots[2], b.slots[2]);
  EXPECT_TRUE(holds(b, 0, 60, 1));
  EXPECT_TRUE(holds(b, 2, 300000, 3));
  fill(b, 2, 300000, 4);
  EXPECT_TRUE(holds(a, 2, 300000, 3));
  tenon_slots_destroy(&a);
  EXPECT_TRUE(holds(b, 2, 300000, 4));
  tenon_slots_destroy(&b);
}

// Who is alone with its state writes it where it is.
TEST_F(SlotsTest, NothingIsCopiedWhenTheSharerIsGone) {
  tenon_slots a = create(recurrent, 1), b = create(recurrent, 1);
  ASSERT_EQ(tenon_slots_fork(&a, 0, &b).code, TENON_OK);
  tenon_slots_destroy(&a);
  void *before = b.slots[0];
  ASSERT_EQ(tenon_slots_own(&b, team).code, TENON_OK);
  EXPECT_EQ(b.slots[0], before);
  tenon_slots_destroy(&b);
}

// A mark keeps the state; going back shares it again, however often.
TEST_F(SlotsTest, GoingBackSharesWhatWasKept) {
  tenon_slots slots = create(hybrid, 64);
  fill(slots, 0, 60, 5);
  fill(slots, 2, 300000, 6);
  tenon_fixed *kept = tenon_fixed_retain(slots.fixed);
  for (int turn = 0; turn < 3; ++turn) {
    ASSERT_EQ(tenon_slots_own(&slots, team).code, TENON_OK);
    fill(slots, 0, 60, 7 + turn);
    fill(slots, 2, 300000, 7 + turn);
    tenon_slots_share(&slots, kept);
    EXPECT_TRUE(holds(slots, 0, 60, 5));
    EXPECT_TRUE(holds(slots, 2, 300000, 6));
  }
  tenon_fixed_release(kept);
  void *before = slots.slots[2];
  ASSERT_EQ(tenon_slots_own(&slots, team).code, TENON_OK);
  EXPECT_EQ(slots.slots[2], before);
  tenon_slots_destroy(&slots);
}

// State that does not grow takes the same memory for a sequence of any length, and starts as zeros at an aligned place.
TEST_F(SlotsTest, PositionsCostNothingWithoutGrowingSlots) {
  tenon_slots slots = create(recurrent, INT64_C(1) << 62);
  EXPECT_EQ(slots.append.pages.bytes, 0);
  EXPECT_EQ(tenon_slots_used(&slots, INT64_C(1) << 40), 1 << 20);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(slots.slots[0]) % 64, 0u);
  std::vector<char> zeros(1 << 20);
  EXPECT_EQ(std::memcmp(slots.slots[0], zeros.data(), zeros.size()), 0);
  tenon_slots_destroy(&slots);
}

// State of megabytes begins at a large page and is copied whole.
TEST_F(SlotsTest, LargeStateIsCopiedWhole) {
  constexpr int64_t bytes = (5 << 20) + 12;
  constexpr tenon_abi_state large[] = {{"ssm", TENON_ABI_STATE_FIXED, 0, bytes}};
  tenon_slots a = create(large, 1), b = create(large, 1);
  fill(a, 0, bytes, 12);
  ASSERT_EQ(tenon_slots_fork(&a, 0, &b).code, TENON_OK);
  ASSERT_EQ(tenon_slots_own(&b, team).code, TENON_OK);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.slots[0]) % (1 << 21), 0u);
  EXPECT_NE(a.slots[0], b.slots[0]);
  EXPECT_TRUE(holds(b, 0, bytes, 12));
  tenon_slots_destroy(&a);
  EXPECT_TRUE(holds(b, 0, bytes, 12));
  tenon_slots_destroy(&b);
}

// Ending a sharer on another thread while this one goes on is safe: the count is atomic.
TEST_F(SlotsTest, SharersMayEndOnAnyThread) {
  tenon_slots a = create(recurrent, 1);
  fill(a, 0, 1 << 20, 9);
  for (int turn = 0; turn < 20; ++turn) {
    tenon_slots b = create(recurrent, 1);
    ASSERT_EQ(tenon_slots_fork(&a, 0, &b).code, TENON_OK);
    std::thread other([&] { tenon_slots_destroy(&b); });
    ASSERT_EQ(tenon_slots_own(&a, team).code, TENON_OK);
    fill(a, 0, 1 << 20, 10 + turn);
    other.join();
    EXPECT_TRUE(holds(a, 0, 1 << 20, 10 + turn));
  }
  tenon_slots_destroy(&a);
}

// Sizes that add up to more than can be said are refused.
TEST_F(SlotsTest, SizesThatOverflowAreRefused) {
  constexpr tenon_abi_state huge[] = {{"a", TENON_ABI_STATE_FIXED, 0, INT64_MAX - 100}, {"b", TENON_ABI_STATE_FIXED, 0, INT64_MAX - 100}};
  abi.state_count = 2;
  abi.states = huge;
  tenon_slots slots;
  EXPECT_EQ(tenon_slots_create(&abi, nullptr, 1, &slots).code, TENON_RESOURCE);
}
} // namespace
