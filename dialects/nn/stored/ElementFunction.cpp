//===- ElementFunction.cpp - functions applied to parameters as they are read ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/stored/ElementFunction.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace tenon;

/// -exp(x): a rate of decay from its logarithm.
static float negativeExp(float value) {
  return static_cast<float>(-std::exp(static_cast<double>(value)));
}

/// 1 - x: what is left for the other side of a mixture.
static float oneMinus(float value) {
  return static_cast<float>(1 - static_cast<double>(value));
}

/// -log(1 + exp(x)): the logarithm of a decay, 1 / (1 + exp(x)).
static float negativeSoftplus(float value) {
  double x = value;
  return static_cast<float>(-(std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)))));
}

static const ElementFunction functions[] = {
    {"negative_exp", negativeExp},
    {"negative_softplus", negativeSoftplus},
    {"one_minus", oneMinus},
};

const ElementFunction *tenon::findElementFunction(llvm::StringRef name) {
  const auto *found = llvm::find_if(functions, [&](const ElementFunction &function) { return function.name == name; });
  return found == std::end(functions) ? nullptr : found;
}

std::string tenon::elementFunctionNames() {
  return llvm::join(llvm::map_range(functions, [](const ElementFunction &function) { return llvm::StringRef(function.name); }), ", ");
}
