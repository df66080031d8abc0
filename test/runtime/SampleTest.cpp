//===- SampleTest.cpp - choosing tokens ---------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>

namespace {

using Logits = std::vector<float>;

int32_t sample(const Logits &logits, tenon_sample_options options, float uniform) {
  int32_t token = -1;
  EXPECT_OK(tenon_sample(logits.data(), int64_t(logits.size()), &options, uniform, &token));
  return token;
}

// tenon.h's definition, word by word, with a sort.
int32_t reference(const Logits &logits, const tenon_sample_options &o, float uniform) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
  if (o.temperature <= 0)
    return order[0];
  std::vector<double> w(logits.size());
  for (size_t i = 0; i < w.size(); ++i)
    w[i] = std::exp((double(logits[i]) - double(logits[order[0]])) / double(o.temperature));
  auto total = [&] {
    std::vector<int32_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    double sum = 0;
    for (int32_t i : sorted)
      sum += w[i];
    return sum;
  };
  if (o.top_k > 0 && size_t(o.top_k) < order.size())
    order.resize(size_t(o.top_k));
  if (o.top_p > 0 && o.top_p < 1) {
    double bound = double(o.top_p) * total(), sum = 0;
    size_t stay = 0;
    while (stay < order.size()) {
      sum += w[order[stay++]];
      if (sum >= bound)
        break;
    }
    order.resize(stay);
  }
  order.erase(std::remove_if(order.begin(), order.end(), [&](int32_t i) { return w[i] < double(o.min_p); }), order.end());
  double bound = double(uniform) * total(), sum = 0;
  std::sort(order.begin(), order.end());
  for (int32_t i : order) {
    sum += w[i];
    if (sum > bound)
      return i;
  }
  return order.back();
}

TEST(Sample, GreedyTakesTheLowestOfEquals) {
  EXPECT_EQ(sample({1, 3, 2, 3}, {}, 0.9f), 1);
  EXPECT_EQ(sample({-5}, {}, 0), 0);
  EXPECT_EQ(sample({-INFINITY, -1, -INFINITY}, {}, 0), 1);
}

// Random logits, with many ties, against the definition.
TEST(Sample, IsAsDefined) {
  std::mt19937 random(7);
  auto between = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  const float topPs[] = {0, 0.1f, 0.5f, 0.9f, 0.999f, 1}, minPs[] = {0, 0.01f, 0.2f, 1}, temperatures[] = {0.1f, 0.8f, 1, 3};
  for (int round = 0; round < 4000; ++round) {
    Logits logits(size_t(between(1, 60)));
    for (float &logit : logits)
      logit = round % 2 ? float(between(-3, 3)) : float(between(-300, 300)) / 100;
    tenon_sample_options o = {temperatures[between(0, 3)], between(0, 1) ? between(0, 70) : 0, topPs[between(0, 5)], minPs[between(0, 3)],
                              0};
    float uniform = tenon_uniform(3, uint64_t(round));
    ASSERT_EQ(sample(logits, o, uniform), reference(logits, o, uniform))
        << round << " T=" << o.temperature << " k=" << o.top_k << " p=" << o.top_p << " m=" << o.min_p << " u=" << uniform;
  }
}

// The frequencies of many draws are the probabilities.
TEST(Sample, FrequenciesAreProbabilities) {
  Logits logits = {0, 1, 2, -1};
  std::vector<double> counts(4);
  const int draws = 40000;
  for (int i = 0; i < draws; ++i)
    counts[size_t(sample(logits, {1, 0, 0, 0, 0}, tenon_uniform(11, uint64_t(i))))]++;
  double total = std::exp(0.) + std::exp(1.) + std::exp(2.) + std::exp(-1.);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(counts[i] / draws, std::exp(double(logits[i])) / total, 0.01);
}

TEST(Sample, UniformNumbers) {
  EXPECT_EQ(tenon_uniform(5, 6), tenon_uniform(5, 6));
  EXPECT_NE(tenon_uniform(5, 6), tenon_uniform(5, 7));
  EXPECT_NE(tenon_uniform(5, 6), tenon_uniform(6, 6));
  double sum = 0;
  for (uint64_t i = 0; i < 100000; ++i) {
    float u = tenon_uniform(1, i);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += double(u);
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.01);
  // splitmix64 of seed 0 starts with 0xe220a8397b1dcdaf.
  EXPECT_EQ(tenon_uniform(0, 0), float(0xe220a8) / float(1 << 24));
}

TEST(Sample, RefusesWhatIsNoNumber) {
  int32_t token;
  float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (Logits logits : {Logits{1, nan, 2}, Logits{nan}, Logits{nan, 3}})
    EXPECT_FAILS(tenon_sample(logits.data(), int64_t(logits.size()), nullptr, 0, &token), TENON_INTERNAL, "not a number");
  for (Logits logits : {Logits{1, infinity}, Logits{-infinity, -infinity}})
    EXPECT_FAILS(tenon_sample(logits.data(), int64_t(logits.size()), nullptr, 0, &token), TENON_INTERNAL, "not finite");
  EXPECT_FAILS(tenon_sample(nullptr, 3, nullptr, 0, &token), TENON_USAGE, "expects logits");
  float one = 1;
  EXPECT_FAILS(tenon_sample(&one, 0, nullptr, 0, &token), TENON_USAGE, "at least one");
  tenon_sample_options bad = {nan, 0, 0, 0, 0};
  EXPECT_FAILS(tenon_sample(&one, 1, &bad, 0, &token), TENON_USAGE, "finite temperature");
  bad = {1, 0, nan, 0, 0};
  EXPECT_FAILS(tenon_sample(&one, 1, &bad, 0, &token), TENON_USAGE, "top_p");
  bad = {1, 0, 0, 2, 0};
  EXPECT_FAILS(tenon_sample(&one, 1, &bad, 0, &token), TENON_USAGE, "min_p");
}

} // namespace
