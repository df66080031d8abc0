//===- ReduceEval.cpp - evaluator of reductions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// Reduces `count` elements that lie `stride` apart.
static double reduce(Reduction kind, const double *values, int64_t count, int64_t stride) {
  double result = kind == Reduction::max ? -INFINITY : kind == Reduction::min ? INFINITY : 0;
  for (int64_t i = 0; i < count; ++i) {
    double x = values[i * stride];
    if (kind == Reduction::sum || kind == Reduction::mean)
      result += x;
    else if (std::isnan(x) || (kind == Reduction::max ? x > result : x < result))
      result = x;
  }
  return kind == Reduction::mean ? result / count : result;
}

LogicalResult ReduceOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  SmallVector<int64_t> shape(input.shape());
  int64_t count = shape[getDim()], stride = 1;
  for (int64_t dim : llvm::drop_begin(shape, getDim() + 1))
    stride *= dim;
  shape.erase(shape.begin() + getDim());
  EvalTensor result = EvalTensor::dense(shape);
  for (int64_t i = 0; i < result.size(); ++i)
    result.at(i) = reduce(getKind(), input.values().data() + i / stride * count * stride + i % stride, count, stride);
  return yield(*this, std::move(result), results);
}
