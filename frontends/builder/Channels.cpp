//===- Channels.cpp - mixers that keep channels apart ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A short convolution of each channel, by itself between two gates, or in front of a recurrence of one number a channel.

#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

Value BlockBody::shortConvolution(Value input) {
  Location loc = locOf("input_gate"), gateLoc = locOf("scan_gate");
  Value gated = nn::MulOp::create(builder, loc, linear("input_gate", input), linear("scan_in", input));
  Value mixed = nn::MulOp::create(builder, gateLoc, linear("scan_gate", input), convolve("conv", gated));
  return linear("scan_output", mixed);
}

/// sigmoid(linear) of channels, [T, inner], whose weight has a matrix [in, out] for each head.
Value BlockBody::gateOfHeads(StringRef part, Value input) {
  Location loc = locOf(part);
  int64_t inner = config.size("inner"), heads = config.size("scan_heads");
  Value split = emitter.reshape(loc, input, {heads, inner / heads});
  Value made = nn::HeadLinearOp::create(builder, loc, split.getType(), split, parameter(part, "weight"), /*transposed=*/true,
                                        nn::Activation::f32);
  made = nn::AddOp::create(builder, loc, emitter.reshape(loc, made, {inner}), emitter.asF32(loc, parameter(part, "bias")));
  return nn::SigmoidOp::create(builder, loc, made);
}

/// 0 in the row of a session's first token and 1 in all others, in the shape of `input`: ones, shifted.
Value BlockBody::hasPredecessor(Value input) {
  Location loc = emitter.at(path + ".start");
  auto type = cast<RankedTensorType>(input.getType());
  Value ones = nn::BroadcastOp::create(builder, loc, type, emitter.number(loc, 1), ArrayRef<int64_t>(), input);
  return recur("start", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::ShiftOp::create(builder, loc, ones, state);
    return {op.getResult(), op.getNext()};
  });
}

/// h = a h + sqrt(1 - a^2) i x, with log a = scale r rate < 0, where r and i are gates of x. The first token is not scaled.
Value BlockBody::gatedRecurrence(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  Value x = convolve("conv", linear("scan_in", input));
  Value decay = nn::MulOp::create(builder, loc, gateOfHeads("decay_gate", x), emitter.asF32(loc, byRole.lookup("scan_a")));
  decay = emitter.scale(loc, decay, config.optionalReal("scan_decay_scale"));
  Value square = nn::ExpOp::create(builder, loc, emitter.scale(loc, decay, 2));
  Value factor = nn::MulOp::create(builder, loc, square, hasPredecessor(x));
  factor = nn::SqrtOp::create(builder, loc, nn::AddOp::create(builder, loc, emitter.scale(loc, factor, -1), emitter.number(loc, 1)));
  Value taken = nn::MulOp::create(builder, loc, nn::MulOp::create(builder, loc, x, gateOfHeads("input_gate", x)), factor);
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::LruOp::create(builder, loc, taken, decay, /*phase=*/Value(), state);
    return {op.getResult(), op.getNext()};
  });
  Value gate = function(locOf("scan_gate"), linear("scan_gate", input));
  return linear("scan_output", nn::MulOp::create(builder, loc, result, gate));
}
