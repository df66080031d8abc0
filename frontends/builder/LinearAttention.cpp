//===- LinearAttention.cpp - sums of keys times values that decay ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/BlockImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

/// A projection as [T, count, dim].
Value BlockBody::headsOf(StringRef part, Value input, int64_t count) {
  Value flat = linear(part, input, InputRounding::Fine);
  int64_t width = cast<RankedTensorType>(flat.getType()).getDimSize(1);
  return emitter.reshape(locOf(part), flat, {count, width / count});
}

/// A number for each head, [T, heads], for each of the head's `size` elements.
Value BlockBody::spread(Location loc, Value numbers, int64_t size) {
  int64_t heads = cast<RankedTensorType>(numbers.getType()).getDimSize(1);
  return nn::BroadcastOp::create(builder, loc, emitter.rows({heads, size}), numbers, ArrayRef<int64_t>{0, 1}, /*rows=*/Value());
}

/// The logarithms of the heads' decays.
static SmallVector<float> decaysOf(ScanDecay kind, int64_t heads, double scale) {
  SmallVector<float> decays;
  for (int64_t head = 0; head < heads; ++head) {
    double slope = -std::exp2(-8.0 * static_cast<double>(head + 1) / static_cast<double>(heads));
    double power = std::log1p(-std::exp2(-5.0 - static_cast<double>(head)));
    decays.push_back(static_cast<float>(scale * (kind == ScanDecay::Slopes ? slope : power)));
  }
  return decays;
}

Value BlockBody::linearAttention(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  int64_t count = config.size("scan_heads");
  auto project = [&](StringRef part) -> Value {
    Value split = headsOf(part, input, count);
    return options.scanInputs == ScanInputs::Silu ? nn::SiluOp::create(builder, locOf(part), split) : split;
  };
  Value query = rotate("scan_q", project("scan_q")), key = rotate("scan_k", project("scan_k")), value = project("scan_v");
  query = emitter.scale(loc, query, config.optionalReal("attention_scale"));
  Value decay = emitter.constant(loc, decaysOf(options.scanDecay, count, config.optionalReal("scan_decay_scale").value_or(1)));
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::LinearAttentionOp::create(builder, loc, query, key, value, decay, /*bonus=*/Value(), state, ssm::Read::after,
                                             /*fixed_decay=*/true);
    return {op.getResult(), op.getNext()};
  });
  return linear("scan_output", gateScan(emitter.reshape(loc, result, {config.size("inner")}), input));
}
