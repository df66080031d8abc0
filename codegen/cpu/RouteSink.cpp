//===- RouteSink.cpp - chooses a token's experts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A token's logits are copied to scratch memory and become scores and choices there, all of E in vectors. A choice that is taken, or whose
// group has been dropped, becomes minus infinity; the others are at least the least finite number, so that K experts are always found.
// Where scores ascend with the logits the choice is by the logits themselves, of which none are equal by rounding to a score.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/cpu/RoutingRow.h"
#include "tenon/codegen/cpu/Sinks.h"
#include <limits>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;
static constexpr double infinity = std::numeric_limits<double>::infinity();

namespace {
/// The routing of one row being written.
struct Choice {
  ElementEmitter &emitter;
  moe::RouteOp op;
  Value row;
  LoopBuilder &b = emitter.b;
  int64_t experts = op.getType().getExperts(), used = op.getType().getUsed();
  int64_t width = llvm::alignTo(experts, lanes); ///< of scratch memory

  Value scores, choices; ///< [width]
  Value isNan;           ///< i1: some logit or bias is not a number

  void emit(Value buffer);
  Value scratch(int64_t elements) { return b.scratch({int64_t(llvm::alignTo(elements, lanes))}, b.builder.getF32Type()); }
  Value load(Value from, Value at) { return b.loadFloats(from, {at}, lanes, lanes); }
  void readLogits();
  Value readBias();
  void makeScores();
  void makeChoices();
  void dropGroups();
  Value worthOf(Value group);
  Value takeBest(Value from, int64_t count, Value index);
  void softmax(Value values, int64_t count);
  void forVectors(int64_t count, function_ref<void(Value first)> body) { b.loop(b.index(0), b.index(count), lanes, body); }
  Value reduce(Value from, int64_t count, Value initial, function_ref<Value(Value sum, Value vector, Value first)> step);
};
} // namespace

/// Folds the vectors of `count` elements, which fill whole vectors.
Value Choice::reduce(Value from, int64_t count, Value initial, function_ref<Value(Value, Value, Value)> step) {
  return b.loop(b.index(0), b.index(llvm::alignTo(count, lanes)), lanes, {initial},
                [&](Value first, ValueRange carried) { return Values{step(carried[0], load(from, first), first)}; })[0];
}

static Value unordered(LoopBuilder &b, Value vector) {
  return arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::UNO, vector, vector);
}

void Choice::readLogits() {
  scores = scratch(experts);
  choices = scratch(experts);
  b.cover(experts, lanes, [&](Value first, int64_t active) {
    Value logit = emitter.pullWide(op.getLogits(), {row, first, active});
    if (active < lanes)
      logit = arith::SelectOp::create(b.builder, b.loc, b.lanesBelow(b.index(0), b.index(active), lanes), logit, b.splat(-infinity, lanes));
    b.storeFloats(logit, scores, {first}, lanes);
  });
}

/// exp(x - max) / sum of the first `count` values; what fills the last vector is minus infinity.
void Choice::softmax(Value values, int64_t count) {
  Value largest = b.reduceMax(reduce(values, count, b.splat(-infinity, lanes), [&](Value sum, Value v, Value) { return b.fmax(v, sum); }));
  Value sum = reduce(values, count, b.splat(0, lanes), [&](Value sum, Value v, Value first) {
    Value shifted = b.fsub(v, b.broadcast(largest, lanes));
    Value power = math::ExpOp::create(b.builder, b.loc, shifted);
    b.storeFloats(power, values, {first}, lanes);
    return b.fadd(sum, power);
  });
  Value total = b.broadcast(b.reduceAdd(sum), lanes);
  forVectors(llvm::alignTo(count, lanes), [&](Value first) { b.storeFloats(b.fdiv(load(values, first), total), values, {first}, lanes); });
}

void Choice::makeScores() {
  if (op.getScore() == moe::Score::softmax)
    softmax(scores, experts);
  if (op.getScore() == moe::Score::sigmoid)
    forVectors(width, [&](Value first) {
      Value power = math::ExpOp::create(b.builder, b.loc, b.fsub(b.splat(0, lanes), load(scores, first)));
      b.storeFloats(b.fdiv(b.splat(1, lanes), b.fadd(b.splat(1, lanes), power)), scores, {first}, lanes);
    });
}

/// The bias in scratch memory; null without one.
Value Choice::readBias() {
  if (!op.getBias())
    return {};
  Value bias = scratch(experts), argument = emitter.getArgument(op.getBias());
  if (!argument) {
    emitter.fail(op, "expects a bias that is an argument");
    return {};
  }
  forVectors(width, [&](Value first) { b.storeFloats(b.splat(0, lanes), bias, {first}, lanes); });
  b.loop(b.index(0), b.index(experts), 1, [&](Value e) { b.store(b.widen(b.load(argument, {e})), bias, {e}); });
  return bias;
}

/// Needs the logits in `scores`, and leaves the scores there.
void Choice::makeChoices() {
  bool byLogits = !op.getBias() && op.getGroupScore() != moe::GroupScore::top2;
  auto copy = [&] { forVectors(width, [&](Value first) { b.storeFloats(load(scores, first), choices, {first}, lanes); }); };
  Value none = b.constant(DenseElementsAttr::get(VectorType::get({lanes}, b.builder.getI1Type()), false));
  auto addNan = [&](Value sum, Value v, Value) -> Value { return arith::OrIOp::create(b.builder, b.loc, sum, unordered(b, v)); };
  Value nan = reduce(scores, experts, none, addNan), bias = readBias();
  if (bias)
    nan = reduce(bias, experts, nan, addNan);
  if (byLogits)
    copy();
  makeScores();
  if (!byLogits)
    copy();
  b.loop(b.index(0), b.index(width), lanes, [&](Value first) {
    Value choice = load(choices, first);
    if (bias)
      choice = b.fadd(choice, load(bias, first));
    choice = b.fmax(choice, b.splat(-double(std::numeric_limits<float>::max()), lanes));
    Value exists = b.lanesBelow(first, b.index(experts), lanes);
    choice = arith::SelectOp::create(b.builder, b.loc, exists, choice, b.splat(-infinity, lanes));
    b.storeFloats(choice, choices, {first}, lanes);
  });
  Value count = b.reduceAdd(arith::ExtUIOp::create(b.builder, b.loc, b.ints(lanes), nan));
  isNan = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::ne, count, b.scalarInt(0));
}

/// The index of the largest of `count` values, the lowest of equals, as i32; it becomes minus infinity. `fallback` if none is found.
Value Choice::takeBest(Value from, int64_t count, Value fallback) {
  Value largest = b.reduceMax(reduce(from, count, b.splat(-infinity, lanes), [&](Value sum, Value v, Value) { return b.fmax(v, sum); }));
  SmallVector<int32_t> numbers;
  for (int64_t lane = 0; lane < lanes; ++lane)
    numbers.push_back(lane);
  Value ownLane = b.constant(b.builder.getI32VectorAttr(numbers)), wanted = b.broadcast(largest, lanes);
  Value nowhere = b.splatInt(std::numeric_limits<int32_t>::max(), lanes);
  Value found = reduce(from, count, nowhere, [&](Value best, Value v, Value first) -> Value {
    Value base = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), first);
    Value isEqual = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, v, wanted);
    Value place = arith::SelectOp::create(b.builder, b.loc, isEqual, b.iadd(b.broadcast(base, lanes), ownLane), nowhere);
    return arith::MinSIOp::create(b.builder, b.loc, best, place);
  });
  Value place = vector::ReductionOp::create(b.builder, b.loc, vector::CombiningKind::MINSI, found);
  Value isFound = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::slt, place, b.scalarInt(count));
  place = arith::SelectOp::create(b.builder, b.loc, isFound, place, fallback);
  b.store(b.scalar(-infinity), from, {arith::IndexCastOp::create(b.builder, b.loc, b.builder.getIndexType(), place)});
  return place;
}

/// What a group of experts is worth.
Value Choice::worthOf(Value group) {
  int64_t size = experts / op.getGroups();
  Value first = b.mul(group, size), least = b.scalar(-infinity);
  Values best = b.loop(b.index(0), b.index(size), 1, {least, least}, [&](Value i, ValueRange carried) {
    Value choice = b.load(choices, {b.add(first, i)});
    Value second = b.fmax(b.fmin(choice, carried[0]), carried[1]);
    return Values{b.fmax(choice, carried[0]), second};
  });
  return op.getGroupScore() == moe::GroupScore::top2 ? b.fadd(best[0], best[1]) : best[0];
}

void Choice::dropGroups() {
  int64_t groups = op.getGroups(), size = experts / groups;
  if (groups == op.getGroupsUsed())
    return;
  Value worth = scratch(groups), drops = scratch(groups);
  forVectors(llvm::alignTo(groups, lanes), [&](Value first) {
    b.storeFloats(b.splat(-infinity, lanes), worth, {first}, lanes);
    b.storeFloats(b.splat(1, lanes), drops, {first}, lanes);
  });
  Value least = b.scalar(-double(std::numeric_limits<float>::max()));
  b.loop(b.index(0), b.index(groups), 1, [&](Value group) { b.store(b.fmax(worthOf(group), least), worth, {group}); });
  b.loop(b.index(0), b.index(op.getGroupsUsed()), 1, [&](Value) {
    Value group = takeBest(worth, groups, b.scalarInt(0));
    b.store(b.scalar(0), drops, {arith::IndexCastOp::create(b.builder, b.loc, b.builder.getIndexType(), group)});
  });
  b.loop(b.index(0), b.index(groups), 1, [&](Value group) {
    Value isDropped = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::ONE, b.load(drops, {group}), b.scalar(0));
    b.when(isDropped, [&] {
      b.loop(b.index(0), b.index(size), 1, [&](Value i) { b.store(b.scalar(-infinity), choices, {b.add(b.mul(group, size), i)}); });
    });
  });
}

void Choice::emit(Value buffer) {
  readLogits();
  makeChoices();
  dropGroups();
  RoutingRow routing{b, buffer, op.getType(), row};
  Value weights = scratch(used);
  forVectors(llvm::alignTo(used, lanes), [&](Value first) { b.storeFloats(b.splat(-infinity, lanes), weights, {first}, lanes); });
  Value zero = b.scalar(0);
  Value sum = b.loop(b.index(0), b.index(used), 1, {b.scalar(1e-20)}, [&](Value j, ValueRange carried) {
    Value number = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), j);
    Value best = takeBest(choices, experts, number);
    Value expert = arith::SelectOp::create(b.builder, b.loc, isNan, number, best);
    Value weight = b.load(scores, {arith::IndexCastOp::create(b.builder, b.loc, b.builder.getIndexType(), expert)});
    b.store(weight, weights, {j});
    routing.set(j, expert, zero);
    return Values{b.fadd(carried[0], weight)};
  })[0];
  if (op.getScore() == moe::Score::softmax_selected) {
    softmax(weights, used);
    sum = b.loop(b.index(0), b.index(used), 1, {b.scalar(1e-20)},
                 [&](Value j, ValueRange carried) { return Values{b.fadd(carried[0], b.load(weights, {j}))}; })[0];
  }
  Value nan = b.scalar(std::numeric_limits<double>::quiet_NaN()), scale = b.scalar(op.getScale().convertToFloat());
  b.loop(b.index(0), b.index(used), 1, [&](Value j) {
    Value weight = b.load(weights, {j});
    if (op.getRenormalise())
      weight = b.fdiv(weight, sum);
    weight = arith::SelectOp::create(b.builder, b.loc, isNan, nan, b.fmul(weight, scale));
    b.storeAs(b.broadcast(weight, 1), buffer, {row, routing.place(j, 1)});
  });
}

Sink tenon::codegen::routeSink(moe::RouteOp op, Value buffer) {
  return {op.getLogits(), 1, lanes, [=](ElementEmitter &emitter, Place place) { Choice{emitter, op, place.row}.emit(buffer); }};
}
