//===- CausalConv.cpp - forms of short convolutions and shifts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Graph.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

Step CausalConvOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  int64_t taps = cast<RankedTensorType>(fixed[0].getType()).getDimSize(1);
  Value window = taps == 1 ? slices[0] : g.stack({states[0], slices[0]});
  Value sum = g.sum(g.mul(window, g.transpose(fixed[0], {1, 0})), 0);
  Value result = g.reshape(sum, cast<RankedTensorType>(slices[0].getType()).getShape());
  if (getBias())
    result = g.add(result, fixed[1]);
  return {{result}, {g.rows(window, 1, taps - 1)}};
}

/// The sequence, with the state before it, `behind` rows later for each tap.
std::optional<Step> CausalConvOp::buildChunk(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  Value x = slices[0], w = g.transpose(fixed[0], {1, 0}), rows = x, state = states[0], result;
  int64_t taps = Graph::shapeOf(w)[0], channels = Graph::shapeOf(w)[1];
  for (int64_t tap = taps - 1; tap >= 0; --tap) {
    Value term = g.mul(rows, g.reshape(g.rows(w, tap, 1), {channels}));
    result = result ? g.add(result, term) : term;
    if (tap > 0) // The row that enters is the one that far before the first.
      rows = ShiftOp::create(builder, loc, rows, g.rows(state, tap - 1, 1)).getResult();
  }
  if (getBias())
    result = g.add(result, fixed[1]);
  return Step{{result}, {taps == 1 ? state : g.rows(g.stack({state, x}), -(taps - 1), taps - 1)}};
}

Step ShiftOp::buildStep(OpBuilder &, Location, ValueRange slices, ValueRange, ValueRange states) {
  return {{states[0]}, {slices[0]}};
}
