//===- Decoder.cpp - a decoder model as a module ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/decode/Decode.h"
#include "tenon/frontends/builder/ModuleImpl.h"

#include <limits>

using namespace mlir;
using namespace tenon;

/// Tokens that are never predicted get the lowest number: the smaller of a logit and a constant that is either that or infinite.
static Value maskTokens(ModuleBuilder &model, Location loc, Value logits) {
  if (model.plan.maskedTokens.empty())
    return logits;
  std::vector<float> ceiling(model.plan.config.size("vocabulary"), std::numeric_limits<float>::infinity());
  for (int64_t token : model.plan.maskedTokens)
    ceiling[token] = std::numeric_limits<float>::lowest();
  return nn::MinOp::create(model.builder, loc, logits, model.emitter.constant(loc, ceiling));
}

static Value emitHead(ModuleBuilder &model, Value stream) {
  OpEmitter &emitter = model.emitter;
  const ModelConfig &config = model.plan.config;
  stream = model.emitFinalNorm(stream);
  // The place is the output's even if its tensor is the embedding's.
  Location loc = emitter.at("output");
  Value weight = model.getRole("output.weight");
  Value logits = emitter.linear(loc, stream, weight, model.getRole("output.bias"), InputRounding::Fine);
  logits = emitter.scale(loc, logits, config.optionalReal("logit_scale"));
  if (std::optional<double> cap = config.optionalReal("logit_soft_cap")) {
    logits = emitter.scale(loc, logits, 1 / *cap);
    logits = nn::TanhOp::create(model.builder, loc, logits);
    logits = emitter.scale(loc, logits, *cap);
  }
  return maskTokens(model, loc, logits);
}

static void emitEntry(ModuleBuilder &model, StringRef name, bool lastOnly) {
  OpBuilder &builder = model.builder;
  OpBuilder::InsertionGuard guard(builder);
  int64_t vocabulary = model.plan.config.size("vocabulary");
  auto logits = lastOnly ? RankedTensorType::get({1, vocabulary}, builder.getF32Type()) : model.emitter.rows({vocabulary});
  func::FuncOp function = model.beginEntry(name, logits);
  Location loc = function.getLoc();
  Value stream = model.emitLayers(function.getArgument(0));
  if (lastOnly)
    stream = nn::SliceOp::create(builder, loc, RankedTensorType::get({1, model.plan.config.size("hidden")}, builder.getF32Type()), stream,
                                 /*dim=*/0, /*start=*/-1, /*size=*/1);
  func::ReturnOp::create(builder, loc, emitHead(model, stream));
}

static void emitGenerate(ModuleBuilder &model) {
  OpBuilder &builder = model.builder;
  Location loc = model.emitter.at("generate");
  auto loop = decode::GenerateOp::create(builder, loc, "generate", "next", model.options.endTokens);
  auto logits = RankedTensorType::get({1, model.plan.config.size("vocabulary")}, builder.getF32Type());
  auto uniform = RankedTensorType::get({1}, builder.getF32Type());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&loop.getChoose(), {}, {logits, uniform}, {loc, loc});
  Value token = decode::GreedyOp::create(builder, loc, RankedTensorType::get({1}, builder.getI32Type()), body->getArgument(0));
  decode::YieldOp::create(builder, loc, token);
}

OwningOpRef<ModuleOp> tenon::buildDecoder(ModuleBuilder &model) {
  OwningOpRef<ModuleOp> module = model.begin();
  emitEntry(model, "forward", /*lastOnly=*/false);
  emitEntry(model, "next", /*lastOnly=*/true);
  emitGenerate(model);
  return module;
}
