//===- AttentionScores.cpp - which keys a query sees, and how much ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/AttentionScores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

double tenon::codegen::log2OfE() {
  return 1.0 / std::log(2.0);
}

LogicalResult AttentionScores::check() {
  for (Value operand : {op.getBias(), op.getSinks(), op.getSlopes()})
    if (operand && !emitter.getArgument(operand))
      return op.emitError("kernel: expects biases, sinks and slopes that are arguments");
  return success();
}

void AttentionScores::begin(Value count) {
  this->count = count;
  rows = emitter.rowCount(op.getResult());
  ahead = b.sub(b.max(count, rows), rows);
  if (!op.getBias())
    return;
  Value buffer = emitter.getArgument(op.getBias());
  auto type = MemRefType::get({ShapedType::kDynamic}, cast<MemRefType>(buffer.getType()).getElementType());
  auto biasType = cast<RankedTensorType>(op.getBias().getType());
  OpFoldResult zero = b.builder.getIndexAttr(0), one = b.builder.getIndexAttr(1);
  OpFoldResult size = b.mul(b.mul(rows, count), biasType.getRank() == 3 ? biasType.getDimSize(0) : 1);
  bias = memref::ReinterpretCastOp::create(b.builder, b.loc, type, buffer, zero, {size}, {one});
}

double AttentionScores::scaleOfQueries() {
  return op.getScale().convertToFloat() * (adjusts() ? 1 : log2OfE());
}

Value AttentionScores::adjust(Value scores, Value head, Value row, Value key, int64_t lanes) {
  if (std::optional<APFloat> cap = op.getSoftCap()) {
    double limit = cap->convertToFloat();
    Value bounded = math::TanhOp::create(b.builder, b.loc, b.fmul(scores, b.splat(1 / limit, lanes)));
    scores = b.fmul(bounded, b.splat(limit, lanes));
  }
  if (op.getBias()) {
    bool isOfHead = cast<RankedTensorType>(op.getBias().getType()).getRank() == 3;
    Value line = isOfHead ? b.add(b.mul(head, rows), row) : row;
    scores = b.fadd(scores, b.loadFloats(bias, {b.add(b.mul(line, count), key)}, lanes, b.lanesBelow(key, count, lanes)));
  }
  if (Value slopes = op.getSlopes()) {
    Value slope = b.load(emitter.getArgument(slopes), {head});
    scores = b.fma(b.distances(key, b.add(ahead, row), lanes), b.broadcast(slope, lanes), scores);
  }
  return b.fmul(scores, b.splat(log2OfE(), lanes));
}

Value AttentionScores::firstVisible(Value row) {
  Value position = b.add(ahead, row), first = b.index(0);
  if (std::optional<int64_t> window = op.getWindow())
    first = b.sub(b.max(b.add(position, 1), b.index(*window)), b.index(*window));
  if (std::optional<int64_t> chunk = op.getChunk())
    first = b.max(first, b.mul(b.div(position, *chunk), *chunk));
  return first;
}

Value AttentionScores::endVisible(Value row) {
  return op.getCausal() ? b.min(b.add(b.add(ahead, row), 1), count) : count;
}

Value AttentionScores::hide(Value scores, Value row, Value key, int64_t lanes) {
  Value least = b.splat(invisibleScore, lanes);
  scores = arith::SelectOp::create(b.builder, b.loc, b.lanesBelow(key, endVisible(row), lanes), scores, least);
  if (hidesEarlier())
    scores = arith::SelectOp::create(b.builder, b.loc, b.lanesBelow(key, firstVisible(row), lanes), least, scores);
  return scores;
}

Value AttentionScores::sink(Value head) {
  return b.fmul(b.load(emitter.getArgument(op.getSinks()), {head}), b.scalar(log2OfE()));
}
