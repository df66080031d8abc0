//===- ParallelFor.cpp - a loop over ranges by several threads ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/ParallelFor.h"

#include <algorithm>
#include <thread>
#include <vector>

void tenon::parallelFor(int64_t count, int64_t grain, llvm::function_ref<void(int64_t, int64_t)> body) {
  int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(1, grain));
  int64_t threads = std::min<int64_t>(most, std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::thread> team;
  for (int64_t i = 1; i < threads; ++i)
    team.emplace_back([=] { body(count * i / threads, count * (i + 1) / threads); });
  body(0, count / threads);
  for (std::thread &member : team)
    member.join();
}
