//===- LinearEval.cpp - evaluators of embedding, linear and matmul ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/ParallelFor.h"
#include "tenon/dialects/nn/EvalImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

LogicalResult EmbeddingOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor tokens = operands[0].tensor().toDense();
  const EvalTensor &table = operands[1].tensor();
  EvalTensor result = EvalTensor::dense({tokens.size(), table.dim(1)});
  for (int64_t t = 0; t < tokens.size(); ++t) {
    int64_t token = static_cast<int64_t>(tokens.at(t));
    if (token < 0 || token >= table.dim(0))
      return emitOpError("expects tokens of at least 0 and less than ") << table.dim(0) << ", but got " << token;
    table.readRow(token, result.values().data() + t * table.dim(1));
  }
  return yield(*this, std::move(result), results);
}

/// The sum of products, by four chains of additions.
static double dot(const double *a, const double *b, int64_t count) {
  double sums[4] = {0, 0, 0, 0};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (int64_t j = 0; j < 4; ++j)
      sums[j] += a[i + j] * b[i + j];
  for (; i < count; ++i)
    sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Each row of the weight is decoded once and meets all rows of the input.
LogicalResult LinearOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  const EvalTensor &weight = operands[1].tensor();
  EvalTensor input = operands[0].tensor().toDense();
  if (input.rowSize() != weight.dim(1))
    return emitOpError("expects rows of ") << weight.dim(1) << " elements, but got " << input.rowSize();
  if (Activation rounding = getEffectiveActivation(); rounding == Activation::q8)
    input = roundToBlocks(input, A8Type::get(getContext()));
  else if (rounding == Activation::q16)
    input = roundToBlocks(input, A16Type::get(getContext()));

  int64_t rows = input.rows(), in = weight.dim(1), out = weight.dim(0);
  SmallVector<int64_t> shape(input.shape());
  shape.back() = out;
  EvalTensor result = EvalTensor::dense(shape);
  std::vector<double> bias(out, 0.0);
  if (getBias())
    bias = std::vector<double>(operands[2].tensor().toDense().values());
  ArrayRef<double> from = std::as_const(input).values();
  MutableArrayRef<double> to = result.values();
  parallelFor(out, 16, [&](int64_t begin, int64_t end) {
    std::vector<double> row(in);
    for (int64_t o = begin; o < end; ++o) {
      weight.readRow(o, row.data());
      for (int64_t t = 0; t < rows; ++t)
        to[t * out + o] = dot(from.data() + t * in, row.data(), in) + bias[o];
    }
  });
  return yield(*this, std::move(result), results);
}

LogicalResult MatmulOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor lhs = operands[0].tensor().toDense(), rhs = operands[1].tensor().toDense();
  int64_t rank = lhs.rank(), m = lhs.dim(rank - 2), k = lhs.dim(rank - 1), n = rhs.dim(rank - 1);
  if (rhs.dim(rank - 2) != k || lhs.shape().drop_back(2) != rhs.shape().drop_back(2))
    return emitOpError("expects operands whose sizes agree");
  SmallVector<int64_t> shape(lhs.shape());
  shape.back() = n;
  EvalTensor result = EvalTensor::dense(shape);
  for (int64_t row = 0; row < result.rows(); ++row)
    for (int64_t i = 0; i < k; ++i)
      for (int64_t j = 0; j < n; ++j)
        result.at(row * n + j) += lhs.at(row * k + i) * rhs.at((row / m * k + i) * n + j);
  return yield(*this, std::move(result), results);
}
