//===- LinearEval.cpp - evaluators of embedding, linear, head_linear and matmul ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/ParallelFor.h"
#include "tenon/dialects/nn/EvalImpl.h"

#include <cstring>

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

/// Four chains of additions.
typedef double Lanes __attribute__((vector_size(32)));

static Lanes load(const double *from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

/// The products of `rows` rows of the input, `count` elements each, with one row of the weight. The order of
/// additions is the same for any number of rows.
template <int rows> static void multiplyRows(const double *input, const double *weight, int64_t count, double *out) {
  Lanes sums[rows] = {};
  double rest[rows] = {};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    Lanes w = load(weight + i);
    for (int r = 0; r < rows; ++r)
      sums[r] += load(input + r * count + i) * w;
  }
  for (; i < count; ++i)
    for (int r = 0; r < rows; ++r)
      rest[r] += input[r * count + i] * weight[i];
  for (int r = 0; r < rows; ++r)
    out[r] = ((sums[r][0] + sums[r][1]) + (sums[r][2] + sums[r][3])) + rest[r];
}

/// The input as a product meets it under this rounding.
static EvalTensor roundActivation(const EvalTensor &input, Activation rounding, MLIRContext *context) {
  if (rounding == Activation::q8)
    return roundToBlocks(input, A8Type::get(context));
  return rounding == Activation::q16 ? roundToBlocks(input, A16Type::get(context)) : input.toDense();
}

/// Each row of the weight is decoded once and meets all rows of the input.
LogicalResult LinearOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  const EvalTensor &weight = operands[1].tensor();
  if (operands[0].tensor().rowSize() != weight.dim(1))
    return emitOpError("expects rows of ") << weight.dim(1) << " elements, but got " << operands[0].tensor().rowSize();
  EvalTensor input = roundActivation(operands[0].tensor(), getEffectiveActivation(), getContext());

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
    double sums[4];
    for (int64_t o = begin; o < end; ++o) {
      weight.readRow(o, row.data());
      for (int64_t t = 0, group; t < rows; t += group) {
        group = rows - t >= 4 ? 4 : 1;
        (group == 4 ? multiplyRows<4> : multiplyRows<1>)(from.data() + t * in, row.data(), in, sums);
        for (int64_t r = 0; r < group; ++r)
          to[(t + r) * out + o] = sums[r] + bias[o];
      }
    }
  });
  return yield(*this, std::move(result), results);
}

LogicalResult HeadLinearOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  const EvalTensor &weight = operands[1].tensor();
  bool isTransposed = getTransposed();
  int64_t tokens = operands[0].tensor().dim(0), heads = weight.dim(0), rows = weight.dim(1), columns = weight.dim(2);
  int64_t out = isTransposed ? columns : rows, in = isTransposed ? rows : columns;
  if (operands[0].tensor().dim(1) != heads || operands[0].tensor().dim(2) != in)
    return emitOpError("expects ") << heads << " heads of " << in << " elements";
  EvalTensor input = roundActivation(operands[0].tensor(), getEffectiveActivation(), getContext());
  EvalTensor result = EvalTensor::dense({tokens, heads, out});
  ArrayRef<double> from = std::as_const(input).values();
  MutableArrayRef<double> to = result.values();
  parallelFor(heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> row(columns);
    for (int64_t r = begin * rows; r < end * rows; ++r) {
      weight.readRow(r, row.data());
      for (int64_t t = 0; t < tokens; ++t) {
        const double *x = from.data() + (t * heads + r / rows) * in;
        double *y = to.data() + (t * heads + r / rows) * out;
        if (!isTransposed)
          multiplyRows<1>(x, row.data(), in, y + r % rows);
        for (int64_t o = 0; isTransposed && o < out; ++o)
          y[o] += x[r % rows] * row[o];
      }
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
