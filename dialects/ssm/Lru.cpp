//===- Lru.cpp - forms of sums of inputs that decay and turn ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/Graph.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

StringRef LruOp::getLogDecayName() {
  return "decay";
}

StringRef LruOp::getShapeText() {
  bool hasRows = cast<RankedTensorType>(getDecay().getType()).getRank() == 2;
  if (getPhase())
    return hasRows ? "x: T 2 C; decay: T C; phase: C; state: 2 C" : "x: T 2 C; decay: C; phase: C; state: 2 C";
  return hasRows ? "x: T C; decay: T C; phase: C; state: 1 C" : "x: T C; decay: C; phase: C; state: 1 C";
}

/// Complex rows [T, 2, C] times those of size and phase [T, C].
static Value turn(Graph &g, Value rows, Value size, Value phase) {
  SmallVector<int64_t> shape(Graph::shapeOf(size));
  Value real = g.mul(size, g.cos(phase)), imaginary = g.mul(size, g.sin(phase));
  Value re = g.reshape(g.part(rows, 1, 0, 1), shape), im = g.reshape(g.part(rows, 1, 1, 1), shape);
  Value newRe = g.sub(g.mul(re, real), g.mul(im, imaginary)), newIm = g.add(g.mul(re, imaginary), g.mul(im, real));
  SmallVector<int64_t> apart = {shape[0], 1, shape[1]};
  return g.join({g.reshape(newRe, apart), g.reshape(newIm, apart)}, 1);
}

Step LruOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  bool hasRows = slices.size() == 2;
  Value x = slices[0], state = states[0];
  int64_t channels = cast<RankedTensorType>(state.getType()).getDimSize(1);
  Value size = g.exp(g.reshape(hasRows ? slices[1] : fixed[0], {channels}));
  if (!getPhase()) {
    Value next = g.add(g.mul(state, size), x);
    return {{next}, {next}};
  }
  Value next = g.add(turn(g, g.reshape(state, {1, 2, channels}), g.reshape(size, {1, channels}), g.reshape(fixed.back(), {1, channels})),
                     g.reshape(x, {1, 2, channels}));
  return {{next}, {g.reshape(next, {2, channels})}};
}

SmallVector<Value> LruOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed) {
  Graph g(builder, loc);
  Value x = slices[0];
  SmallVector<int64_t> shape = {Graph::shapeOf(x)[0], Graph::shapeOf(x).back()};
  Value decay = slices.size() == 2 ? slices[1] : g.broadcast(fixed[0], shape, {1}, x);
  if (!getPhase())
    return {decay, x};
  return {decay, g.broadcast(fixed.back(), shape, {1}, x), x};
}

SmallVector<Value> LruOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  if (!getPhase())
    return combineDecayingSums(g, first, second);
  Value turned = turn(g, first[2], g.exp(second[0]), second[1]);
  return {g.add(first[0], second[0]), g.add(first[1], second[1]), g.add(turned, second[2])};
}

Step LruOp::buildApply(OpBuilder &builder, Location loc, ValueRange, ValueRange, ValueRange states, ValueRange elements) {
  Graph g(builder, loc);
  Value after;
  if (getPhase()) {
    Value first = g.broadcast(states[0], Graph::shapeOf(elements[2]), {1, 2}, elements[2]);
    after = g.add(turn(g, first, g.exp(elements[0]), elements[1]), elements[2]);
    return {{after}, {lastState(g, states[0], after)}};
  }
  Value state = g.reshape(states[0], {Graph::shapeOf(states[0])[1]});
  after = statesAfterRows(g, state, elements);
  return {{after}, {g.reshape(lastState(g, state, after), Graph::shapeOf(states[0]))}};
}
