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

/// f(gate) * up. The clamped function holds the gate below the limit and what it multiplies within it, and adds 1 to the latter.
Value BlockBody::gated(Location gateLoc, Value gate, Location upLoc, Value up) {
  if (options.function == FeedForwardFunction::SwigluClamped) {
    double limit = config.real("expert_limit");
    FloatAttr low = builder.getF32FloatAttr(static_cast<float>(-limit)), high = builder.getF32FloatAttr(static_cast<float>(limit));
    gate = nn::ClampOp::create(builder, gateLoc, gate.getType(), gate, FloatAttr(), high);
    up = nn::ClampOp::create(builder, upLoc, up.getType(), up, low, high);
    up = nn::AddOp::create(builder, upLoc, up, emitter.number(upLoc, 1));
  }
  return nn::MulOp::create(builder, upLoc, function(gateLoc, gate), up);
}

Value BlockBody::feedForward(Value input) {
  if (options.feedForward == FeedForwardKind::Moe)
    return experts(input);
  if (options.feedForward == FeedForwardKind::Plain)
    return linear("down", function(locOf("up"), linear("up", input)));
  Value gate = linear("gate", input);
  return linear("down", gated(locOf("gate"), gate, locOf("up"), linear("up", input)));
}
