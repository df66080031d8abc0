//===- NormRules.cpp - normalisations and softmax at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/RowGroups.h"
#include <limits>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
/// An op of rows whose result at a place needs that place and numbers of its group. `Derived` says how many numbers, computes them
/// for a group and finishes a place.
template <typename OpTy, typename Derived> struct GroupRule {
  ElementEmitter &emitter;
  OpTy op;
  LoopBuilder &b = emitter.b;
  RowGroups groups{emitter, op.getInput()};

  GroupRule(ElementEmitter &emitter, Operation *op) : emitter(emitter), op(cast<OpTy>(op)) {}

  Value input(Place place) { return emitter.pull(op.getInput(), place); }
  /// The input, zero in lanes that are not active.
  Value presentInput(Place place) { return emitter.fillInactive(input(place), place, 0); }

  static void prepare(ElementEmitter &emitter, Operation *op, Value row) {
    Derived rule(emitter, op);
    emitter.prepare(rule.op.getInput(), row);
    rule.groups.keep(
        op, row, [&](Value start) { return rule.compute(row, start); },
        [&](Place place, Values statistics) { return rule.finish(place, statistics); });
  }
  static Value pull(ElementEmitter &emitter, Operation *op, Place place) {
    Derived rule(emitter, op);
    return rule.groups.pull(op, place, Derived::numbers, [&](Place place, Values statistics) { return rule.finish(place, statistics); });
  }
};

Value reciprocalRoot(LoopBuilder &b, Value sum, int64_t size, const APFloat &eps) {
  Value mean = b.fmul(sum, b.scalar(1.0 / size));
  Value root = math::SqrtOp::create(b.builder, b.loc, b.fadd(mean, b.scalar(eps.convertToFloat())));
  return b.fdiv(b.scalar(1), root);
}

struct RmsNormRule : GroupRule<nn::RmsNormOp, RmsNormRule> {
  using GroupRule::GroupRule;
  static constexpr int64_t numbers = 1;

  Values compute(Value row, Value start) {
    Value squares = groups.sum(row, start, [&](Value sum, Place place) {
      Value x = presentInput(place);
      return b.fma(x, x, sum);
    });
    return {reciprocalRoot(b, squares, groups.size, op.getEps())};
  }
  Value finish(Place place, Values statistics) {
    Value scaled = b.fmul(input(place), statistics[0]);
    return op.getWeight() ? b.fmul(scaled, emitter.pull(op.getWeight(), groups.inGroup(place))) : scaled;
  }
};

struct LayerNormRule : GroupRule<nn::LayerNormOp, LayerNormRule> {
  using GroupRule::GroupRule;
  static constexpr int64_t numbers = 2;

  Values compute(Value row, Value start) {
    Value total = groups.sum(row, start, [&](Value sum, Place place) { return b.fadd(sum, presentInput(place)); });
    Value mean = b.fmul(total, b.scalar(1.0 / groups.size));
    Value squares = groups.sum(row, start, [&](Value sum, Place place) {
      Value x = emitter.fillInactive(b.fsub(input(place), b.broadcast(mean, emitter.lanes)), place, 0);
      return b.fma(x, x, sum);
    });
    return {mean, reciprocalRoot(b, squares, groups.size, op.getEps())};
  }
  Value finish(Place place, Values statistics) {
    Value scaled = b.fmul(b.fsub(input(place), statistics[0]), statistics[1]);
    if (!op.getWeight())
      return scaled;
    Place parameter = groups.inGroup(place);
    Value weight = emitter.pull(op.getWeight(), parameter);
    return op.getBias() ? b.fma(scaled, weight, emitter.pull(op.getBias(), parameter)) : b.fmul(scaled, weight);
  }
};

struct SoftmaxRule : GroupRule<nn::SoftmaxOp, SoftmaxRule> {
  using GroupRule::GroupRule;
  static constexpr int64_t numbers = 2;

  Value shifted(Place place, Value largest) { return math::ExpOp::create(b.builder, b.loc, b.fsub(input(place), largest)); }

  Values compute(Value row, Value start) {
    double lowest = std::numeric_limits<float>::lowest();
    Value largest = groups.combine(
        row, start, lowest, [&](Value sum, Place place) { return b.fmax(emitter.fillInactive(input(place), place, lowest), sum); },
        [&](Value sum) { return b.reduceMax(sum); });
    Value total = groups.sum(row, start, [&](Value sum, Place place) {
      return b.fadd(sum, emitter.fillInactive(shifted(place, b.broadcast(largest, emitter.lanes)), place, 0));
    });
    return {largest, b.fdiv(b.scalar(1), total)};
  }
  Value finish(Place place, Values statistics) { return b.fmul(shifted(place, statistics[0]), statistics[1]); }
};
} // namespace

void tenon::codegen::addNormRules(ElementRules &rules) {
  rules.add<nn::RmsNormOp>({RmsNormRule::pull, RmsNormRule::prepare, nullptr});
  rules.add<nn::LayerNormOp>({LayerNormRule::pull, LayerNormRule::prepare, nullptr});
  rules.add<nn::SoftmaxOp>({SoftmaxRule::pull, SoftmaxRule::prepare, nullptr});
}
