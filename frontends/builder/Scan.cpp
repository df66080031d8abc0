//===- Scan.cpp - mixers of selective scans ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A projection of the input goes through a short convolution of each channel and then through the scan; another one gates what comes out.
// The sizes of the scan's steps come from the input as well: with a rank of their own where states are diagonal, one a head where they are
// matrices.

#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

/// The convolution of the last positions of each channel; the part's name is its slot's.
Value BlockBody::convolve(StringRef part, Value input) {
  Location loc = locOf(part);
  return recur(part, loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::CausalConvOp::create(builder, loc, input, parameter(part, "weight"), parameter(part, "bias"), state);
    return {op.getResult(), op.getNext()};
  });
}

/// silu(convolution).
Value BlockBody::activeConvolution(StringRef part, Value input) {
  return nn::SiluOp::create(builder, locOf(part), convolve(part, input));
}

/// softplus(dt), held within limits where the model has them.
Value BlockBody::steps(Value dt) {
  Location loc = locOf("dt");
  dt = nn::SoftplusOp::create(builder, loc, dt);
  std::optional<double> low = config.optionalReal("dt_low"), high = config.optionalReal("dt_high");
  if (!low && !high)
    return dt;
  auto number = [&](std::optional<double> value) { return value ? builder.getF32FloatAttr(static_cast<float>(*value)) : FloatAttr(); };
  return nn::ClampOp::create(builder, loc, dt.getType(), dt, number(low), number(high));
}

/// What comes out of a scan, [T, inner], normalised in groups. The weight has an element for each channel, or for each of a group's that
/// all groups share.
Value BlockBody::normaliseScan(Value value) {
  Location loc = locOf("scan_norm");
  int64_t inner = config.size("inner"), groups = config.optionalSize("norm_groups").value_or(1);
  NormSpec spec = {options.scanNormKind, parameter("scan_norm", "weight"), parameter("scan_norm", "bias"),
                   config.optionalReal("scan_norm_eps").value_or(config.real("norm_eps"))};
  if (groups == 1)
    return emitter.norm(loc, value, spec);
  value = emitter.reshape(loc, value, {groups, inner / groups});
  bool isShared = spec.weight && cast<RankedTensorType>(spec.weight.getType()).getNumElements() == inner / groups;
  Value weight = emitter.asF32(loc, spec.weight), bias = emitter.asF32(loc, spec.bias);
  if (!isShared)
    spec.weight = spec.bias = Value();
  value = emitter.reshape(loc, emitter.norm(loc, value, spec), {inner});
  if (weight && !isShared)
    value = nn::MulOp::create(builder, loc, value, weight);
  return bias && !isShared ? nn::AddOp::create(builder, loc, value, bias) : value;
}

/// What comes out of a scan, gated by a projection of the input and perhaps normalised.
Value BlockBody::gateScan(Value result, Value input) {
  Location loc = locOf("scan_gate");
  auto multiplyGate = [&](Value value) -> Value {
    Value gate = linear("scan_gate", input);
    bool isSigmoid = options.scanGate == ScanGate::Sigmoid;
    gate = isSigmoid ? Value(nn::SigmoidOp::create(builder, loc, gate)) : nn::SiluOp::create(builder, loc, gate);
    return nn::MulOp::create(builder, loc, value, gate);
  };
  switch (options.scanNorm) {
  case ScanNorm::None:
    return multiplyGate(result);
  case ScanNorm::AfterGate:
    return normaliseScan(multiplyGate(result));
  case ScanNorm::BeforeGate:
    return multiplyGate(normaliseScan(result));
  }
  llvm_unreachable("every norm has a case");
}

Value BlockBody::selectiveScan(Value input) {
  Value x = activeConvolution("conv", linear("scan_in", input));
  auto project = [&](StringRef part, StringRef norm) {
    Value value = linear(part, x, InputRounding::Fine);
    if (std::optional<double> eps = config.optionalReal("scan_norm_eps"))
      value = emitter.norm(locOf(norm), value, {NormKind::Rms, parameter(norm, "weight"), Value(), *eps});
    return value;
  };
  Value dt = steps(linear("dt", project("dt_low", "dt_norm"), InputRounding::Fine));
  Value b = project("scan_b", "scan_b_norm"), c = project("scan_c", "scan_c_norm");
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::SelectiveScanOp::create(builder, loc, x, dt, byRole.lookup("scan_a"), b, c, byRole.lookup("scan_d"), state);
    return {op.getResult(), op.getNext()};
  });
  return linear("scan_output", gateScan(result, input));
}

Value BlockBody::ssd(Value input) {
  int64_t inner = config.size("inner"), size = config.size("state"), heads = config.size("scan_heads"), groups = config.size("scan_groups");
  Location loc = emitter.at(parentOf("scan_output") + ".scan");
  Value mixed = linear("scan_in", input);
  SmallVector<float> scales;
  for (auto [part, count] : {std::pair("scan_x_scale", inner), {"scan_b_scale", groups * size}, {"scan_c_scale", groups * size}})
    scales.append(count, static_cast<float>(config.optionalReal(part).value_or(1)));
  if (llvm::any_of(scales, [](float scale) { return scale != 1; }))
    mixed = nn::MulOp::create(builder, locOf("scan_in"), mixed, emitter.constant(locOf("scan_in"), scales));
  mixed = activeConvolution("conv", mixed);
  Value x = emitter.reshape(loc, emitter.columns(loc, mixed, 0, inner), {heads, inner / heads});
  Value b = emitter.reshape(loc, emitter.columns(loc, mixed, inner, groups * size), {groups, size});
  Value c = emitter.reshape(loc, emitter.columns(loc, mixed, inner + groups * size, groups * size), {groups, size});
  Location stepLoc = locOf("dt_in");
  Value projected = linear("dt_in", input, InputRounding::Fine);
  Value dt = steps(nn::AddOp::create(builder, stepLoc, projected, emitter.asF32(stepLoc, parameter("dt", "bias"))));
  Value result = recur("ssm", loc, [&](Value state) -> std::pair<Value, Value> {
    auto op = ssm::SsdOp::create(builder, loc, x, dt, byRole.lookup("scan_a"), b, c, byRole.lookup("scan_d"), state);
    return {op.getResult(), op.getNext()};
  });
  return linear("scan_output", gateScan(emitter.reshape(loc, result, {inner}), input));
}
