//===- Experts.cpp - the mixture of experts of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/moe/Moe.h"
#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

/// One of the experts' linears, each row by the matrix of its expert.
Value BlockBody::grouped(StringRef part, Value input, Value routing) {
  Location loc = locOf(part);
  Value weight = parameter(part, "weight");
  auto inputType = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(inputType.getShape());
  shape.back() = cast<RankedTensorType>(weight.getType()).getDimSize(1);
  return moe::GroupedLinearOp::create(builder, loc, inputType.clone(shape), input, weight, routing,
                                      emitter.asF32(loc, parameter(part, "bias")), emitter.roundingFor(weight, InputRounding::AsAsked));
}

/// The expert that every token goes to. Its own gate is the routing of a mixture of one.
Value BlockBody::sharedExpert(Value input) {
  Value gate = activate(locOf("shared_gate"), linear("shared_gate", input));
  Value result = linear("shared_down", multiply(locOf("shared_up"), gate, linear("shared_up", input)));
  if (options.sharedGate == SharedGate::None)
    return result;
  Location loc = locOf("shared_router");
  Value logit = linear("shared_router", input);
  auto type = moe::RoutingType::get(builder.getContext(), /*experts=*/1, /*used=*/1);
  Value routing = moe::RouteOp::create(builder, loc, type, logit, /*bias=*/Value(), moe::Score::sigmoid, /*renormalise=*/false,
                                       llvm::APFloat(1.0f));
  Value only = emitter.reshape(loc, result, {1, config.size("hidden")});
  return moe::CombineOp::create(builder, loc, result.getType(), only, routing, UnitAttr());
}

static moe::Score scoreOf(RouterScore router) {
  switch (router) {
  case RouterScore::Softmax:
    return moe::Score::softmax;
  case RouterScore::Sigmoid:
    return moe::Score::sigmoid;
  case RouterScore::SoftmaxSelected:
    return moe::Score::softmax_selected;
  }
  llvm_unreachable("every router has a case");
}

Value BlockBody::experts(Value input) {
  Location loc = locOf("router");
  int64_t hidden = config.size("hidden"), used = config.size("experts_used");
  auto type = moe::RoutingType::get(builder.getContext(), config.size("experts"), used);
  moe::GroupScore groupScore = options.groupScore == GroupScore::Top2 ? moe::GroupScore::top2 : moe::GroupScore::max;
  UnitAttr weightsInput = options.expertWeighting == ExpertWeighting::Input ? builder.getUnitAttr() : UnitAttr();
  int64_t groups = config.optionalSize("expert_groups").value_or(1);
  Value logits = linear("router", input, InputRounding::Fine);
  Value correction = emitter.asF32(loc, byRole.lookup("router_correction"));
  Value routing = moe::RouteOp::create(builder, loc, type, logits, correction, scoreOf(options.router), options.routerRenormalise,
                                       llvm::APFloat(static_cast<float>(config.real("expert_scale"))), groups,
                                       config.optionalSize("expert_groups_used").value_or(groups), groupScore);
  Value sent = moe::DispatchOp::create(builder, loc, emitter.rows({used, hidden}), input, routing, weightsInput);
  Value gate = activate(locOf("expert_gate"), grouped("expert_gate", sent, routing));
  Value made = grouped("expert_down", multiply(locOf("expert_up"), gate, grouped("expert_up", sent, routing)), routing);
  Value result = moe::CombineOp::create(builder, locOf("expert_down"), emitter.rows({hidden}), made, routing, weightsInput);
  if (!config.optionalSize("shared_feed_forward"))
    return result;
  return nn::AddOp::create(builder, locOf("shared_down"), result, sharedExpert(input));
}
