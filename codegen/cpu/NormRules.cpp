//===- NormRules.cpp - normalisations, softmax and reductions at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An op that reads whole groups of columns keeps a few numbers of each group, its statistics; a pull then needs one place only. A
// group is the last dimension; a row holds one or several.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/ElementRules.h"
#include <limits>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
/// The groups of an input's row.
struct Groups {
  int64_t count;
  int64_t size;
};
} // namespace

static Groups groupsOf(Value input) {
  int64_t size = cast<RankedTensorType>(input.getType()).getShape().back();
  return {size == 0 ? 0 : Matrix::of(input.getType()).columns / size, size};
}

/// Runs `compute` for each group of the row, with the group's first column, and keeps the numbers that it returns as statistics.
static void keepStatistics(ElementEmitter &emitter, Operation *op, Value row, Groups groups, function_ref<Values(Value first)> compute) {
  LoopBuilder &b = emitter.b;
  if (groups.count == 1) {
    for (auto [number, value] : llvm::enumerate(compute(b.index(0))))
      emitter.setStatistic(op, row, number, value);
    return;
  }
  Values kept;
  b.loop(b.index(0), b.index(groups.count), 1, [&](Value group) {
    for (Value value : compute(b.mul(group, groups.size))) {
      // Room for whole vectors of statistics, which a reduction's result is read by.
      kept.push_back(b.scratch({int64_t(llvm::alignTo(groups.count, emitter.lanes))}, b.builder.getF32Type()));
      b.store(value, kept.back(), {group});
    }
  });
  for (auto [number, buffer] : llvm::enumerate(kept))
    emitter.setStatistic(op, row, number, buffer);
}

/// Combines a function of the group's elements over all of them, lane by lane and then across lanes.
static Value combineGroup(ElementEmitter &emitter, Value row, Value first, int64_t size, double initial,
                          function_ref<Value(Value sum, Place place)> step, function_ref<Value(Value)> across) {
  LoopBuilder &b = emitter.b;
  int64_t whole = size / emitter.lanes * emitter.lanes;
  Value sum = b.splat(initial, emitter.lanes);
  if (whole > 0)
    sum = b.loop(b.index(0), b.index(whole), emitter.lanes, {sum},
                 [&](Value column, ValueRange carried) { return Values{step(carried[0], {row, b.add(first, column), emitter.lanes})}; })[0];
  if (whole < size)
    sum = step(sum, {row, b.add(first, whole), size - whole});
  return across(sum);
}

//===----------------------------------------------------------------------===//
// rms_norm and layer_norm
//===----------------------------------------------------------------------===//

static Value reciprocalRoot(LoopBuilder &b, Value sum, int64_t size, const APFloat &eps) {
  Value mean = b.fmul(sum, b.scalar(1.0 / size));
  Value root = math::SqrtOp::create(b.builder, b.loc, b.fadd(mean, b.scalar(eps.convertToFloat())));
  return b.fdiv(b.scalar(1), root);
}

static void prepareRmsNorm(ElementEmitter &emitter, Operation *op, Value row) {
  auto norm = cast<nn::RmsNormOp>(op);
  LoopBuilder &b = emitter.b;
  emitter.prepare(norm.getInput(), row);
  Groups groups = groupsOf(norm.getInput());
  keepStatistics(emitter, op, row, groups, [&](Value first) -> Values {
    Value squares = combineGroup(
        emitter, row, first, groups.size, 0,
        [&](Value sum, Place place) {
          Value x = emitter.fillInactive(emitter.pull(norm.getInput(), place), place, 0);
          return b.fma(x, x, sum);
        },
        [&](Value sum) { return b.reduceAdd(sum); });
    return {reciprocalRoot(b, squares, groups.size, norm.getEps())};
  });
}

/// The place in a parameter of the last dimension's size.
static Place parameterPlace(ElementEmitter &emitter, Place place, Groups groups) {
  LoopBuilder &b = emitter.b;
  if (groups.count == 1 || !emitter.staysTogether(groups.size))
    return {b.index(0), place.column, place.active};
  return {b.index(0), b.rem(place.column, groups.size), place.active};
}

static Value pullRmsNorm(ElementEmitter &emitter, Operation *op, Place place) {
  auto norm = cast<nn::RmsNormOp>(op);
  Groups groups = groupsOf(norm.getInput());
  Value scale = emitter.getStatistic(op, place, 0, groups.size);
  Value scaled = emitter.b.fmul(emitter.pull(norm.getInput(), place), scale);
  return emitter.b.fmul(scaled, emitter.pull(norm.getWeight(), parameterPlace(emitter, place, groups)));
}

static void prepareLayerNorm(ElementEmitter &emitter, Operation *op, Value row) {
  auto norm = cast<nn::LayerNormOp>(op);
  LoopBuilder &b = emitter.b;
  emitter.prepare(norm.getInput(), row);
  Groups groups = groupsOf(norm.getInput());
  auto across = [&](Value sum) { return b.reduceAdd(sum); };
  keepStatistics(emitter, op, row, groups, [&](Value first) -> Values {
    Value total = combineGroup(
        emitter, row, first, groups.size, 0,
        [&](Value sum, Place place) { return b.fadd(sum, emitter.fillInactive(emitter.pull(norm.getInput(), place), place, 0)); }, across);
    Value mean = b.fmul(total, b.scalar(1.0 / groups.size));
    Value squares = combineGroup(
        emitter, row, first, groups.size, 0,
        [&](Value sum, Place place) {
          Value x = b.fsub(emitter.pull(norm.getInput(), place), b.broadcast(mean, emitter.lanes));
          x = emitter.fillInactive(x, place, 0);
          return b.fma(x, x, sum);
        },
        across);
    return {mean, reciprocalRoot(b, squares, groups.size, norm.getEps())};
  });
}

static Value pullLayerNorm(ElementEmitter &emitter, Operation *op, Place place) {
  auto norm = cast<nn::LayerNormOp>(op);
  LoopBuilder &b = emitter.b;
  Groups groups = groupsOf(norm.getInput());
  Value mean = emitter.getStatistic(op, place, 0, groups.size);
  Value scale = emitter.getStatistic(op, place, 1, groups.size);
  Place parameter = parameterPlace(emitter, place, groups);
  Value scaled = b.fmul(b.fsub(emitter.pull(norm.getInput(), place), mean), scale);
  return b.fma(scaled, emitter.pull(norm.getWeight(), parameter), emitter.pull(norm.getBias(), parameter));
}

//===----------------------------------------------------------------------===//
// softmax
//===----------------------------------------------------------------------===//

static void prepareSoftmax(ElementEmitter &emitter, Operation *op, Value row) {
  auto softmax = cast<nn::SoftmaxOp>(op);
  LoopBuilder &b = emitter.b;
  emitter.prepare(softmax.getInput(), row);
  Groups groups = groupsOf(softmax.getInput());
  double lowest = std::numeric_limits<float>::lowest();
  keepStatistics(emitter, op, row, groups, [&](Value first) -> Values {
    Value largest = combineGroup(
        emitter, row, first, groups.size, lowest,
        [&](Value sum, Place place) { return b.fmax(emitter.fillInactive(emitter.pull(softmax.getInput(), place), place, lowest), sum); },
        [&](Value sum) { return b.reduceMax(sum); });
    Value total = combineGroup(
        emitter, row, first, groups.size, 0,
        [&](Value sum, Place place) {
          Value x = b.fsub(emitter.pull(softmax.getInput(), place), b.broadcast(largest, emitter.lanes));
          return b.fadd(sum, emitter.fillInactive(math::ExpOp::create(b.builder, b.loc, x), place, 0));
        },
        [&](Value sum) { return b.reduceAdd(sum); });
    return {largest, b.fdiv(b.scalar(1), total)};
  });
}

static Value pullSoftmax(ElementEmitter &emitter, Operation *op, Place place) {
  auto softmax = cast<nn::SoftmaxOp>(op);
  LoopBuilder &b = emitter.b;
  int64_t size = groupsOf(softmax.getInput()).size;
  Value shifted = b.fsub(emitter.pull(softmax.getInput(), place), emitter.getStatistic(op, place, 0, size));
  return b.fmul(math::ExpOp::create(b.builder, b.loc, shifted), emitter.getStatistic(op, place, 1, size));
}

//===----------------------------------------------------------------------===//
// reduce
//===----------------------------------------------------------------------===//

static void prepareReduce(ElementEmitter &emitter, Operation *op, Value row) {
  auto reduce = cast<nn::ReduceOp>(op);
  LoopBuilder &b = emitter.b;
  auto input = cast<RankedTensorType>(reduce.getInput().getType());
  if (reduce.getDim() + 1 != input.getRank() || (input.getRank() == 2 && !input.isDynamicDim(0))) {
    emitter.fail(op, "reduces a dimension that is not the last one of rows");
    return;
  }
  emitter.prepare(reduce.getInput(), row);
  Groups groups = groupsOf(reduce.getInput());
  bool isMax = reduce.getKind() == nn::Reduction::max, isMin = reduce.getKind() == nn::Reduction::min;
  double infinity = std::numeric_limits<double>::infinity();
  double initial = isMax ? -infinity : isMin ? infinity : 0;
  keepStatistics(emitter, op, row, groups, [&](Value first) -> Values {
    Value result = combineGroup(
        emitter, row, first, groups.size, initial,
        [&](Value sum, Place place) {
          Value x = emitter.fillInactive(emitter.pull(reduce.getInput(), place), place, initial);
          return isMax ? b.fmax(x, sum) : isMin ? b.fmin(x, sum) : b.fadd(sum, x);
        },
        [&](Value sum) { return isMax   ? b.reduceMax(sum)
                                : isMin ? b.reduceMin(sum)
                                        : b.reduceAdd(sum); });
    if (reduce.getKind() == nn::Reduction::mean)
      result = b.fdiv(result, b.scalar(groups.size));
    return {result};
  });
}

// A column of the result is a group of the input.
static Value pullReduce(ElementEmitter &emitter, Operation *op, Place place) {
  return emitter.getGroupStatistics(op, place, 0);
}

void tenon::codegen::addNormRules(ElementRules &rules) {
  rules.add<nn::RmsNormOp>({pullRmsNorm, prepareRmsNorm, nullptr});
  rules.add<nn::LayerNormOp>({pullLayerNorm, prepareLayerNorm, nullptr});
  rules.add<nn::SoftmaxOp>({pullSoftmax, prepareSoftmax, nullptr});
  rules.add<nn::ReduceOp>({pullReduce, prepareReduce, nullptr});
}
