//===- SelectiveScan.cpp - forms of the scan with a decay for each channel and state ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/Graph.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

std::pair<double, double> SelectiveScanOp::getSampleRange(StringRef operand) {
  return operand == "dt" ? std::pair(0.001, 1.0) : std::pair(-1.0, 1.0);
}

StringRef SelectiveScanOp::getLogDecayName() {
  return "a";
}

Step SelectiveScanOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  Value x = slices[0], dt = slices[1], b = slices[2], c = slices[3], a = fixed[0], state = states[0];
  ArrayRef<int64_t> sizes = cast<RankedTensorType>(state.getType()).getShape();
  Value decay = g.exp(g.mul(a, g.reshape(dt, {sizes[1]})));
  Value added = g.matmul(g.reshape(b, {sizes[0], 1}), g.mul(x, dt));
  Value next = g.add(g.mul(state, decay), added);
  Value result = g.matmul(c, next);
  if (getSkip())
    result = g.add(result, g.mul(x, fixed[1]));
  return {{result}, {next}};
}

SmallVector<Value> SelectiveScanOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed) {
  Graph g(builder, loc);
  Value x = slices[0], dt = slices[1], b = slices[2], a = fixed[0];
  SmallVector<int64_t> shape = {Graph::shapeOf(x)[0], Graph::shapeOf(a)[0], Graph::shapeOf(a)[1]};
  Value added = g.mul(g.broadcast(b, shape, {0, 1}), g.broadcast(g.mul(dt, x), shape, {0, 2}));
  return {g.mul(g.broadcast(dt, shape, {0, 2}), a), added};
}

SmallVector<Value> SelectiveScanOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  return combineDecayingSums(g, first, second);
}

Step SelectiveScanOp::buildApply(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states,
                                 ValueRange elements) {
  Graph g(builder, loc);
  Value after = statesAfterRows(g, states[0], elements);
  Value result = g.sum(g.mul(after, g.broadcast(slices[3], Graph::shapeOf(after), {0, 1})), 1);
  if (getSkip())
    result = g.add(result, g.mul(slices[0], fixed[1]));
  return {{result}, {lastState(g, states[0], after)}};
}
