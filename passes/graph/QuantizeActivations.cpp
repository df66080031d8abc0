//===- QuantizeActivations.cpp - the rounding of a linear's input becomes an op ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A linear with quantised weights says by an attribute that its input is rounded to blocks of integers. Here the rounding becomes
// an `nn.quantize` right where the input is made, one for all linears that read it, so that fusion sees it as any other op.
//

#include "tenon/passes/graph/Passes.h"

#include "mlir/IR/Remarks.h"

namespace tenon {
#define GEN_PASS_DEF_QUANTIZEACTIVATIONSPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct QuantizeActivationsPass : tenon::impl::QuantizeActivationsPassBase<QuantizeActivationsPass> {
  using Base::Base;

  void runOnOperation() override {
    getOperation().walk([&](nn::LinearOpInterface linear) {
      if (linear.getEffectiveActivation() == nn::Activation::f32)
        linear.setActivation(nn::Activation::f32); // It has no effect, and nothing below needs to ask.
      else
        roundInput(linear);
    });
  }

private:
  /// Rounded forms by the value and the element type.
  DenseMap<std::pair<Value, Type>, Value> rounded;

  void roundInput(nn::LinearOpInterface linear) {
    Value input = linear.getRoundedOperand().get();
    Type element = nn::A8Type::get(&getContext());
    if (linear.getActivation() == nn::Activation::q16)
      element = nn::A16Type::get(&getContext());
    Value &known = rounded[{input, element}];
    if (!known)
      known = makeQuantize(input, element, linear);
    else
      remark::passed(linear.getLoc(), remark::RemarkOpts::name("QuantizeActivations").category(getArgument()))
          << "shares the rounding of its input";
    linear.setRounded(known);
    linear.setActivation(nn::Activation::f32);
  }

  /// The rounding of a value, after the op that makes it.
  static Value makeQuantize(Value input, Type element, nn::LinearOpInterface linear) {
    OpBuilder builder(linear);
    builder.setInsertionPointAfterValue(input);
    Location loc = input.getDefiningOp() ? input.getLoc() : linear.getLoc();
    auto type = cast<RankedTensorType>(input.getType());
    return nn::QuantizeOp::create(builder, loc, RankedTensorType::get(type.getShape(), element), input);
  }
};
} // namespace
