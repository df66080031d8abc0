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

Step ShiftOp::buildStep(OpBuilder &, Location, ValueRange slices, ValueRange, ValueRange states) {
  return {{states[0]}, {slices[0]}};
}
