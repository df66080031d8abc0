//===- LinearAttention.cpp - forms of decaying sums of outer products ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/HeadRows.h"
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
  static constexpr StringLiteral texts[2][2] = {{"q: T G K; k: T G K; v: T H V; decay: T H; bonus: H K; state: H K V",
                                                 "q: T G K; k: T G K; v: T H V; decay: T H K; bonus: H K; state: H K V"},
                                                {"q: T G K; k: T G K; v: T H V; decay: H; bonus: H K; state: H K V",
                                                 "q: T G K; k: T G K; v: T H V; decay: H K; bonus: H K; state: H K V"}};
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

/// The decays of a chunk's rows as [T, H, K].
static Value decaysOf(LinearAttentionOp op, HeadRows &rows, ValueRange slices, ValueRange fixed) {
  bool hasRows = !op.getFixedDecay();
  Value decay = op.getDecay() ? (hasRows ? slices[3] : fixed[0]) : Value();
  return rows.decays(decay, isOfKeys(op), hasRows, slices[2]);
}

/// What the bonus adds, [T, H, V].
static Value bonusOf(Graph &g, HeadRows &rows, Value q, Value k, Value v, Value bonus) {
  Value weight = g.sum(g.mul(g.mul(q, k), bonus), 2);
  return g.mul(v, g.broadcast(weight, Graph::shapeOf(v), {0, 1}));
}

std::optional<Step> LinearAttentionOp::buildChunk(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed,
                                                  ValueRange states) {
  Graph g(builder, loc);
  HeadRows rows(g, states[0]);
  Value q = rows.keys(slices[0]), k = rows.keys(slices[1]), v = slices[2], values = rows.byHead(v);
  Value decays = decaysOf(*this, rows, slices, fixed), totals = g.runningSum(decays);
  bool isAfter = getRead() == Read::after;
  Value reading = isAfter ? totals : g.sub(totals, decays);
  Value near = g.matmul(rows.weights(q, reading, k, totals, isAfter ? 0 : -1), values);
  Value result = rows.byHead(g.add(rows.readFirst(q, reading, states[0]), near));
  if (getBonus())
    result = g.add(result, bonusOf(g, rows, q, k, v, fixed.back()));
  return Step{{result}, {rows.addRows(rows.decayed(states[0], totals), k, totals, values)}};
}

SmallVector<Value> LinearAttentionOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed) {
  Graph g(builder, loc);
  HeadRows rows(g, getState());
  return {rows.overValues(decaysOf(*this, rows, slices, fixed)), rows.outer(rows.keys(slices[1]), slices[2])};
}

SmallVector<Value> LinearAttentionOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  return combineDecayingSums(g, first, second);
}

Step LinearAttentionOp::buildApply(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states,
                                   ValueRange elements) {
  Graph g(builder, loc);
  HeadRows rows(g, states[0]);
  Value q = rows.keys(slices[0]), after = statesAfterRows(g, states[0], elements);
  bool isAfter = getRead() == Read::after;
  Value result = rows.read(q, isAfter ? after : statesBeforeRows(g, states[0], after));
  if (getBonus())
    result = g.add(result, bonusOf(g, rows, q, rows.keys(slices[1]), slices[2], fixed.back()));
  return {{result}, {lastState(g, states[0], after)}};
}
