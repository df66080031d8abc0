//===- Lru.cpp - forms of sums of inputs that decay and turn ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Graph.h"
#include "tenon/dialects/ssm/Ssm.h"

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
  Value phase = fixed.back(), real = g.mul(size, g.cos(phase)), imaginary = g.mul(size, g.sin(phase));
  Value re = g.rows(state, 0, 1), im = g.rows(state, 1, 1);
  Value turned = g.stack({g.sub(g.mul(re, real), g.mul(im, imaginary)), g.add(g.mul(re, imaginary), g.mul(im, real))});
  Value next = g.add(turned, g.reshape(x, {2, channels}));
  return {{g.reshape(next, {1, 2, channels})}, {next}};
}
