//===- DeltaRule.cpp - forms of states that change by a matrix of rank one ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/HeadRows.h"
#include "tenon/dialects/ssm/HeadState.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

LogicalResult DeltaRuleOp::verify() {
  return verifyGroups(*this, getV(), getK()); // delta_rule_c4
}

std::pair<double, double> DeltaRuleOp::getSampleRange(StringRef operand) {
  // Changes of rank one must not let the state grow.
  double limit = operand == "a" || operand == "b" ? 1 / std::sqrt(double(Graph::shapeOf(getState())[1])) : 1;
  return {-limit, limit};
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

/// The decays of rows as [T, H, K].
static Value decaysOf(DeltaRuleOp op, HeadRows &rows, ValueRange slices) {
  return rows.decays(op.getDecay() ? slices[5] : Value(), isOfKeys(op), /*hasRows=*/true, slices[2]);
}

/// What row i reads of the state before it, w[i] = b[i]^T state, follows from the first state and from the rows before: a system of
/// equations with ones on its diagonal and zeros above. Then rows add a w^T + k v^T.
std::optional<Step> DeltaRuleOp::buildChunk(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange states) {
  Graph g(builder, loc);
  HeadRows rows(g, states[0]);
  Value q = rows.keys(slices[0]), k = rows.keys(slices[1]), a = rows.keys(slices[3]), b = rows.keys(slices[4]), v = rows.byHead(slices[2]);
  Value decays = decaysOf(*this, rows, slices), totals = g.runningSum(decays), before = g.sub(totals, decays);
  Value known = g.add(rows.readFirst(b, before, states[0]), g.matmul(rows.weights(b, before, k, totals, /*diagonal=*/-1), v));
  Value matrix = g.make<nn::NegOp>({rows.weights(b, before, a, totals, /*diagonal=*/-1)});
  Value w = nn::TriangularSolveOp::create(builder, loc, matrix, known);
  Value near = g.add(g.matmul(rows.weights(q, totals, a, totals, /*diagonal=*/0), w), g.matmul(rows.weights(q, totals, k, totals, 0), v));
  Value next = rows.addRows(rows.addRows(rows.decayed(states[0], totals), a, totals, w), k, totals, v);
  return Step{{rows.byHead(g.add(rows.readFirst(q, totals, states[0]), near))}, {next}};
}

/// A row multiplies the state by a matrix and adds another.
SmallVector<Value> DeltaRuleOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange) {
  Graph g(builder, loc);
  HeadRows rows(g, getState());
  Value a = rows.keys(slices[3]), b = rows.keys(slices[4]), decays = g.exp(decaysOf(*this, rows, slices));
  SmallVector<int64_t> square(Graph::shapeOf(a));
  square.push_back(rows.keySize);
  Value diagonal = g.mul(g.broadcast(decays, square, {0, 1, 2}), g.identity(rows.keySize));
  Value matrix = g.add(diagonal, g.mul(g.broadcast(a, square, {0, 1, 2}), g.broadcast(b, square, {0, 1, 3})));
  return {matrix, rows.outer(rows.keys(slices[1]), slices[2])};
}

SmallVector<Value> DeltaRuleOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  return {g.matmul(second[0], first[0]), g.add(g.matmul(second[0], first[1]), second[1])};
}

Step DeltaRuleOp::buildApply(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange states, ValueRange elements) {
  Graph g(builder, loc);
  HeadRows rows(g, states[0]);
  Value first = g.broadcast(states[0], Graph::shapeOf(elements[1]), {1, 2, 3}, elements[1]);
  Value after = g.add(g.matmul(elements[0], first), elements[1]);
  return {{rows.read(rows.keys(slices[0]), after)}, {lastState(g, states[0], after)}};
}
