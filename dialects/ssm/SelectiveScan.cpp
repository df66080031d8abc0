//===- SelectiveScan.cpp - forms of the scan with a decay for each channel and state ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Graph.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

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
