//===- FiniteCheck.h - finds the first op that gives no finite number ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/common/Eval.h"

namespace tenon {

/// Looks at the results of each op, and names the first that has a number which is not finite.
class FiniteCheck {
public:
  explicit FiniteCheck(const Evaluator &evaluator) : evaluator(evaluator) {}

  /// Prints where and what; failure if there is such a number.
  mlir::LogicalResult check(mlir::Operation *op, llvm::ArrayRef<EvalValue> results);
  bool found() const { return isFound; }

private:
  const Evaluator &evaluator;
  bool isFound = false;
};

} // namespace tenon
