//===- Attention.cpp - attention of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/BlockImpl.h"
#include "tenon/frontends/builder/PositionsImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

/// Normalises a projection of shape [T, heads * dim] or [T, heads, dim], whichever the block's kind of norm is about. A weight of a
/// head's own, [heads, dim], multiplies after a norm without one.
Value BlockBody::normaliseHeads(StringRef part, Value input) {
  std::string normPart = (part + "_norm").str();
  Location loc = locOf(normPart);
  double eps = config.optionalReal("qk_norm_eps").value_or(config.real("norm_eps"));
  NormKind kind = options.qkNormKind == QkNormKind::Layer ? NormKind::Layer : NormKind::Rms;
  if (options.qkNormKind == QkNormKind::L2)
    return emitter.norm(loc, input, {kind, Value(), Value(), eps});
  Value weight = parameter(normPart, "weight"), bias = parameter(normPart, "bias");
  if (options.qkNorm != QkNorm::Heads)
    return emitter.norm(loc, input, {kind, weight, bias, eps});
  Value result = emitter.norm(loc, input, {kind, Value(), Value(), eps});
  result = nn::MulOp::create(builder, loc, result, emitter.asF32(loc, weight));
  return bias ? nn::AddOp::create(builder, loc, result, emitter.asF32(loc, bias)) : result;
}

/// Projects to `count` heads and splits them apart. Queries and keys are normalised on the way if the block does so before rotation, and
/// what is clipped is clipped after a norm of the whole projection.
Value BlockBody::heads(StringRef part, Value input, int64_t count) {
  Location loc = locOf(part);
  Value flat = linear(part, input, InputRounding::Fine);
  bool isNormed = options.qkNorm != QkNorm::None && options.qkNormOrder == QkNormOrder::BeforeRope && part != "value";
  if (isNormed && options.qkNorm == QkNorm::Projection)
    flat = normaliseHeads(part, flat);
  if (std::optional<double> clip = config.optionalReal("qkv_clip"))
    flat = nn::ClampOp::create(builder, loc, flat.getType(), flat, builder.getF32FloatAttr(static_cast<float>(-*clip)),
                               builder.getF32FloatAttr(static_cast<float>(*clip)));
  Value split = emitter.reshape(loc, flat, {count, config.size("head_dim")});
  return isNormed && options.qkNorm != QkNorm::Projection ? normaliseHeads(part, split) : split;
}

Value BlockBody::rotate(StringRef part, Value input) {
  if (table) {
    nn::Pairing pairing = options.rope == RopeKind::Half ? nn::Pairing::half : nn::Pairing::interleaved;
    input = nn::RopeOp::create(builder, locOf(part), input.getType(), input, table, pairing);
  }
  if (options.qkNorm != QkNorm::None && options.qkNormOrder == QkNormOrder::AfterRope)
    input = normaliseHeads(part, input);
  return input;
}

Value BlockBody::attend(Location loc, Value query, Value key, Value value, double scale) {
  auto queryType = cast<RankedTensorType>(query.getType());
  SmallVector<int64_t> shape(queryType.getShape());
  shape.back() = cast<RankedTensorType>(value.getType()).getShape().back();
  Value sinks = emitter.asF32(loc, byRole.lookup("sinks")), slopes;
  if (options.positionBias == PositionBias::Alibi)
    slopes = emitter.constant(loc, alibiSlopes(shape[1], config.real("alibi_max")));
  auto number = [&](std::optional<int64_t> size) { return size ? builder.getI64IntegerAttr(*size) : IntegerAttr(); };
  std::optional<int64_t> window = options.causal ? config.optionalSize("window") : std::nullopt;
  std::optional<int64_t> chunk = options.mask == MaskKind::Chunked ? config.optionalSize("chunk") : std::nullopt;
  std::optional<double> softCap = config.optionalReal("soft_cap");
  return nn::AttentionOp::create(builder, loc, queryType.clone(shape), query, key, value, /*bias=*/Value(), sinks, slopes,
                                 builder.getF32FloatAttr(static_cast<float>(scale)), options.causal ? builder.getUnitAttr() : UnitAttr(),
                                 number(window), number(chunk),
                                 softCap ? builder.getF32FloatAttr(static_cast<float>(*softCap)) : FloatAttr());
}

Value BlockBody::headAttention(Value input) {
  Location loc = emitter.at(parentOf("query") + ".attention");
  int64_t count = config.size("heads"), dim = config.size("head_dim");
  Value query = heads("query", input, count), key = heads("key", input, config.size("kv_heads"));
  Value value = heads("value", input, config.size("kv_heads"));
  query = rotate("query", query);
  key = rotate("key", key);
  std::optional<double> growth = config.optionalReal("attention_temperature_scale");
  std::optional<double> interval = config.optionalReal("attention_temperature_floor");
  Value kv = slot("kv");
  if (kv && growth && interval) {
    Value start = cache::LengthOp::create(builder, loc, kv);
    query = nn::PositionScaleOp::create(builder, loc, query.getType(), query, start, llvm::APFloat(static_cast<float>(*growth)),
                                        static_cast<int64_t>(*interval));
  }
  if (kv) {
    cache::AppendOp::create(builder, loc, kv, key, value);
    auto view = cache::ViewOp::create(builder, loc, key.getType(), value.getType(), kv);
    key = view.getKey();
    value = view.getValue();
  }
  double scale = config.optionalReal("attention_scale").value_or(1 / std::sqrt(static_cast<double>(dim)));
  Value mixed = emitter.reshape(loc, attend(loc, query, key, value, scale), {count * config.size("value_dim")});
  if (!parameter("attention_gate", "weight"))
    return mixed;
  Location gateLoc = locOf("attention_gate");
  return nn::MulOp::create(builder, gateLoc, mixed, nn::SigmoidOp::create(builder, gateLoc, linear("attention_gate", input)));
}

Value BlockBody::attention(Value input) {
  Value mixed = options.attention == AttentionKind::Latent ? latentAttention(input) : headAttention(input);
  return linear("attention_output", mixed);
}
