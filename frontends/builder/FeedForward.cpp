//===- FeedForward.cpp - the feed-forward network of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

Value BlockBody::function(Location loc, Value input) {
  switch (options.function) {
  case FeedForwardFunction::Silu:
    return nn::SiluOp::create(builder, loc, input);
  case FeedForwardFunction::Gelu:
    return nn::GeluOp::create(builder, loc, input, nn::GeluApproximate::none);
  case FeedForwardFunction::GeluTanh:
    return nn::GeluOp::create(builder, loc, input, nn::GeluApproximate::tanh);
  case FeedForwardFunction::QuickGelu:
  case FeedForwardFunction::SwigluClamped:
    return nn::QuickGeluOp::create(builder, loc, input);
  case FeedForwardFunction::Relu:
    return nn::ReluOp::create(builder, loc, input);
  case FeedForwardFunction::Relu2:
    return nn::Relu2Op::create(builder, loc, input);
  }
  llvm_unreachable("every function has a case");
}

/// f(gate); the clamped function holds it below the limit before.
Value BlockBody::activate(Location loc, Value gate) {
  if (options.function == FeedForwardFunction::SwigluClamped)
    gate = nn::ClampOp::create(builder, loc, gate.getType(), gate, FloatAttr(),
                               builder.getF32FloatAttr(static_cast<float>(config.real("expert_limit"))));
  return function(loc, gate);
}

/// f(gate) * up. What the clamped function multiplies is held within the limit, and 1 is added to it.
Value BlockBody::multiply(Location loc, Value gate, Value up) {
  if (options.function == FeedForwardFunction::SwigluClamped) {
    double limit = config.real("expert_limit");
    up = nn::ClampOp::create(builder, loc, up.getType(), up, builder.getF32FloatAttr(static_cast<float>(-limit)),
                             builder.getF32FloatAttr(static_cast<float>(limit)));
    up = nn::AddOp::create(builder, loc, up, emitter.number(loc, 1));
  }
  return nn::MulOp::create(builder, loc, gate, up);
}

/// Each linear reads the row beside the one before it.
Value BlockBody::shiftedFeedForward(Value input) {
  Location loc = locOf("up");
  Value change = changeFromPrevious("up_shift", loc, input);
  Value made = linear("down", activate(loc, linear("up", blend("up_shift", input, change))));
  if (!parameter("receptance", "weight"))
    return made;
  Location gateLoc = locOf("receptance");
  Value gate = nn::SigmoidOp::create(builder, gateLoc, linear("receptance", blend("receptance_shift", input, change)));
  return nn::MulOp::create(builder, gateLoc, gate, made);
}

Value BlockBody::feedForward(Value input) {
  if (options.feedForward == FeedForwardKind::Shifted)
    return shiftedFeedForward(input);
  if (options.feedForward == FeedForwardKind::Moe)
    return experts(input);
  if (options.feedForward == FeedForwardKind::Plain)
    return linear("down", activate(locOf("up"), linear("up", input)));
  Value gate = activate(locOf("gate"), linear("gate", input));
  return linear("down", multiply(locOf("up"), gate, linear("up", input)));
}
