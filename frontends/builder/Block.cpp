//===- Block.cpp - one block as a function ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The function that all layers of the same options, numbers and parameter types call.

#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

BlockBody::BlockBody(OpEmitter &emitter, const BlockSpec &spec, ArrayRef<BlockArgument> arguments)
    : emitter(emitter), builder(emitter.builder), options(spec.options), config(spec.config), path(spec.path) {
  const BlockArgument *next = arguments.begin() + 1;
  for (const CarriedValue &value : spec.reads)
    carried[value.name] = *next++;
  if (spec.table)
    table = *next++;
  for (const BlockParameter &parameter : spec.parameters) {
    byRole[parameter.role] = *next;
    paths[parameter.role] = parameter.path;
    BlockArgument(*next++).setLoc(emitter.at(parameter.path));
  }
  for (const BlockSlot &slot : spec.slots)
    slots[slot.role] = *next++;
}

Location BlockBody::locOf(StringRef part) {
  std::string found = paths.lookup((part + ".weight").str());
  return emitter.at(found.empty() ? path + "." + part.str() : found);
}

std::string BlockBody::parentOf(StringRef part) {
  std::string found = paths.lookup((part + ".weight").str());
  return found.empty() ? path : StringRef(found).rsplit('.').first.str();
}

bool BlockBody::hasNorm(StringRef part) {
  if (options.normParameters == NormParameters::None)
    return part == "attention_norm" || part == "feed_forward_norm";
  return static_cast<bool>(parameter(part, "weight"));
}

Value BlockBody::norm(StringRef part, Value input) {
  return emitter.norm(locOf(part), input, {options.norm, parameter(part, "weight"), parameter(part, "bias"), config.real("norm_eps")});
}

Value BlockBody::linear(StringRef part, Value input, InputRounding rounding) {
  Value result = emitter.linear(locOf(part), input, parameter(part, "weight"), parameter(part, "bias"), rounding);
  std::string low = (part + "_low").str(), high = (part + "_high").str();
  if (parameter(high, "weight")) // an adapter of a projection that layers share
    result = nn::AddOp::create(builder, locOf(high), result, linear(high, linear(low, input, rounding), rounding));
  return emitter.scale(locOf(part), result, config.optionalReal((part + "_scale").str()));
}

Value BlockBody::join(StringRef branch, Location loc, Value stream, Value made) {
  made = normIfThere((branch + "_post_norm").str(), made);
  auto own = [&](StringRef what) { return config.optionalReal((branch + what).str()); };
  std::optional<double> scale = own("_residual_scale");
  made = emitter.scale(loc, made, scale ? scale : config.optionalReal("residual_scale"));
  stream = emitter.scale(loc, stream, own("_stream_scale"));
  Value sum = nn::AddOp::create(builder, loc, stream, made);
  return options.normPlacement == NormPlacement::AfterResidual ? normIfThere((branch + "_norm").str(), sum) : sum;
}

/// The stream and what a shared layer of attention and a feed-forward network makes of it beside the embeddings.
Value BlockBody::recall(Value input) {
  Location loc = locOf("memory_norm");
  auto type = cast<RankedTensorType>(input.getType());
  int64_t size = type.getShape().back();
  Value both = nn::ConcatOp::create(builder, loc, type.clone({type.getDimSize(0), 2 * size}), ValueRange{input, getCarried(embeddingsName)},
                                    /*dim=*/1);
  Value attended = attention(norm("memory_norm", both));
  Value made = linear("memory", feedForward(normIfThere("feed_forward_norm", attended)));
  return nn::AddOp::create(builder, locOf("memory"), input, made);
}

Value BlockBody::emit(Value input) {
  auto before = [&](StringRef part, Value value) {
    return options.normPlacement == NormPlacement::AfterResidual ? value : normIfThere(part, value);
  };
  Location feedForwardLoc = locOf(parameter("down", "weight") ? "down" : "expert_down");
  Value normed, middle = input;
  if (options.mixer != MixerKind::None) {
    normed = before("attention_norm", options.residual == ResidualKind::AttentionFirst ? recall(input) : input);
    middle = join("attention", mixerLoc(), options.normPlacement == NormPlacement::OfStream ? normed : input, mix(normed));
  }
  if (options.feedForward == FeedForwardKind::None || options.residual == ResidualKind::AttentionFirst)
    return middle;
  if (options.residual == ResidualKind::Sequential) {
    Value read = before("feed_forward_norm", middle);
    return join("feed_forward", feedForwardLoc, options.normPlacement == NormPlacement::OfStream ? read : middle, feedForward(read));
  }
  // Both branches read the input; a norm of its own for the second is an option of parallel blocks.
  bool isShared = options.normParameters == NormParameters::None || !hasNorm("feed_forward_norm");
  Value second = isShared ? normed : before("feed_forward_norm", input);
  return join("feed_forward", feedForwardLoc, middle, feedForward(second));
}

func::FuncOp tenon::emitBlock(OpEmitter &emitter, StringRef name, const BlockSpec &spec) {
  OpBuilder &builder = emitter.builder;
  RankedTensorType stream = emitter.rows({spec.config.size("hidden")});
  SmallVector<Type> inputs = {stream}, outputs = {stream};
  for (const CarriedValue &value : spec.reads)
    inputs.push_back(value.type);
  if (spec.table)
    inputs.push_back(spec.table);
  for (const BlockParameter &parameter : spec.parameters)
    inputs.push_back(parameter.type);
  for (const BlockSlot &slot : spec.slots)
    inputs.push_back(slot.type);
  for (const CarriedValue &value : spec.makes)
    outputs.push_back(value.type);

  Location loc = emitter.at(spec.path);
  auto function = func::FuncOp::create(builder, loc, name, builder.getFunctionType(inputs, outputs));
  function.setPrivate();
  OpBuilder::InsertionGuard guard(builder);
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  BlockBody emission(emitter, spec, body->getArguments());
  SmallVector<Value> results = {emission.emit(body->getArgument(0))};
  for (const CarriedValue &value : spec.makes)
    results.push_back(emission.getCarried(value.name));
  func::ReturnOp::create(builder, loc, results);
  return function;
}
