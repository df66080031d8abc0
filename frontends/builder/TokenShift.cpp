//===- TokenShift.cpp - mixers that see each row beside the one before it ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a projection reads is x + (previous row - x) c with a coefficient for each channel: in the plainest form a fixed one, otherwise with
// a part that a low-rank function of the input adds.

#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

/// The row before minus the row.
Value BlockBody::changeFromPrevious(StringRef role, Location loc, Value input) {
  Value previous = recur(role, loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::ShiftOp::create(builder, loc, input, state);
    return {op.getResult(), op.getNext()};
  });
  return nn::SubOp::create(builder, loc, previous, input);
}

Value BlockBody::blend(StringRef role, Value input, Value change) {
  Location loc = locOf(role);
  Value part = nn::MulOp::create(builder, loc, change, emitter.asF32(loc, byRole.lookup(role)));
  return nn::AddOp::create(builder, loc, input, part);
}

/// NAME_up(between(NAME_low(input))).
Value BlockBody::lowRank(StringRef name, Value input, llvm::function_ref<Value(Location, Value)> between) {
  std::string low = (name + "_low").str(), up = (name + "_up").str();
  return linear(up, between(locOf(low), linear(low, input, InputRounding::Fine)), InputRounding::Fine);
}

static Value asIs(Location, Value value) {
  return value;
}

Value BlockBody::fadingAverage(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  Value change = changeFromPrevious("shift", loc, input);
  Value key = linear("scan_k", blend("shift_k", input, change), InputRounding::Fine);
  Value value = linear("scan_v", blend("shift_v", input, change), InputRounding::Fine);
  Value receptance = nn::SigmoidOp::create(builder, locOf("scan_q"), linear("scan_q", blend("shift_q", input, change)));
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::WkvOp::create(builder, loc, key, value, byRole.lookup("scan_a"), byRole.lookup("scan_bonus"), state);
    return {op.getResult(), op.getNext()};
  });
  return linear("scan_output", nn::MulOp::create(builder, loc, receptance, result));
}

Value BlockBody::shiftedAttention(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan"), lowLoc = locOf("shift_low");
  int64_t heads = config.size("scan_heads"), size = config.size("state"), rank = config.size("shift_rank"), inner = config.size("inner");
  Value change = changeFromPrevious("shift", loc, input);
  Value low = nn::TanhOp::create(builder, lowLoc, linear("shift_low", blend("shift_x", input, change), InputRounding::Fine));
  // The low-rank coefficients of the five projections lie side by side.
  auto blended = [&](StringRef name, int64_t index) -> Value {
    std::string up = ("shift_up_" + name).str();
    Value more = linear(up, emitter.columns(lowLoc, low, index * rank, rank), InputRounding::Fine);
    more = nn::AddOp::create(builder, loc, more, emitter.asF32(loc, byRole.lookup(("shift_" + name).str())));
    return nn::AddOp::create(builder, loc, input, nn::MulOp::create(builder, loc, change, more));
  };
  Value decay = lowRank("decay", blended("w", 0), [&](Location at, Value value) { return nn::TanhOp::create(builder, at, value); });
  decay = nn::NegOp::create(builder, loc, nn::ExpOp::create(builder, loc, decay));
  decay = emitter.reshape(loc, decay, {heads, size});
  Value key = headsOf("scan_k", blended("k", 1), heads), value = headsOf("scan_v", blended("v", 2), heads);
  Value query = headsOf("scan_q", blended("q", 3), heads), gated = blended("g", 4);
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::LinearAttentionOp::create(builder, loc, query, key, value, decay, byRole.lookup("scan_bonus"), state,
                                             ssm::Read::before, /*fixed_decay=*/false);
    return {op.getResult(), op.getNext()};
  });
  return linear("scan_output", gateScan(emitter.reshape(loc, result, {inner}), gated));
}

/// The values of a token, between its own and those that the first layer had for it.
Value BlockBody::valuesWithFirst(Value blended) {
  Location loc = locOf("scan_v");
  Value own = linear("scan_v", blended, InputRounding::Fine);
  Value &first = carried[firstValuesName];
  if (!first) {
    first = own;
    return own;
  }
  Value part = nn::SigmoidOp::create(builder, loc, lowRank("value", blended, asIs));
  return nn::AddOp::create(builder, loc, own, nn::MulOp::create(builder, loc, nn::SubOp::create(builder, loc, first, own), part));
}

Value BlockBody::shiftedDelta(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  int64_t heads = config.size("scan_heads"), size = config.size("state"), inner = config.size("inner");
  auto split = [&](Value value) { return emitter.reshape(loc, value, {heads, size}); };
  auto fixed = [&](StringRef role) { return emitter.asF32(loc, byRole.lookup(role)); };
  auto sigmoid = [&](Location at, Value value) -> Value { return nn::SigmoidOp::create(builder, at, value); };
  auto tanh = [&](Location at, Value value) -> Value { return nn::TanhOp::create(builder, at, value); };
  Value change = changeFromPrevious("shift", loc, input);
  Value query = headsOf("scan_q", blend("shift_q", input, change), heads);
  Value key = linear("scan_k", blend("shift_k", input, change), InputRounding::Fine);
  Value value = split(valuesWithFirst(blend("shift_v", input, change)));
  // log decay = -sigmoid(...) / sqrt(e)
  Value decay = lowRank("decay", blend("shift_w", input, change), tanh);
  decay = split(emitter.scale(loc, sigmoid(loc, decay), -0.6065306597126334));
  Value rate = sigmoid(loc, lowRank("rate", blend("shift_a", input, change), asIs));
  Value gate = lowRank("gate", blend("shift_g", input, change), sigmoid);
  Value looked = unitHeads(loc, split(nn::MulOp::create(builder, loc, key, fixed("key_scale"))), 1e-24);
  Value removed = nn::MulOp::create(builder, loc, looked, emitter.scale(loc, split(rate), -1));
  // key (1 + (rate - 1) key_rate)
  Value less = nn::AddOp::create(builder, loc, rate, emitter.number(loc, -1));
  less = nn::AddOp::create(builder, loc, nn::MulOp::create(builder, loc, less, fixed("key_rate")), emitter.number(loc, 1));
  Value written = nn::MulOp::create(builder, loc, key, less);
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::DeltaRuleOp::create(builder, loc, query, split(written), value, removed, looked, decay, state);
    return {op.getResult(), op.getNext()};
  });
  result = normaliseScan(emitter.reshape(loc, result, {inner}));
  Value weights = nn::MulOp::create(builder, loc, emitter.reshape(loc, query, {inner}), written);
  weights = split(nn::MulOp::create(builder, loc, weights, fixed("scan_bonus")));
  Value weight = nn::ReduceOp::create(builder, loc, emitter.rows({heads}), nn::Reduction::sum, weights, /*dim=*/2);
  Value bonus = nn::MulOp::create(builder, loc, value, spread(loc, weight, size));
  result = nn::AddOp::create(builder, loc, result, emitter.reshape(loc, bonus, {inner}));
  return linear("scan_output", nn::MulOp::create(builder, loc, result, gate));
}
