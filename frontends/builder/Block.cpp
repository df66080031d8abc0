//===- Block.cpp - one decoder block as a function ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The function that all layers of the same parameter types call. What a family chooses is read from its block
// options; a parameter that is not there is a step that is not emitted.

#include "tenon/frontends/builder/BlockImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

Location OpEmitter::at(const llvm::Twine &path) const {
  return NameLoc::get(builder.getStringAttr(path));
}

RankedTensorType OpEmitter::rows(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> full = {ShapedType::kDynamic};
  llvm::append_range(full, shape);
  return RankedTensorType::get(full, builder.getF32Type());
}

Value OpEmitter::asF32(Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType().isF32())
    return value;
  return nn::ConvertOp::create(builder, loc, type.clone(builder.getF32Type()), value);
}

Value OpEmitter::norm(Location loc, Value input, Value weight, Value bias) {
  FloatAttr eps = builder.getF32FloatAttr(static_cast<float>(plan.config.real("norm_eps")));
  weight = asF32(loc, weight);
  if (plan.block.norm == NormKind::Rms)
    return nn::RmsNormOp::create(builder, loc, input.getType(), input, weight, eps);
  return nn::LayerNormOp::create(builder, loc, input.getType(), input, weight, asF32(loc, bias), eps);
}

Value OpEmitter::linear(Location loc, Value input, Value weight, Value bias, InputRounding rounding) {
  auto weightType = cast<RankedTensorType>(weight.getType());
  if (bias)
    bias = asF32(loc, bias);
  bool finer = rounding == InputRounding::Fine && activation == nn::Activation::q8;
  nn::Activation asked = finer ? nn::Activation::q16 : activation;
  auto inputType = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(inputType.getShape());
  shape.back() = weightType.getDimSize(0);
  return nn::LinearOp::create(builder, loc, inputType.clone(shape), input, weight, bias,
                              nn::getBlockType(weightType) ? asked : nn::Activation::f32);
}

namespace {
/// The body of one block. Each step takes and gives values; locations come from the parameters' paths.
class BlockBody {
public:
  BlockBody(OpEmitter &emitter, ArrayRef<BlockParameter> parameters, ArrayRef<BlockArgument> values, Value table, Value slot)
      : emitter(emitter), builder(emitter.builder), config(emitter.plan.config), table(table), slot(slot) {
    for (auto [parameter, value] : llvm::zip_equal(parameters, values)) {
      byRole[parameter.role] = value;
      paths[parameter.role] = parameter.path;
    }
  }

  Value emit(Value input) {
    Value attended = attention(norm("attention_norm", input));
    Location loc = locOf("attention_output");
    Value middle = nn::AddOp::create(builder, loc, input, linear("attention_output", attended));
    return nn::AddOp::create(builder, locOf("down"), middle, feedForward(norm("feed_forward_norm", middle)));
  }

private:
  /// The value of `part.weight` or `part.bias`, or null.
  Value parameter(StringRef part, StringRef which) { return byRole.lookup((part + "." + which).str()); }
  Location locOf(StringRef part) { return emitter.at(paths.lookup((part + ".weight").str())); }
  /// The path of what `part` belongs to: "blk.*" of "blk.*.attn_q".
  std::string parentOf(StringRef part) { return StringRef(paths[(part + ".weight").str()]).rsplit('.').first.str(); }

  Value norm(StringRef part, Value input) { return emitter.norm(locOf(part), input, parameter(part, "weight"), parameter(part, "bias")); }
  Value linear(StringRef part, Value input, InputRounding rounding = InputRounding::AsAsked) {
    return emitter.linear(locOf(part), input, parameter(part, "weight"), parameter(part, "bias"), rounding);
  }
  Value heads(StringRef part, Value input, int64_t count);
  Value attention(Value input);
  Value feedForward(Value input);
  Value function(Location loc, Value input);

  OpEmitter &emitter;
  OpBuilder &builder;
  const ModelConfig &config;
  Value table, slot;
  llvm::StringMap<Value> byRole;
  llvm::StringMap<std::string> paths;
};
} // namespace

/// Projects to `count` heads, normalises each if there is a `<part>_norm`, and splits them apart.
Value BlockBody::heads(StringRef part, Value input, int64_t count) {
  Location loc = locOf(part);
  Value flat = linear(part, input, InputRounding::Fine);
  Value split = nn::ReshapeOp::create(builder, loc, emitter.rows({count, config.size("head_dim")}), flat);
  std::string normPart = (part + "_norm").str();
  if (Value weight = parameter(normPart, "weight"))
    split = emitter.norm(locOf(normPart), split, weight, parameter(normPart, "bias"));
  return split;
}

Value BlockBody::attention(Value input) {
  Location loc = emitter.at(parentOf("query") + ".attention");
  int64_t count = config.size("heads"), dim = config.size("head_dim");
  Value query = heads("query", input, count), key = heads("key", input, config.size("kv_heads"));
  Value value = heads("value", input, config.size("kv_heads"));
  if (table) {
    nn::Pairing pairing = emitter.plan.block.rope == RopeKind::Half ? nn::Pairing::half : nn::Pairing::interleaved;
    query = nn::RopeOp::create(builder, locOf("query"), query.getType(), query, table, pairing);
    key = nn::RopeOp::create(builder, locOf("key"), key.getType(), key, table, pairing);
  }
  cache::AppendOp::create(builder, loc, slot, key, value);
  auto view = cache::ViewOp::create(builder, loc, key.getType(), key.getType(), slot);
  double scale = config.optionalReal("attention_scale").value_or(1 / std::sqrt(static_cast<double>(dim)));
  std::optional<int64_t> window = config.optionalSize("window");
  std::optional<double> softCap = config.optionalReal("soft_cap");
  Value result = nn::AttentionOp::create(builder, loc, query.getType(), query, view.getKey(), view.getValue(), /*bias=*/Value(),
                                         builder.getF32FloatAttr(static_cast<float>(scale)), builder.getUnitAttr(),
                                         window ? builder.getI64IntegerAttr(*window) : IntegerAttr(),
                                         softCap ? builder.getF32FloatAttr(static_cast<float>(*softCap)) : FloatAttr());
  return nn::ReshapeOp::create(builder, loc, emitter.rows({count * dim}), result);
}

Value BlockBody::function(Location loc, Value input) {
  switch (emitter.plan.block.function) {
  case FeedForwardFunction::Silu:
    return nn::SiluOp::create(builder, loc, input);
  case FeedForwardFunction::Gelu:
    return nn::GeluOp::create(builder, loc, input, nn::GeluApproximate::none);
  case FeedForwardFunction::GeluTanh:
    return nn::GeluOp::create(builder, loc, input, nn::GeluApproximate::tanh);
  case FeedForwardFunction::Relu:
    return nn::ReluOp::create(builder, loc, input);
  case FeedForwardFunction::Relu2:
    return nn::Relu2Op::create(builder, loc, input);
  case FeedForwardFunction::QuickGelu:
  case FeedForwardFunction::SwigluClamped:
    break;
  }
  llvm_unreachable("every function has a case");
}

Value BlockBody::feedForward(Value input) {
  if (emitter.plan.block.feedForward == FeedForwardKind::Plain)
    return linear("down", function(locOf("up"), linear("up", input)));
  Value gate = function(locOf("gate"), linear("gate", input));
  Value up = linear("up", input);
  return linear("down", nn::MulOp::create(builder, locOf("up"), gate, up));
}

func::FuncOp tenon::emitBlock(OpEmitter &emitter, StringRef name, ArrayRef<BlockParameter> parameters, RankedTensorType table,
                              cache::KvType slot) {
  OpBuilder &builder = emitter.builder;
  RankedTensorType stream = emitter.rows({emitter.plan.config.size("hidden")});
  SmallVector<Type> inputs = {stream};
  if (table)
    inputs.push_back(table);
  for (const BlockParameter &parameter : parameters)
    inputs.push_back(parameter.type);
  inputs.push_back(slot);

  Location loc = emitter.at(StringRef(parameters.front().path).rsplit('.').first); // "blk.*"
  auto function = func::FuncOp::create(builder, loc, name, builder.getFunctionType(inputs, {stream}));
  function.setPrivate();
  OpBuilder::InsertionGuard guard(builder);
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  auto values = body->getArguments().slice(table ? 2 : 1, parameters.size());
  for (auto [parameter, value] : llvm::zip_equal(parameters, values))
    value.setLoc(emitter.at(parameter.path));
  BlockBody emission(emitter, parameters, values, table ? Value(body->getArgument(1)) : Value(), body->getArguments().back());
  Value result = emission.emit(body->getArgument(0));
  func::ReturnOp::create(builder, loc, result);
  return function;
}
