//===- ElementFunction.h - functions applied to parameters as they are read ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files hold some parameters as the logarithms in which they were trained. What the model computes with is made once, when the parameter
// is read, and not at every token.

#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace tenon {

struct ElementFunction {
  llvm::StringLiteral name;
  /// Computed in double and rounded once.
  float (*apply)(float value);
};

/// The function of that name, or null.
const ElementFunction *findElementFunction(llvm::StringRef name);

/// Every function's name, separated by commas.
std::string elementFunctionNames();

} // namespace tenon
