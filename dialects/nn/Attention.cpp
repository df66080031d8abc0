//===- Attention.cpp - verifier of attention ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

/// The checks of the options, which do not look at shapes.
static LogicalResult verifyOptions(AttentionOp op) {
  if (std::optional<int64_t> window = op.getWindow(); window && (*window <= 0 || !op.getCausal())) // attention_c7
    return op.emitOpError("expects a window to be positive and to stand with causal, but got window ")
           << *window << (op.getCausal() ? "" : " without causal");
  if (std::optional<APFloat> cap = op.getSoftCap(); cap && !(cap->convertToDouble() > 0)) // attention_c8
    return op.emitOpError("expects a positive soft_cap, but got ") << cap->convertToDouble();
  if (std::optional<int64_t> chunk = op.getChunk(); chunk && (*chunk <= 0 || !op.getCausal())) // attention_c9
    return op.emitOpError("expects a chunk to be positive and to stand with causal, but got chunk ")
           << *chunk << (op.getCausal() ? "" : " without causal");
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(expectRank(*this, "query", getQuery(), 3)) || // attention_c1
      failed(expectRank(*this, "key", getKey(), 3)) || failed(expectRank(*this, "value", getValue(), 3)))
    return failure();
  ArrayRef<int64_t> query = shapeOf(getQuery()), key = shapeOf(getKey()), value = shapeOf(getValue());
  if (!dimsAgree(key[0], value[0]) || !dimsAgree(key[1], value[1])) // attention_c2
    return emitOpError("expects as many positions and heads of value as of key ") << shapeText(key) << ", but got " << shapeText(value);
  if (!dimsAgree(query[2], key[2])) // attention_c3
    return emitOpError("expects keys of the query's head size ") << dimText(query[2]) << ", but got " << dimText(key[2]);
  bool headsKnown = !ShapedType::isDynamic(query[1]) && !ShapedType::isDynamic(key[1]);
  if (headsKnown && (key[1] == 0 || query[1] % key[1] != 0)) // attention_c4
    return emitOpError("expects the query heads to be a multiple of the key heads, but got ") << query[1] << " and " << key[1];
  if (failed(expectShape(*this, "result", getResult(), {query[0], query[1], value[2]}))) // attention_c5
    return failure();
  if (Value bias = getBias()) { // attention_c6
    SmallVector<int64_t> expected = {query[0], key[0]};
    if (rankOf(bias) == 3)
      expected.insert(expected.begin(), query[1]);
    if (failed(expectShape(*this, "bias", bias, expected)))
      return failure();
  }
  if (getSinks() && failed(expectShape(*this, "sinks", getSinks(), {query[1]}))) // attention_c10
    return failure();
  if (getSlopes() && failed(expectShape(*this, "slopes", getSlopes(), {query[1]}))) // attention_c11
    return failure();
  return verifyOptions(*this);
}
