//===- Ssd.cpp - forms of the recurrence of matrices with one decay a head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/HeadRows.h"
#include "tenon/dialects/ssm/HeadState.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

LogicalResult SsdOp::verify() {
  return verifyGroups(*this, getX(), getB()); // ssd_c4
}

std::pair<double, double> SsdOp::getSampleRange(StringRef operand) {
  return operand == "dt" ? std::pair(0.001, 1.0) : std::pair(-1.0, 1.0);
}

StringRef SsdOp::getLogDecayName() {
  return "a";
}

/// Adds what skips the state.
static Value addSkip(SsdOp op, Graph &g, Value result, Value x, ValueRange fixed) {
  return op.getSkip() ? g.add(result, g.mul(x, g.broadcast(fixed[1], Graph::shapeOf(x).drop_front(), {0}))) : result;
}

Step SsdOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  HeadState head(g, states[0]);
  Value x = head.values(slices[0]), dt = slices[1], b = head.keys(slices[2]), c = head.keys(slices[3]);
  Value scaled = g.mul(x, g.broadcast(g.reshape(dt, {head.heads}), {head.heads, head.valueSize}, {0}));
  Value next = g.add(head.decayed(states[0], g.mul(dt, fixed[0]), /*ofKeys=*/false), head.outer(b, scaled));
  return {{addSkip(*this, g, head.row(head.read(c, next)), slices[0], fixed)}, {next}};
}

namespace {
/// The rows as those of linear attention.
struct AttentionRows {
  AttentionRows(Graph &g, HeadRows &rows, ValueRange slices, ValueRange fixed)
      : q(rows.keys(slices[3])), k(rows.keys(slices[2])), v(g.mul(slices[0], g.broadcast(slices[1], Graph::shapeOf(slices[0]), {0, 1}))),
        decays(rows.decays(g.mul(slices[1], fixed[0]), /*ofKeys=*/false, /*hasRows=*/true, slices[0])) {}
  Value q, k, v, decays;
};
} // namespace

std::optional<Step> SsdOp::buildChunk(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  HeadRows rows(g, states[0]);
  AttentionRows r(g, rows, slices, fixed);
  Value totals = g.runningSum(r.decays), values = rows.byHead(r.v);
  Value near = g.matmul(rows.weights(r.q, totals, r.k, totals, /*diagonal=*/0), values);
  Value result = rows.byHead(g.add(rows.readFirst(r.q, totals, states[0]), near));
  return Step{{addSkip(*this, g, result, slices[0], fixed)}, {rows.addRows(rows.decayed(states[0], totals), r.k, totals, values)}};
}

SmallVector<Value> SsdOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed) {
  Graph g(builder, loc);
  HeadRows rows(g, getState());
  AttentionRows r(g, rows, slices, fixed);
  return {rows.overValues(r.decays), rows.outer(r.k, r.v)};
}

SmallVector<Value> SsdOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  return combineDecayingSums(g, first, second);
}

Step SsdOp::buildApply(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states, ValueRange elements) {
  Graph g(builder, loc);
  HeadRows rows(g, states[0]);
  Value after = statesAfterRows(g, states[0], elements), result = rows.read(rows.keys(slices[3]), after);
  return {{addSkip(*this, g, result, slices[0], fixed)}, {lastState(g, states[0], after)}};
}
