//===- HeadRows.cpp - many rows of recurrences with a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/HeadRows.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

HeadRows::HeadRows(Graph &graph, Value state)
    : heads(Graph::shapeOf(state)[0]), keySize(Graph::shapeOf(state)[1]), valueSize(Graph::shapeOf(state)[2]), g(graph) {}

Value HeadRows::keys(Value value) {
  int64_t groups = Graph::shapeOf(value)[1];
  if (groups == heads)
    return value;
  return g.reshape(g.broadcast(value, {rows(value), groups, heads / groups, keySize}, {0, 1, 3}), {rows(value), heads, keySize});
}

Value HeadRows::decays(Value logDecay, bool ofKeys, bool hasRows, Value like) {
  SmallVector<int64_t> shape = {rows(like), heads, keySize}, dims;
  if (!logDecay)
    return g.broadcast(g.number(0), shape, {}, like);
  if (hasRows)
    dims.push_back(0);
  dims.push_back(1);
  if (ofKeys)
    dims.push_back(2);
  return g.broadcast(logDecay, shape, dims, hasRows ? Value() : like);
}

Value HeadRows::weights(Value q, Value reading, Value k, Value adding, int64_t diagonal) {
  // Less than the logarithm of anything.
  constexpr float nothing = -1e30f;
  int64_t count = rows(q);
  SmallVector<int64_t> shape = {count, count, heads, keySize};
  auto ofReader = [&](Value value) { return g.broadcast(value, shape, {0, 2, 3}, q); };
  auto ofAdder = [&](Value value) { return g.broadcast(value, shape, {1, 2, 3}, q); };
  Value distance = g.sub(ofReader(reading), ofAdder(adding));
  Value seen = nn::LowerTriangleOp::create(g.builder, g.loc, distance, diagonal, llvm::APFloat(nothing));
  Value terms = g.mul(g.exp(seen), g.mul(ofReader(q), ofAdder(k)));
  return g.transpose(g.sum(terms, 3), {2, 0, 1});
}

Value HeadRows::readFirst(Value q, Value totals, Value state) {
  return g.matmul(byHead(g.mul(q, g.exp(totals))), state);
}

Value HeadRows::decayed(Value state, Value totals) {
  return g.mul(state, g.broadcast(g.exp(last(totals)), {heads, keySize, valueSize}, {0, 1}));
}

Value HeadRows::addRows(Value state, Value k, Value totals, Value valuesByHead) {
  Value left = g.sub(g.broadcast(last(totals), Graph::shapeOf(totals), {1, 2}, totals), totals);
  Value keysByHead = g.transpose(g.mul(k, g.exp(left)), {1, 2, 0});
  return g.add(state, g.matmul(keysByHead, valuesByHead));
}

Value HeadRows::outer(Value keys, Value values) {
  return g.mul(overValues(keys), g.broadcast(values, {rows(values), heads, keySize, valueSize}, {0, 1, 3}));
}
