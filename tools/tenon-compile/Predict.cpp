//===- Predict.cpp - the speed to expect of an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step of a language model reads its weights once and little else, so memory bounds it. The buffer is small enough to be cheap and larger
// than a core's own caches; where a shared cache holds it, so it will hold much of the weights of a model of that size.
//
//===----------------------------------------------------------------------===//

#include "Predict.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace tenon {

constexpr size_t bufferWords = (size_t(32) << 20) / sizeof(uint64_t);
constexpr int samples = 4;
constexpr double reachedShare = 0.75;

static uint64_t sum(const uint64_t *begin, const uint64_t *end) {
  uint64_t parts[8] = {};
  for (; begin + 8 <= end; begin += 8)
    for (int i = 0; i < 8; ++i)
      parts[i] += begin[i];
  uint64_t total = 0;
  for (uint64_t part : parts)
    total += part;
  return total;
}

double measureReadRate(unsigned threads) {
  std::vector<uint64_t> buffer(bufferWords, 1);
  double best = 0;
  volatile uint64_t sink = 0;
  for (int sample = 0; sample < samples; ++sample) {
    auto start = std::chrono::steady_clock::now();
    std::vector<uint64_t> sums(threads);
    std::vector<std::thread> team;
    for (unsigned i = 0; i < threads; ++i)
      team.emplace_back(
          [&, i] { sums[i] = sum(buffer.data() + bufferWords * i / threads, buffer.data() + bufferWords * (i + 1) / threads); });
    for (std::thread &thread : team)
      thread.join();
    sink = sink + sums[0];
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, bufferWords * sizeof(uint64_t) / seconds);
  }
  return best;
}

double predictTokensPerSecond(uint64_t bytes, double readRate) { return bytes == 0 ? 0 : reachedShare * readRate / double(bytes); }

} // namespace tenon
