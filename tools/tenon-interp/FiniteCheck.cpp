//===- FiniteCheck.cpp - finds the first op that gives no finite number ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FiniteCheck.h"
#include "Options.h"
#include "TensorText.h"
#include "tenon/passes/graph/ModelPath.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

/// A block is one function for all layers: the calls say which layer, the op what in it.
static std::string pathOf(ArrayRef<Operation *> callers, Operation *op) {
  SmallVector<std::string> parts;
  for (Operation *at : callers)
    if (at && !modelPath(at->getLoc()).empty())
      parts.push_back(modelPath(at->getLoc()));
  if (std::string path = modelPath(op->getLoc()); !path.empty())
    parts.push_back(path);
  return parts.empty() ? "" : llvm::join(parts, " / ") + ": ";
}

LogicalResult FiniteCheck::check(Operation *op, ArrayRef<EvalValue> results) {
  for (const EvalValue &result : results) {
    if (!result.isTensor() || result.tensor().isMapped())
      continue;
    ArrayRef<double> values = result.tensor().values();
    const double *bad = llvm::find_if(values, [](double value) { return !std::isfinite(value); });
    if (bad == values.end())
      continue;
    isFound = true;
    int64_t element = bad - values.begin(), row = std::max<int64_t>(1, result.tensor().rowSize());
    (void)fail(exitMismatch, pathOf(evaluator.callers(), op) + op->getName().getStringRef() + " expects finite numbers, but got " +
                                 numberText(*bad) + " at element " + Twine(element % row) + " of row " + Twine(element / row));
    return failure();
  }
  return success();
}
