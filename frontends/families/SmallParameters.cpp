//===- SmallParameters.cpp - what values small parameters may have ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A weight may be any number, but a rate of decay that is positive makes a state grow without end, and one that is no number makes all
// that follows none. These parameters are small, so they are looked at before anything is compiled.

#include "tenon/frontends/families/SmallParametersImpl.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// A row: what the values of a role's parameter have to be, in words and as a test.
struct ValueRule {
  StringRef role, expected;
  bool (*isGood)(float value);
};
} // namespace

static bool isFinite(float value) {
  return std::isfinite(value);
}
static bool isDecay(float value) {
  return value < 0 && std::isfinite(value);
}

static const ValueRule rules[] = {
    {"scan_a", "rates of decay that are negative and finite", isDecay},
    {"scan_d", "finite numbers", isFinite},
    {"dt.bias", "finite numbers", isFinite},
    {"conv.weight", "finite numbers", isFinite},
    {"conv.bias", "finite numbers", isFinite},
};

void tenon::checkSmallParameters(const ParameterMap &parameters, Diagnostics &diagnostics) {
  for (const ValueRule &rule : rules) {
    const auto *found = parameters.find(rule.role);
    std::optional<std::vector<float>> values = found == parameters.end() ? std::nullopt : readSmall(found->second);
    if (!values)
      continue;
    auto bad = llvm::find_if_not(*values, rule.isGood);
    if (bad == values->end())
      continue;
    auto count = llvm::count_if(*values, [&](float value) { return !rule.isGood(value); });
    diagnostics.report(found->second.name, "expects " + rule.expected + " (" + rule.role + "), but got " + Twine(std::to_string(*bad)) +
                                               " at element " + Twine(bad - values->begin()) + ", one of " + Twine(count));
  }
}
