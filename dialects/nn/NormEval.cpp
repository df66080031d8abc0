//===- NormEval.cpp - evaluators of normalisations ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// Replaces each row of a copy of the input by what `body` makes of it.
static EvalTensor mapRows(const EvalTensor &input, function_ref<void(MutableArrayRef<double>)> body) {
  EvalTensor dense = input.toDense(), result = EvalTensor::dense(dense.shape(), std::vector<double>(dense.values()));
  for (int64_t row = 0; row < result.rows(); ++row)
    body(result.values().slice(row * result.rowSize(), result.rowSize()));
  return result;
}

/// The mean of `f` over a row.
static double mean(ArrayRef<double> row, function_ref<double(double)> f) {
  double sum = 0;
  for (double x : row)
    sum += f(x);
  return sum / row.size();
}

/// The values of an optional parameter, or `otherwise` for each element of a row.
static std::vector<double> parameterValues(ArrayRef<EvalValue> operands, size_t index, double otherwise) {
  if (index < operands.size())
    return operands[index].tensor().toDense().values().vec();
  return std::vector<double>(operands[0].tensor().rowSize(), otherwise);
}

LogicalResult RmsNormOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  std::vector<double> weight = parameterValues(operands, 1, 1);
  double eps = getEps().convertToDouble();
  EvalTensor result = mapRows(operands[0].tensor(), [&](MutableArrayRef<double> row) {
    double scale = 1 / std::sqrt(mean(row, [](double x) { return x * x; }) + eps);
    for (auto [x, w] : llvm::zip_equal(row, weight))
      x = x * scale * w;
  });
  return yield(*this, std::move(result), results);
}

LogicalResult LayerNormOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  std::vector<double> weight = parameterValues(operands, 1, 1), bias = parameterValues(operands, 2, 0);
  double eps = getEps().convertToDouble();
  EvalTensor result = mapRows(operands[0].tensor(), [&](MutableArrayRef<double> row) {
    double m = mean(row, [](double x) { return x; });
    double scale = 1 / std::sqrt(mean(row, [&](double x) { return (x - m) * (x - m); }) + eps);
    for (auto [x, w, b] : llvm::zip_equal(row, weight, bias))
      x = (x - m) * scale * w + b;
  });
  return yield(*this, std::move(result), results);
}

LogicalResult SoftmaxOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor result = mapRows(operands[0].tensor(), [](MutableArrayRef<double> row) {
    double largest = -INFINITY, sum = 0;
    for (double x : row)
      largest = std::max(largest, x);
    for (double &x : row)
      sum += x = std::exp(x - largest);
    for (double &x : row)
      x /= sum;
  });
  return yield(*this, std::move(result), results);
}
