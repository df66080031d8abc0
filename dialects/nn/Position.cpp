//===- Position.cpp - verifiers of ops that depend on a token's position ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

LogicalResult PositionEmbeddingOp::verify() {
  if (failed(expectRank(*this, "tokens operand", getTokens(), 1)) || // position_embedding_c1
      failed(expectRank(*this, "table", getTable(), 2)))
    return failure();
  ArrayRef<int64_t> table = shapeOf(getTable());
  if (failed(expectShape(*this, "result", getResult(), {shapeOf(getTokens())[0], table[1]}))) // position_embedding_c2
    return failure();
  if (getOffset() < 0 || (!ShapedType::isDynamic(table[0]) && getOffset() >= table[0])) // position_embedding_c3
    return emitOpError("expects an offset of at least 0 and less than the ") << dimText(table[0]) << " rows, but got " << getOffset();
  return success();
}

LogicalResult PositionScaleOp::verify() {
  if (failed(expectRankAtLeast(*this, "input", getInput(), 1))) // position_scale_c1
    return failure();
  if (!getScale().isFinite()) // position_scale_c2
    return emitOpError("expects a finite scale, but got ") << getScale().convertToDouble();
  if (getInterval() < 1) // position_scale_c3
    return emitOpError("expects an interval of at least 1, but got ") << getInterval();
  return success();
}
