//===- Lti.cpp - forms of diagonal state spaces that do not change with time ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/DecayingSum.h"
#include "tenon/dialects/ssm/Graph.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

StringRef LtiOp::getLogDecayName() {
  return "decay";
}

namespace {
/// A complex tensor as its parts.
struct Parts {
  Value re, im;
};

/// The fixed operands, [N, C] each.
struct Constants {
  Constants(Graph &g, ValueRange fixed) : decay(fixed[0]), phase(fixed[1]), b(partsOf(g, fixed[2])), c(partsOf(g, fixed[3])) {}

  /// The parts of [2, N, C].
  static Parts partsOf(Graph &g, Value value) {
    SmallVector<int64_t> shape(Graph::shapeOf(value).drop_front());
    return {g.reshape(g.rows(value, 0, 1), shape), g.reshape(g.rows(value, 1, 1), shape)};
  }
  Value decay, phase;
  Parts b, c;
};
} // namespace

static Parts times(Graph &g, Parts x, Parts y) {
  return {g.sub(g.mul(x.re, y.re), g.mul(x.im, y.im)), g.add(g.mul(x.re, y.im), g.mul(x.im, y.re))};
}

static Parts sum(Graph &g, Parts x, Parts y) {
  return {g.add(x.re, y.re), g.add(x.im, y.im)};
}

/// exp(decay + i phase)
static Parts power(Graph &g, Value decay, Value phase) {
  Value size = g.exp(decay);
  return {g.mul(size, g.cos(phase)), g.mul(size, g.sin(phase))};
}

/// Re sum_n c[n] state[n], n being dimension `dim` of the states.
static Value readOut(Graph &g, Parts c, Parts state, int64_t dim) {
  return g.sum(g.sub(g.mul(state.re, c.re), g.mul(state.im, c.im)), dim);
}

static Value addSkip(LtiOp op, Graph &g, Value result, Value x, ValueRange fixed) {
  return op.getSkip() ? g.add(result, g.mul(x, fixed.back())) : result;
}

Step LtiOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  Constants k(g, fixed);
  Value x = slices[0];
  SmallVector<int64_t> shape(Graph::shapeOf(k.decay));
  Value input = g.broadcast(g.reshape(x, {shape[1]}), shape, {1});
  Parts next = sum(g, times(g, Constants::partsOf(g, states[0]), power(g, k.decay, k.phase)), {g.mul(k.b.re, input), g.mul(k.b.im, input)});
  Value result = g.reshape(readOut(g, k.c, next, 0), Graph::shapeOf(x));
  return {{addSkip(*this, g, result, x, fixed)}, {g.stack({g.asRow(next.re), g.asRow(next.im)})}};
}

/// A row's element is the logarithm of its decay, its phase, and what it adds: four tensors [T, N, C].
SmallVector<Value> LtiOp::buildElements(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed) {
  Graph g(builder, loc);
  Constants k(g, fixed);
  Value x = slices[0];
  SmallVector<int64_t> shape = {Graph::shapeOf(x)[0], Graph::shapeOf(k.decay)[0], Graph::shapeOf(k.decay)[1]};
  Value input = g.broadcast(x, shape, {0, 2});
  auto repeat = [&](Value value) { return g.broadcast(value, shape, {1, 2}, x); };
  return {repeat(k.decay), repeat(k.phase), g.mul(input, k.b.re), g.mul(input, k.b.im)};
}

SmallVector<Value> LtiOp::buildCombine(OpBuilder &builder, Location loc, ValueRange first, ValueRange second) {
  Graph g(builder, loc);
  Parts turned = times(g, {first[2], first[3]}, power(g, second[0], second[1]));
  Parts added = sum(g, turned, {second[2], second[3]});
  return {g.add(first[0], second[0]), g.add(first[1], second[1]), added.re, added.im};
}

Step LtiOp::buildApply(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states, ValueRange elements) {
  Graph g(builder, loc);
  Constants k(g, fixed);
  Parts first = Constants::partsOf(g, states[0]), grown = power(g, elements[0], elements[1]);
  Parts after = sum(g, times(g, grown, first), {elements[2], elements[3]});
  SmallVector<int64_t> shape(Graph::shapeOf(after.re));
  shape.insert(shape.begin() + 1, 1);
  Value rows = g.join({g.reshape(after.re, shape), g.reshape(after.im, shape)}, 1);
  return {{addSkip(*this, g, readOut(g, k.c, after, 1), slices[0], fixed)}, {lastState(g, states[0], rows)}};
}

/// Rows meet each other by the kernel: row j has kernel[i - j] of itself in row i.
std::optional<Step> LtiOp::buildChunk(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  Constants k(g, fixed);
  Value x = slices[0];
  int64_t rows = Graph::shapeOf(x)[0], order = Graph::shapeOf(k.decay)[0], channels = Graph::shapeOf(k.decay)[1];
  // 1, 2, ... for the rows, and how far row i is behind row j.
  Value numbers = g.countRows(x);
  SmallVector<int64_t> pairs = {rows, rows};
  Value behind = g.sub(g.broadcast(numbers, pairs, {0}, x), g.broadcast(numbers, pairs, {1}, x));
  auto powersOf = [&](Value exponents) {
    SmallVector<int64_t> shape(Graph::shapeOf(exponents)), dims = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
    shape.append({order, channels});
    Value repeated = g.broadcast(exponents, shape, dims, {});
    return power(g, g.mul(repeated, k.decay), g.mul(repeated, k.phase));
  };
  // Of rows that come later the power is that of row itself, and counts nothing.
  Value clamped = nn::LowerTriangleOp::create(builder, loc, behind, /*diagonal=*/0, llvm::APFloat(0.0f));
  Value kernel = readOut(g, times(g, k.b, k.c), powersOf(clamped), 2);
  kernel = nn::LowerTriangleOp::create(builder, loc, kernel, /*diagonal=*/0, llvm::APFloat(0.0f));
  Value near = g.sum(g.mul(kernel, x), 1);
  Value far = readOut(g, k.c, times(g, powersOf(numbers), Constants::partsOf(g, states[0])), 1);
  // What is left of each row, and of the state, when the last one has been.
  Value last = g.rows(numbers, -1, 1);
  Value left = g.sub(g.broadcast(g.reshape(last, {}), {rows}, {}, x), numbers);
  SmallVector<int64_t> each = {rows, order, channels};
  Parts added = times(g, powersOf(left), k.b);
  Value input = g.broadcast(x, each, {0, 2});
  Parts kept =
      times(g, Constants::partsOf(g, states[0]), power(g, g.mul(k.decay, g.reshape(last, {})), g.mul(k.phase, g.reshape(last, {}))));
  Parts next = sum(g, kept, {g.sum(g.mul(added.re, input), 0), g.sum(g.mul(added.im, input), 0)});
  return Step{{addSkip(*this, g, g.add(near, far), x, fixed)}, {g.stack({g.asRow(next.re), g.asRow(next.im)})}};
}
