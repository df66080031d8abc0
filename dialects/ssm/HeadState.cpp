//===- HeadState.cpp - steps of recurrences with a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/HeadState.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

HeadState::HeadState(Graph &graph, Value state)
    : heads(Graph::shapeOf(state)[0]), keySize(Graph::shapeOf(state)[1]), valueSize(Graph::shapeOf(state)[2]), g(graph) {}

Value HeadState::keys(Value row) {
  int64_t groups = Graph::shapeOf(row)[1];
  Value repeated = g.broadcast(g.reshape(row, {groups, keySize}), {groups, heads / groups, keySize}, {0, 2});
  return g.reshape(repeated, {heads, keySize});
}

Value HeadState::decayed(Value state, Value logDecay, bool ofKeys) {
  if (ofKeys)
    return g.mul(state, g.broadcast(g.exp(g.reshape(logDecay, {heads, keySize})), {heads, keySize, valueSize}, {0, 1}));
  return g.mul(state, g.broadcast(g.exp(g.reshape(logDecay, {heads})), {heads, keySize, valueSize}, {0}));
}

Value HeadState::outer(Value keys, Value values) {
  Value rows = g.broadcast(keys, {heads, keySize, valueSize}, {0, 1});
  return g.mul(rows, g.broadcast(values, {heads, keySize, valueSize}, {0, 2}));
}

Value HeadState::read(Value keys, Value state) {
  return g.sum(g.mul(state, g.broadcast(keys, {heads, keySize, valueSize}, {0, 1})), 1);
}
