//===- MatrixMemory.cpp - keys times values under exponential gates ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// With f = log sigmoid of the forget gate and i the input gate of a head, C = exp(f) C + exp(i) k v^T and n = exp(f) n + exp(i) k; a token
// gives q^T C / max(|q^T n|, 1). So that no exponential overflows, both are kept divided by exp(m), where m = max(f + m, i), and n is one
// more column of C.

#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/BlockImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

/// A gate of each head, [T, heads], held within the soft limit.
Value BlockBody::softGate(StringRef part, Value input) {
  Location loc = locOf(part);
  Value gate = linear(part, input, InputRounding::Fine);
  std::optional<double> cap = config.optionalReal("gate_soft_cap");
  if (!cap)
    return gate;
  return emitter.scale(loc, nn::TanhOp::create(builder, loc, emitter.scale(loc, gate, 1 / *cap)), *cap);
}

/// m before and after each token.
std::pair<Value, Value> BlockBody::largestExponents(Location loc, Value decay, Value gate) {
  Value before;
  Value after = recur("largest", loc, [&](Value state) -> std::pair<Value, Value> {
    auto step = [&](OpBuilder &inner, ValueRange slices, ValueRange, ValueRange states) {
      Value kept = nn::AddOp::create(inner, loc, slices[0], states[0]);
      Value next = nn::MaxOp::create(inner, loc, kept, slices[1]);
      return ssm::Step{{states[0], next}, {next}};
    };
    auto scan = ssm::ScanOp::create(builder, loc, TypeRange{gate.getType(), gate.getType()}, ValueRange{decay, gate}, ValueRange(),
                                    ValueRange(state), /*chunk=*/1, step);
    before = scan.getOutputs()[0];
    return {scan.getOutputs()[1], scan.getNextStates()[0]};
  });
  return {before, after};
}

Value BlockBody::matrixMemory(Value input) {
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  int64_t heads = config.size("scan_heads"), size = config.size("state"), dim = config.size("inner") / heads;
  Value query = headsOf("scan_q", input, heads), key = headsOf("scan_k", input, heads), value = headsOf("scan_v", input, heads);
  query = emitter.scale(loc, query, 1 / std::sqrt(static_cast<double>(size)));
  Value gate = softGate("input_gate", input);
  Value decay = nn::NegOp::create(builder, loc, softGate("decay_gate", input)); // log sigmoid(x) = -softplus(-x)
  decay = nn::NegOp::create(builder, loc, nn::SoftplusOp::create(builder, loc, decay));
  auto [before, after] = largestExponents(loc, decay, gate);
  decay = nn::SubOp::create(builder, loc, nn::AddOp::create(builder, loc, decay, before), after);
  Value weight = nn::ExpOp::create(builder, loc, nn::SubOp::create(builder, loc, gate, after));
  key = nn::MulOp::create(builder, loc, key, spread(loc, weight, size));
  Value ones = nn::BroadcastOp::create(builder, loc, emitter.rows({heads, 1}), emitter.number(loc, 1), ArrayRef<int64_t>(), value);
  Value columns = nn::ConcatOp::create(builder, loc, emitter.rows({heads, dim + 1}), ValueRange{value, ones}, /*dim=*/2);
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::LinearAttentionOp::create(builder, loc, query, key, columns, decay, /*bonus=*/Value(), state, ssm::Read::after,
                                             /*fixed_decay=*/false);
    return {op.getResult(), op.getNext()};
  });
  Value sum = nn::AbsOp::create(builder, loc, emitter.reshape(loc, emitter.columns(loc, result, dim, 1), {heads}));
  Value least = nn::ExpOp::create(builder, loc, nn::NegOp::create(builder, loc, after));
  Value divisor = nn::AddOp::create(builder, loc, nn::MaxOp::create(builder, loc, sum, least), emitter.number(loc, 1e-6));
  result = nn::DivOp::create(builder, loc, emitter.columns(loc, result, 0, dim), spread(loc, divisor, dim));
  return linear("scan_output", gateScan(emitter.reshape(loc, result, {config.size("inner")}), input));
}
