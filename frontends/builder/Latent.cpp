//===- Latent.cpp - latent attention of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys and values of all heads are expanded from one vector a token, the latent. The expansion is linear, so that a head's key can meet
// the query as `latent . (expansion of keys, transposed) query` and its values can be expanded after they were summed: the slot then
// keeps the latent and the one rotated key that all heads share, and nothing a head.

#include "tenon/frontends/builder/BlockImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

/// [T, heads, nope_dim + rope_dims], the latter not yet rotated.
Value BlockBody::latentQuery(Value input) {
  int64_t count = config.size("heads"), dim = config.size("nope_dim") + config.size("rope_dims");
  double eps = config.optionalReal("qk_norm_eps").value_or(config.real("norm_eps"));
  if (!config.optionalSize("query_rank"))
    return emitter.reshape(locOf("query"), linear("query", input, InputRounding::Fine), {count, dim});
  Value low = linear("query_a", input, InputRounding::Fine);
  low = emitter.norm(locOf("query_a_norm"), low, {NormKind::Rms, parameter("query_a_norm", "weight"), Value(), eps});
  return emitter.reshape(locOf("query_b"), linear("query_b", low, InputRounding::Fine), {count, dim});
}

Value BlockBody::latentAttention(Value input) {
  int64_t count = config.size("heads"), nope = config.size("nope_dim"), rope = config.size("rope_dims");
  int64_t rank = config.size("kv_rank"), valueDim = config.size("value_dim");
  double eps = config.optionalReal("qk_norm_eps").value_or(config.real("norm_eps"));
  Location loc = emitter.at(parentOf("kv_a") + ".attention"), keyLoc = locOf("kv_a");

  Value whole = latentQuery(input);
  Value plain = emitter.columns(loc, whole, 0, nope), turned = emitter.columns(loc, whole, nope, rope);
  turned = rotate("query_b", turned);
  // The weight is [heads, rank, nope], or of rows [heads, nope, rank] of one that expands keys and values.
  bool isRows = static_cast<bool>(parameter("key_b_rows", "weight"));
  StringRef part = isRows ? "key_b_rows" : "key_b";
  Value keyWeight = parameter(part, "weight");
  Value absorbed = nn::HeadLinearOp::create(builder, locOf(part), emitter.rows({count, rank}), plain, keyWeight, isRows,
                                            isRows ? nn::Activation::f32 : emitter.roundingFor(keyWeight, InputRounding::Fine));
  Value query = nn::ConcatOp::create(builder, loc, emitter.rows({count, rank + rope}), ValueRange{absorbed, turned}, /*dim=*/2);

  Value low = linear("kv_a", input, InputRounding::Fine);
  Value latent = emitter.columns(keyLoc, low, 0, rank);
  latent = emitter.norm(locOf("kv_a_norm"), latent, {NormKind::Rms, parameter("kv_a_norm", "weight"), Value(), eps});
  Value shared = rotate("kv_a", emitter.reshape(keyLoc, emitter.columns(keyLoc, low, rank, rope), {1, rope}));
  Value key = nn::ConcatOp::create(builder, loc, emitter.rows({1, rank + rope}),
                                   ValueRange{emitter.reshape(keyLoc, latent, {1, rank}), shared}, /*dim=*/2);
  cache::AppendOp::create(builder, loc, slot("kv"), key, Value());
  auto view = cache::ViewOp::create(builder, loc, key.getType(), emitter.rows({1, rank}), slot("kv"));
  double scale = config.optionalReal("attention_scale").value_or(1 / std::sqrt(static_cast<double>(nope + rope)));
  Value mixed = attend(loc, query, view.getKey(), view.getValue(), scale);

  Value valueWeight = parameter("value_b", "weight");
  Value result = nn::HeadLinearOp::create(builder, locOf("value_b"), emitter.rows({count, valueDim}), mixed, valueWeight,
                                          /*transposed=*/false, emitter.roundingFor(valueWeight, InputRounding::AsAsked));
  return emitter.reshape(loc, result, {count * valueDim});
}
