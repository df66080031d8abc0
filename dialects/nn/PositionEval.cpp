//===- PositionEval.cpp - evaluators of ops that depend on a token's position ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

LogicalResult PositionEmbeddingOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  const EvalTensor &table = operands[1].tensor();
  int64_t tokens = operands[0].tensor().size(), first = getOffset() + (getStart() ? operands[2].index() : 0);
  if (first < 0 || first + tokens > table.dim(0))
    return emitOpError("expects rows below ") << table.dim(0) << ", but got positions up to row " << first + tokens - 1;
  EvalTensor result = EvalTensor::dense({tokens, table.dim(1)});
  for (int64_t t = 0; t < tokens; ++t)
    table.readRow(first + t, result.values().data() + t * table.dim(1));
  return yield(*this, std::move(result), results);
}

LogicalResult PositionScaleOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense(), result = EvalTensor::dense(input.shape());
  int64_t start = operands[1].index(), tokens = input.dim(0), size = tokens == 0 ? 0 : input.size() / tokens;
  for (int64_t t = 0; t < tokens; ++t) {
    double factor = 1 + getScale().convertToDouble() * std::log1p(static_cast<double>((start + t + 1) / getInterval()));
    for (int64_t i = t * size; i < (t + 1) * size; ++i)
      result.at(i) = input.at(i) * factor;
  }
  return yield(*this, std::move(result), results);
}
