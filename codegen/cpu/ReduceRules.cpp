//===- ReduceRules.cpp - reductions at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Over the last dimension of rows, a reduction is a statistic of each group of columns. Over the first dimension, a pull walks the rows of
// an argument.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/RowGroups.h"
#include <limits>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
/// How elements are combined.
struct Combination {
  LoopBuilder &b;
  nn::Reduction kind;

  double initial() const {
    double infinity = std::numeric_limits<double>::infinity();
    return kind == nn::Reduction::max ? -infinity : kind == nn::Reduction::min ? infinity : 0;
  }
  Value step(Value sum, Value x) {
    return kind == nn::Reduction::max ? b.fmax(x, sum) : kind == nn::Reduction::min ? b.fmin(x, sum) : b.fadd(sum, x);
  }
  Value across(Value sum) {
    return kind == nn::Reduction::max ? b.reduceMax(sum) : kind == nn::Reduction::min ? b.reduceMin(sum) : b.reduceAdd(sum);
  }
};
} // namespace

static void prepareReduce(ElementEmitter &emitter, Operation *op, Value row) {
  auto reduce = cast<nn::ReduceOp>(op);
  LoopBuilder &b = emitter.b;
  auto input = cast<RankedTensorType>(reduce.getInput().getType());
  if (reduce.getDim() == 0)
    return; // A pull walks the rows.
  if (int64_t(reduce.getDim()) + 1 != input.getRank()) {
    emitter.fail(op, "reduces a dimension that is neither the first one nor the last one of rows");
    return;
  }
  emitter.prepare(reduce.getInput(), row);
  RowGroups groups(emitter, reduce.getInput());
  Combination combination{b, reduce.getKind()};
  groups.keep(op, row, [&](Value start) -> Values {
    Value result = groups.combine(
        row, start, combination.initial(),
        [&](Value sum, Place place) {
          return combination.step(sum, emitter.fillInactive(emitter.pull(reduce.getInput(), place), place, combination.initial()));
        },
        [&](Value sum) { return combination.across(sum); });
    if (reduce.getKind() == nn::Reduction::mean)
      result = b.fdiv(result, b.scalar(groups.size));
    return {result};
  });
}

/// The elements of a column, the first row first.
static Value pullColumn(ElementEmitter &emitter, nn::ReduceOp reduce, Place place) {
  LoopBuilder &b = emitter.b;
  Value input = emitter.getArgument(reduce.getInput());
  if (!input)
    return emitter.fail(reduce, "reduces rows that are not an argument");
  int64_t inner = Matrix::of(reduce.getInput().getType()).columns, own = Matrix::of(reduce.getType()).columns;
  if (inner != own && !emitter.staysTogether(own))
    return b.splat(0, emitter.lanes);
  // A result of rank 2 and more has rows of its own, which lie in the input's row one after another.
  Value column = inner == own ? place.column : b.add(b.mul(place.row, own), place.column);
  Value rows = emitter.rowCount(reduce.getInput());
  Combination combination{b, reduce.getKind()};
  Value total = b.loop(b.index(0), rows, 1, {b.splat(combination.initial(), emitter.lanes)}, [&](Value row, ValueRange sum) {
    Value x = emitter.pull(reduce.getInput(), {row, column, place.active});
    return Values{combination.step(sum[0], x)};
  })[0];
  if (reduce.getKind() != nn::Reduction::mean)
    return total;
  Value count = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), rows);
  return b.fdiv(total, b.broadcast(b.toFloat(count), emitter.lanes));
}

static Value pullReduce(ElementEmitter &emitter, Operation *op, Place place) {
  auto reduce = cast<nn::ReduceOp>(op);
  if (reduce.getDim() == 0)
    return pullColumn(emitter, reduce, place);
  // A column of the result is a group of the input.
  return emitter.getGroupStatistics(op, place, 0);
}

void tenon::codegen::addReduceRules(ElementRules &rules) {
  rules.add<nn::ReduceOp>({pullReduce, prepareReduce, nullptr});
}
