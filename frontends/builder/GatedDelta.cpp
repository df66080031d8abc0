//===- GatedDelta.cpp - states that are corrected by what they say ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A state maps keys to values. Each token's key is looked up, and a part of what its value differs by is written back; before that the
// state decays by a factor that the token gives.

#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/BlockImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

/// Heads, [T, heads, dim], divided by sqrt(sum of squares + eps).
Value BlockBody::unitHeads(Location loc, Value input, double eps) {
  auto size = static_cast<double>(cast<RankedTensorType>(input.getType()).getDimSize(2));
  Value normed = emitter.norm(loc, input, {NormKind::Rms, Value(), Value(), eps / size});
  return emitter.scale(loc, normed, 1 / std::sqrt(size));
}

/// silu(convolution of a projection) as [T, count, dim].
Value BlockBody::convolvedHeads(StringRef part, StringRef convolution, Value input, int64_t count) {
  Value flat = activeConvolution(convolution, linear(part, input, InputRounding::Fine));
  int64_t width = cast<RankedTensorType>(flat.getType()).getDimSize(1);
  return emitter.reshape(locOf(part), flat, {count, width / count});
}

Value BlockBody::gatedDelta(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  int64_t heads = config.size("scan_heads"), groups = config.size("scan_groups"), size = config.size("state");
  Value query = unitHeads(loc, convolvedHeads("scan_q", "conv_q", input, groups), 1e-6);
  Value key = unitHeads(loc, convolvedHeads("scan_k", "conv_k", input, groups), 1e-6);
  Value value = convolvedHeads("scan_v", "conv_v", input, heads);
  query = emitter.scale(loc, query, 1 / std::sqrt(static_cast<double>(size)));
  if (groups != heads) { // each group's keys are those of heads that follow each other
    auto repeat = [&](Value shared) -> Value {
      Type wide = emitter.rows({groups, heads / groups, size});
      Value repeated = nn::BroadcastOp::create(builder, loc, wide, shared, ArrayRef<int64_t>{0, 1, 3}, /*rows=*/Value());
      return emitter.reshape(loc, repeated, {heads, size});
    };
    query = repeat(query);
    key = repeat(key);
  }
  Value dt = steps(linear("dt", input, InputRounding::Fine));
  Value decay = nn::MulOp::create(builder, loc, dt, emitter.asF32(loc, byRole.lookup("scan_a")));
  Value rate = nn::SigmoidOp::create(builder, locOf("rate"), linear("rate", input, InputRounding::Fine));
  Value written = nn::MulOp::create(builder, loc, key, spread(loc, rate, size));
  Value forgotten = nn::MulOp::create(builder, loc, nn::ExpOp::create(builder, loc, decay), emitter.scale(loc, rate, -1));
  Value removed = nn::MulOp::create(builder, loc, key, spread(loc, forgotten, size));
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::DeltaRuleOp::create(builder, loc, query, written, value, removed, key, decay, state);
    return {op.getResult(), op.getNext()};
  });
  return linear("scan_output", gateScan(emitter.reshape(loc, result, {config.size("inner")}), input));
}
