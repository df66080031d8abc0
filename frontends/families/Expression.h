//===- Expression.h - the arithmetic of descriptors ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expressions have C's operators `?: || && == != < <= > >= + - * / % ! -`, parentheses, the functions sqrt, ln, exp, floor, min, max and
// pow, numbers and names. What is not taken of `?:`, `&&` and `||` is not computed. Whole numbers stay exact.

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tenon {

/// A value of an expression: a whole number of 63 bits, or a real one.
class Number {
public:
  Number(int64_t value) : whole(value), value(static_cast<double>(value)) {}
  Number(double value) : value(value) {}

  /// Nothing if it is not whole.
  std::optional<int64_t> asWhole() const { return whole; }
  double asReal() const { return value; }
  bool isTrue() const { return value != 0; }

private:
  std::optional<int64_t> whole;
  double value;
};

/// What `/` of whole numbers means: a quotient that must be whole, or a real one.
enum class Division { Whole, Real };

/// The value of a name; nothing if there is none, with a reason in `problem` or with an empty one if it has been reported.
using NameLookup = llvm::function_ref<std::optional<Number>(llvm::StringRef name, std::string &problem)>;

/// Computes an expression. If that is impossible the result is nothing, and `problem` says why, or is empty if a name's
/// lookup left it so.
std::optional<Number> evaluateExpression(llvm::StringRef text, Division division, NameLookup lookup, std::string &problem);

} // namespace tenon
