//===- Wkv.cpp - forms of averages weighted by exponentials ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/Graph.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

StringRef WkvOp::getLogDecayName() {
  return "w";
}

namespace {
/// Sums of values and of weights [T, C], both times exp of an exponent.
struct Sums {
  Value a, b, m;
};
} // namespace

static Sums sumsOf(Graph &g, Value states) {
  SmallVector<int64_t> shape = {Graph::shapeOf(states)[0], Graph::shapeOf(states)[2]};
  auto plane = [&](int64_t index) { return g.reshape(g.part(states, 1, index, 1), shape); };
  Sums sums = {plane(0), plane(1), plane(2)};
  // An empty state, where b is 0, has an exponent less than any; elsewhere b is 1 at least.
  Value absent = g.add(g.make<nn::NegOp>({g.min(sums.b, g.number(1))}), g.number(1));
  sums.m = g.add(sums.m, g.mul(absent, g.number(-1e30)));
  return sums;
}

static Value statesOf(Graph &g, const Sums &sums) {
  SmallVector<int64_t> shape = {Graph::shapeOf(sums.a)[0], 1, Graph::shapeOf(sums.a)[1]};
  return g.join({g.reshape(sums.a, shape), g.reshape(sums.b, shape), g.reshape(sums.m, shape)}, 1);
}

/// Both sums in one, at the larger exponent.
static Sums meet(Graph &g, const Sums &x, const Sums &y) {
  Value m = g.max(x.m, y.m), first = g.exp(g.sub(x.m, m)), second = g.exp(g.sub(y.m, m));
  return {g.add(g.mul(first, x.a), g.mul(second, y.a)), g.add(g.mul(first, x.b), g.mul(second, y.b)), m};
}

/// The rows' own sums: values with weight 1 at the keys.
static Sums ownSums(Graph &g, Value k, Value v) {
  return {v, g.broadcast(g.number(1), Graph::shapeOf(k), {}, k), k};
}

static Value average(Graph &g, const Sums &before, Value k, Value v, Value u) {
  Sums sums = meet(g, before, ownSums(g, g.add(k, u), v));
  return g.div(sums.a, sums.b);
}

Step WkvOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  Value k = slices[0], v = slices[1], w = fixed[0], u = fixed[1];
  int64_t channels = Graph::shapeOf(states[0])[1];
  Sums before = sumsOf(g, g.reshape(states[0], {1, 3, channels}));
  Sums after = meet(g, {before.a, before.b, g.add(before.m, w)}, ownSums(g, k, v));
  return {{average(g, before, k, v, u)}, {g.reshape(statesOf(g, after), {3, channels})}};
}

SmallVector<Value> WkvOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed) {
  Graph g(builder, loc);
  Sums own = ownSums(g, slices[0], slices[1]);
  return {g.broadcast(fixed[0], Graph::shapeOf(slices[0]), {1}, slices[0]), own.a, own.b, own.m};
}

SmallVector<Value> WkvOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  Sums both = meet(g, {first[1], first[2], g.add(first[3], second[0])}, {second[1], second[2], second[3]});
  return {g.add(first[0], second[0]), both.a, both.b, both.m};
}

Step WkvOp::buildApply(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states, ValueRange elements) {
  Graph g(builder, loc);
  SmallVector<int64_t> shape = {Graph::shapeOf(slices[0])[0], 3, Graph::shapeOf(states[0])[1]};
  Sums first = sumsOf(g, g.broadcast(states[0], shape, {1, 2}, slices[0]));
  Sums after = meet(g, {first.a, first.b, g.add(first.m, elements[0])}, {elements[1], elements[2], elements[3]});
  Value rows = statesOf(g, after);
  Sums before = sumsOf(g, statesBeforeRows(g, states[0], rows));
  return {{average(g, before, slices[0], slices[1], fixed[1])}, {lastState(g, states[0], rows)}};
}
