//===- Linear.cpp - verifiers of embedding, linear, head_linear and matmul ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

#include "tenon/dialects/nn/LinearInterface.cpp.inc"

using namespace mlir;
using namespace tenon::nn;

LogicalResult EmbeddingOp::verify() {
  if (failed(expectRank(*this, "tokens operand", getTokens(), 1)) || // embedding_c1
      failed(expectRank(*this, "table", getTable(), 2)))
    return failure();
  return expectShape(*this, "result", getResult(), // embedding_c2
                     {shapeOf(getTokens())[0], shapeOf(getTable())[1]});
}

Activation LinearOp::getEffectiveActivation() {
  if (!getBlockType(getWeight().getType()) || getBlockType(getInput().getType()))
    return Activation::f32;
  return getActivation();
}

LogicalResult LinearOp::verify() {
  if (failed(expectRank(*this, "weight", getWeight(), 2)) || // linear_c1
      failed(expectRankAtLeast(*this, "input", getInput(), 1)))
    return failure();
  ArrayRef<int64_t> weight = shapeOf(getWeight());
  SmallVector<int64_t> shape(shapeOf(getInput()));
  if (!dimsAgree(shape.back(), weight[1])) // linear_c2
    return emitOpError("expects the last input dimension to be the weight's input size ")
           << dimText(weight[1]) << ", but got " << dimText(shape.back());
  shape.back() = weight[0];
  if (failed(expectShape(*this, "result", getResult(), shape))) // linear_c3
    return failure();
  if (getBias()) // linear_c4
    return expectShape(*this, "bias", getBias(), {weight[0]});
  return success();
}

Activation HeadLinearOp::getEffectiveActivation() {
  bool isTaken = getBlockType(getWeight().getType()) && !getBlockType(getInput().getType()) && !getTransposed();
  return isTaken ? getActivation() : Activation::f32;
}

LogicalResult HeadLinearOp::verify() {
  if (failed(expectRank(*this, "input", getInput(), 3)) || // head_linear_c1
      failed(expectRank(*this, "weight", getWeight(), 3)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput()), weight = shapeOf(getWeight());
  int64_t in = weight[getTransposed() ? 1 : 2], out = weight[getTransposed() ? 2 : 1];
  if (!dimsAgree(input[1], weight[0]) || !dimsAgree(input[2], in)) // head_linear_c2
    return emitOpError("expects ") << dimText(weight[0]) << " heads of " << dimText(in) << " elements, but got " << dimText(input[1])
                                   << " of " << dimText(input[2]);
  return expectShape(*this, "result", getResult(), {input[0], weight[0], out}); // head_linear_c3
}

LogicalResult MatmulOp::verify() {
  if (failed(expectRankAtLeast(*this, "left operand", getLhs(), 2))) // matmul_c1
    return failure();
  ArrayRef<int64_t> lhs = shapeOf(getLhs()), rhs = shapeOf(getRhs());
  if (lhs.size() != rhs.size()) // matmul_c1
    return emitOpError("expects operands of the same rank, but got ") << lhs.size() << " and " << rhs.size();
  for (auto [left, right] : llvm::zip_equal(lhs.drop_back(2), rhs.drop_back(2)))
    if (!dimsAgree(left, right)) // matmul_c2
      return emitOpError("expects equal leading dimensions, but got ") << shapeText(lhs) << " and " << shapeText(rhs);
  int64_t inner = rhs[rhs.size() - 2];
  if (!dimsAgree(lhs.back(), inner)) // matmul_c3
    return emitOpError("expects ") << dimText(lhs.back()) << " rows of the right operand, but got " << dimText(inner);
  SmallVector<int64_t> shape(lhs);
  shape.back() = rhs.back();
  return expectShape(*this, "result", getResult(), shape); // matmul_c4
}
