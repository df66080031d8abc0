//===- DeltaRule.cpp - forms of states that change by a matrix of rank one ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/HeadState.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

LogicalResult DeltaRuleOp::verify() {
  return verifyGroups(*this, getV(), getK()); // delta_rule_c4
}

StringRef DeltaRuleOp::getLogDecayName() {
  return "decay";
}

static bool isOfKeys(DeltaRuleOp op) {
  return op.getDecay() && cast<RankedTensorType>(op.getDecay().getType()).getRank() == 3;
}

StringRef DeltaRuleOp::getShapeText() {
  return isOfKeys(*this) || !getDecay() ? "q: T G K; k: T G K; v: T H V; a: T G K; b: T G K; decay: T H K; state: H K V"
                                        : "q: T G K; k: T G K; v: T H V; a: T G K; b: T G K; decay: T H; state: H K V";
}

Step DeltaRuleOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange states) {
  Graph g(builder, loc);
  HeadState head(g, states[0]);
  Value q = head.keys(slices[0]), k = head.keys(slices[1]), v = head.values(slices[2]), a = head.keys(slices[3]), b = head.keys(slices[4]);
  Value kept = getDecay() ? head.decayed(states[0], slices[5], isOfKeys(*this)) : states[0];
  Value next = g.add(g.add(kept, head.outer(a, head.read(b, states[0]))), head.outer(k, v));
  return {{head.row(head.read(q, next))}, {next}};
}
