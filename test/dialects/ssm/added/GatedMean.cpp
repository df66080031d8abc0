//===- GatedMean.cpp - step of means by exponential gates ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GatedMean.h"
#include "mlir/IR/OpImplementation.h"
#include "tenon/dialects/ssm/Graph.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

StringRef GatedMeanOp::getLogDecayName() {
  return "decay";
}

Step GatedMeanOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange states) {
  Graph g(builder, loc);
  Value z = slices[0], gate = slices[1], decay = slices[2];
  Value sum = g.rows(states[0], 0, 1), weight = g.rows(states[0], 1, 1), largest = g.rows(states[0], 2, 1);
  Value kept = g.add(decay, largest), q = g.max(kept, gate);
  Value old = g.exp(g.sub(kept, q)), fresh = g.exp(g.sub(gate, q));
  sum = g.add(g.mul(old, sum), g.mul(fresh, z));
  weight = g.add(g.mul(old, weight), fresh);
  return {{g.div(sum, weight)}, {g.stack({sum, weight, q})}};
}

#define GET_OP_CLASSES
#include "GatedMean.cpp.inc"
