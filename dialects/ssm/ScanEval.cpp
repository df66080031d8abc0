//===- ScanEval.cpp - evaluators of the primitives ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

LogicalResult ScanOp::evaluate(EvalContext &context, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  size_t sequences = getSequenceOperands().size(), states = getStateOperands().size();
  return evaluateRows(*this, getBody(), getChunk(), context, operands.take_front(sequences),
                      operands.slice(sequences, operands.size() - sequences - states), operands.take_back(states), results);
}

/// By doubling: after step s a row holds the 2^s rows that end with it.
LogicalResult PrefixOp::evaluate(EvalContext &context, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalValues current;
  for (const EvalValue &operand : operands)
    current.push_back(operand.tensor().toDense());
  int64_t rows = current.front().tensor().dim(0);
  for (int64_t distance = 1; distance < rows; distance *= 2) {
    EvalValues arguments;
    for (int64_t first : {int64_t(0), distance})
      for (const EvalValue &value : current)
        arguments.push_back(rowsFrom(value.tensor(), first, rows - distance));
    FailureOr<EvalValues> combined = context.evalRegion(getCombine(), arguments);
    if (failed(combined))
      return failure();
    for (auto [value, made] : llvm::zip_equal(current, *combined)) {
      ArrayRef<double> kept = value.tensor().values().take_front(distance * (value.tensor().size() / rows));
      std::vector<double> all(kept.begin(), kept.end());
      llvm::append_range(all, made.tensor().values());
      value = EvalTensor::dense(value.tensor().shape(), std::move(all));
    }
  }
  llvm::append_range(results, current);
  return success();
}
