//===- LinearAttention.cpp - forms of decaying sums of outer products ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/HeadState.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

LogicalResult LinearAttentionOp::verify() {
  if (getBonus() && getRead() != Read::before) // linear_attention_c5
    return emitOpError("expects read to be before where there is a bonus");
  if (getFixedDecay() && !getDecay())
    return emitOpError("expects a decay where fixed_decay is set");
  return verifyGroups(*this, getV(), getK()); // linear_attention_c4
}

StringRef LinearAttentionOp::getLogDecayName() {
  return "decay";
}

/// Whether a decay has a number for each key of a head.
static bool isOfKeys(LinearAttentionOp op) {
  return op.getDecay() && cast<RankedTensorType>(op.getDecay().getType()).getRank() == (op.getFixedDecay() ? 2 : 3);
}

StringRef LinearAttentionOp::getShapeText() {
  static constexpr StringLiteral texts[2][2] = {
      {"q: T G K; k: T G K; v: T H V; decay: T H; bonus: H K; state: H K V", "q: T G K; k: T G K; v: T H V; decay: T H K; bonus: H K; state: H K V"},
      {"q: T G K; k: T G K; v: T H V; decay: H; bonus: H K; state: H K V", "q: T G K; k: T G K; v: T H V; decay: H K; bonus: H K; state: H K V"}};
  return texts[getFixedDecay()][isOfKeys(*this)];
}

Step LinearAttentionOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  HeadState head(g, states[0]);
  Value q = head.keys(slices[0]), k = head.keys(slices[1]), v = head.values(slices[2]);
  Value outer = head.outer(k, v), kept = states[0];
  if (getDecay())
    kept = head.decayed(kept, getFixedDecay() ? fixed[0] : slices[3], isOfKeys(*this));
  Value next = g.add(kept, outer);
  if (getRead() == Read::after)
    return {{head.row(head.read(q, next))}, {next}};
  Value result = head.read(q, states[0]);
  if (getBonus())
    result = g.add(result, head.read(g.mul(q, fixed.back()), outer));
  return {{head.row(result)}, {next}};
}
