//===- Encoder.cpp - an encoder model as a module ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/ModuleImpl.h"

using namespace mlir;
using namespace tenon;

/// One vector [1, hidden] of the hidden states: their mean, or the first token's, through the pooler if the model has one.
static Value emitPooling(ModuleBuilder &model, Location loc, Value states) {
  OpBuilder &builder = model.builder;
  int64_t hidden = model.plan.config.size("hidden");
  auto vector = RankedTensorType::get({1, hidden}, builder.getF32Type());
  if (model.plan.block.pooling == Pooling::Mean) {
    auto row = RankedTensorType::get({hidden}, builder.getF32Type());
    Value mean = nn::ReduceOp::create(builder, loc, row, nn::Reduction::mean, states, /*dim=*/0);
    return nn::ReshapeOp::create(builder, loc, vector, mean);
  }
  Value first = nn::SliceOp::create(builder, loc, vector, states, /*dim=*/0, /*start=*/0, /*size=*/1);
  Value weight = model.getRole("pooler.weight");
  if (!weight)
    return first;
  Location where = model.emitter.at("pooler");
  return nn::TanhOp::create(builder, where, model.emitter.linear(where, first, weight, model.getRole("pooler.bias"), InputRounding::Fine));
}

static void emitEntry(ModuleBuilder &model, StringRef name, bool isPooled) {
  OpBuilder &builder = model.builder;
  OpBuilder::InsertionGuard guard(builder);
  int64_t hidden = model.plan.config.size("hidden");
  auto result = isPooled ? RankedTensorType::get({1, hidden}, builder.getF32Type()) : model.emitter.rows({hidden});
  func::FuncOp function = model.beginEntry(name, result);
  function.setArgAttr(0, "tenon.name", builder.getStringAttr("tokens"));
  function.setResultAttr(0, "tenon.name", builder.getStringAttr(isPooled ? "embedding" : "states"));
  Value states = model.emitFinalNorm(model.emitLayers(function.getArgument(0)));
  func::ReturnOp::create(builder, function.getLoc(), isPooled ? emitPooling(model, function.getLoc(), states) : states);
}

OwningOpRef<ModuleOp> tenon::buildEncoder(ModuleBuilder &model) {
  OwningOpRef<ModuleOp> module = model.begin();
  emitEntry(model, "forward", /*isPooled=*/false);
  if (model.plan.block.pooling != Pooling::None)
    emitEntry(model, "encode", /*isPooled=*/true);
  return module;
}
