//===- DecayingSum.cpp - states that are sums of decaying terms ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/Graph.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

SmallVector<Value> tenon::ssm::combineDecayingSums(Graph &g, ValueRange first, ValueRange second) {
  return {g.add(first[0], second[0]), g.add(g.mul(g.exp(second[0]), first[1]), second[1])};
}

Value tenon::ssm::statesAfterRows(Graph &g, Value state, ValueRange elements) {
  return g.add(g.mul(g.exp(elements[0]), state), elements[1]);
}

Value tenon::ssm::lastState(Graph &g, Value state, Value after) {
  Value last = g.rows(g.stack({g.asRow(state), after}), -1, 1);
  return g.reshape(last, Graph::shapeOf(state));
}

Value tenon::ssm::statesBeforeRows(Graph &g, Value state, Value after) {
  int64_t size = cast<RankedTensorType>(state.getType()).getNumElements();
  SmallVector<int64_t> shape(Graph::shapeOf(after));
  Value flat = g.reshape(after, {shape[0], size});
  auto shift = ShiftOp::create(g.builder, g.loc, flat, g.reshape(state, {1, size}));
  return g.reshape(shift.getResult(), shape);
}
