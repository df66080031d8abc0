//===- ExpertsEval.cpp - evaluators of dispatch, grouped_linear and combine ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/ParallelFor.h"
#include "tenon/dialects/moe/Moe.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::moe;

static LogicalResult yield(Operation *op, EvalTensor tensor, SmallVectorImpl<EvalValue> &results) {
  if (Type element = getElementTypeOrSelf(op->getResult(0).getType()); element.isFloat())
    roundToType(tensor, element);
  results.push_back(std::move(tensor));
  return success();
}

/// Of a routing [T, 2, K], the index of the j-th expert of token t, and its weight.
static int64_t expertOf(const EvalTensor &routing, int64_t t, int64_t j) {
  return static_cast<int64_t>(routing.at(t * 2 * routing.dim(2) + j));
}
static double weightOf(const EvalTensor &routing, int64_t t, int64_t j) {
  return routing.at((t * 2 + 1) * routing.dim(2) + j);
}

LogicalResult DispatchOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  const EvalTensor &routing = operands[1].tensor();
  int64_t tokens = input.dim(0), used = routing.dim(2), width = input.dim(1);
  if (routing.dim(0) != tokens)
    return emitOpError("expects ") << routing.dim(0) << " tokens, but got " << tokens;
  EvalTensor result = EvalTensor::dense({tokens, used, width});
  for (int64_t row = 0; row < tokens * used; ++row) {
    double factor = getWeighted() ? weightOf(routing, row / used, row % used) : 1;
    for (int64_t i = 0; i < width; ++i)
      result.at(row * width + i) = input.at(row / used * width + i) * factor;
  }
  return yield(*this, std::move(result), results);
}

/// Each row of a chosen expert's matrix is decoded once and meets all rows of the input that go to the expert.
LogicalResult GroupedLinearOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  const EvalTensor &weight = operands[1].tensor(), &routing = operands[2].tensor();
  EvalTensor input = operands[0].tensor().toDense();
  int64_t experts = weight.dim(0), out = weight.dim(1), in = weight.dim(2), used = routing.dim(2);
  if (routing.dim(0) != input.dim(0))
    return emitOpError("expects ") << routing.dim(0) << " tokens, but got " << input.dim(0);
  if (nn::Activation rounding = getEffectiveActivation(); rounding == nn::Activation::q8)
    input = nn::roundToBlocks(input, nn::A8Type::get(getContext()));
  else if (rounding == nn::Activation::q16)
    input = nn::roundToBlocks(input, nn::A16Type::get(getContext()));

  std::vector<SmallVector<int64_t>> rowsOf(experts);
  for (int64_t row = 0; row < input.rows(); ++row)
    rowsOf[expertOf(routing, row / used, row % used)].push_back(row);
  EvalTensor result = EvalTensor::dense({input.dim(0), used, out});
  std::vector<double> bias(experts * out, 0.0);
  if (getBias())
    bias = std::vector<double>(operands[3].tensor().toDense().values());
  ArrayRef<double> from = std::as_const(input).values();
  MutableArrayRef<double> to = result.values();
  for (int64_t expert = 0; expert < experts; ++expert) {
    if (rowsOf[expert].empty())
      continue;
    parallelFor(out, 16, [&](int64_t begin, int64_t end) {
      std::vector<double> channel(in);
      for (int64_t o = begin; o < end; ++o) {
        weight.readRow(expert * out + o, channel.data());
        for (int64_t row : rowsOf[expert]) {
          double sum = bias[expert * out + o];
          for (int64_t i = 0; i < in; ++i)
            sum += from[row * in + i] * channel[i];
          to[row * out + o] = sum;
        }
      }
    });
  }
  return yield(*this, std::move(result), results);
}

LogicalResult CombineOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  const EvalTensor &routing = operands[1].tensor();
  int64_t tokens = input.dim(0), used = input.dim(1), width = input.dim(2);
  if (routing.dim(0) != tokens)
    return emitOpError("expects ") << routing.dim(0) << " tokens, but got " << tokens;
  EvalTensor result = EvalTensor::dense({tokens, width});
  for (int64_t t = 0; t < tokens; ++t)
    for (int64_t j = 0; j < used; ++j) {
      double factor = getUnweighted() ? 1 : weightOf(routing, t, j);
      for (int64_t i = 0; i < width; ++i)
        result.at(t * width + i) += factor * input.at((t * used + j) * width + i);
    }
  return yield(*this, std::move(result), results);
}
