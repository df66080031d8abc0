//===- TeamTest.cpp - threads that run one function together ------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern "C" {
#include "tenon/runtime/host/team.h"
#include "tenon/runtime/host/cpu.h"
}

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace {

struct Team {
  explicit Team(int threads) { EXPECT_EQ(tenon_team_create(threads, &team).code, 0); }
  ~Team() { tenon_team_destroy(team); }
  tenon_team *team = nullptr;
};

// Each round every thread writes its own cell, and after a barrier checks all cells: plain memory, so a thread sanitizer sees a barrier
// that does not order.
struct Rounds {
  tenon_team *team;
  int rounds;
  std::vector<int64_t> cells;
  std::atomic<int64_t> wrong{0}, threads{0};
};

void runRounds(void *argument, int64_t thread, int64_t threads) {
  auto &r = *static_cast<Rounds *>(argument);
  ++r.threads;
  for (int round = 1; round <= r.rounds; ++round) {
    r.cells[size_t(thread)] = round;
    tenon_team_barrier(r.team);
    for (int64_t i = 0; i < threads; ++i)
      r.wrong += r.cells[size_t(i)] != round;
    tenon_team_barrier(r.team);
  }
}

void expectRounds(int threads, int runs, int rounds) {
  Team team(threads);
  EXPECT_EQ(tenon_team_threads(team.team), threads);
  for (int i = 0; i < runs; ++i) {
    Rounds r{team.team, rounds, std::vector<int64_t>(size_t(threads))};
    tenon_team_run(team.team, runRounds, &r);
    EXPECT_EQ(r.wrong, 0);
    EXPECT_EQ(r.threads, threads);
  }
}

TEST(Team, OneThreadRunsAlone) {
  expectRounds(1, 10, 10);
}
TEST(Team, BarrierOrdersTwoThreads) {
  expectRounds(2, 20, 2000);
}
TEST(Team, ManyShortRuns) {
  expectRounds(2, 5000, 0);
}

// Far more threads than processors make progress at a bearable rate: no thread spins while another waits for its processor.
TEST(Team, ManyMoreThreadsThanProcessors) {
  auto start = std::chrono::steady_clock::now();
  expectRounds(8 * tenon_cpu_available(), 3, 100);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

// A team whose processors are taken by others still advances.
TEST(Team, BusyNeighbours) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> neighbours;
  for (int i = 0; i < tenon_cpu_available(); ++i)
    neighbours.emplace_back([&] {
      while (!stop) {
      }
    });
  auto start = std::chrono::steady_clock::now();
  expectRounds(tenon_cpu_available(), 2, 300);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  stop = true;
  for (std::thread &neighbour : neighbours)
    neighbour.join();
}

// Workers that went to sleep between runs wake up.
TEST(Team, WakesAfterSleep) {
  Team team(3);
  for (int i = 0; i < 5; ++i) {
    Rounds r{team.team, 3, std::vector<int64_t>(3)};
    tenon_team_run(team.team, runRounds, &r);
    EXPECT_EQ(r.wrong, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(Team, EndsWithoutARun) {
  for (int i = 0; i < 100; ++i)
    Team team(4);
}

TEST(Team, RefusesBadCounts) {
  tenon_team *team = nullptr;
  EXPECT_EQ(tenon_team_create(0, &team).code, TENON_USAGE);
  EXPECT_EQ(tenon_team_create(TENON_TEAM_MAX_THREADS + 1, &team).code, TENON_USAGE);
  EXPECT_EQ(team, nullptr);
}

// Not a test of speed: prints what a barrier costs here.
TEST(Team, BarrierCost) {
  int threads = tenon_cpu_available() < 2 ? 1 : 2;
  Team team(threads);
  Rounds r{team.team, 20000, std::vector<int64_t>(size_t(threads))};
  tenon_team_run(team.team, runRounds, &r);
  auto start = std::chrono::steady_clock::now();
  tenon_team_run(team.team, runRounds, &r);
  std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  printf("[          ] %.0f ns a barrier, %d threads\n", taken.count() / (2 * r.rounds), threads);
}

TEST(Cpu, CountsAreSensible) {
  EXPECT_GE(tenon_cpu_available(), 1);
  EXPECT_GE(tenon_cpu_available_cores(), 1);
  EXPECT_LE(tenon_cpu_available_cores(), tenon_cpu_available());
}

TEST(Cpu, NamesFeatures) {
  char names[64];
  tenon_cpu_feature_names(INT64_C(1) << 10 | 1, names, sizeof(names));
  EXPECT_STREQ(names, "sse3,avx2");
  char tiny[6];
  tenon_cpu_feature_names(INT64_C(0x3fff), tiny, sizeof(tiny));
  EXPECT_STREQ(tiny, "sse3,");
}

} // namespace
