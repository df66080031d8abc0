//===- Mixer.cpp - what mixes positions in a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each kind of mixer has its own file; here is the choice among them and what they keep between calls.

#include "tenon/frontends/builder/BlockImpl.h"

using namespace mlir;
using namespace tenon;

/// Of each head, or of the latent that all of them share.
static cache::KvType keysAndValues(MLIRContext *context, const BlockOptions &options, const ModelConfig &config, Type element) {
  if (options.attention == AttentionKind::Heads)
    return cache::KvType::get(context, config.size("kv_heads"), config.size("head_dim"), element);
  int64_t latent = config.size("kv_rank");
  return cache::KvType::get(context, 1, latent + config.size("rope_dims"), element, latent);
}

llvm::SmallVector<BlockSlot> tenon::slotsOf(OpEmitter &emitter, const BlockOptions &options, const ModelConfig &config, Type element) {
  MLIRContext *context = emitter.builder.getContext();
  SmallVector<BlockSlot> slots;
  auto addState = [&](StringRef role, ArrayRef<int64_t> shape) {
    slots.push_back({role, cache::RecurrentType::get(context, shape, emitter.builder.getF32Type())});
  };
  if (options.attends())
    slots.push_back({"kv", keysAndValues(context, options, config, element)});
  if (options.mixer == MixerKind::SelectiveScan || options.mixer == MixerKind::Ssd) {
    int64_t inner = config.size("inner"), state = config.size("state"), channels = inner;
    SmallVector<int64_t> shape = {state, inner};
    if (options.mixer == MixerKind::Ssd) {
      int64_t heads = config.size("scan_heads");
      channels += 2 * config.size("scan_groups") * state;
      shape = {heads, state, inner / heads};
    }
    addState("conv", {config.size("conv_kernel") - 1, channels});
    addState("ssm", shape);
  }
  auto inner = [&] { return config.size("inner"); };
  auto addConvolution = [&](StringRef role, int64_t channels) { addState(role, {config.size("conv_kernel") - 1, channels}); };
  if (options.keepsMatrices()) {
    int64_t heads = config.size("scan_heads"), more = options.mixer == MixerKind::MatrixMemory; // the sum of keys is a column
    addState("ssm", {heads, config.size("state"), inner() / heads + more});
  }
  switch (options.mixer) {
  case MixerKind::ShortConvolution:
    addConvolution("conv", inner());
    break;
  case MixerKind::GatedRecurrence:
    addConvolution("conv", inner());
    addState("ssm", {1, inner()});
    addState("start", {1, inner()});
    break;
  case MixerKind::GatedDelta:
    for (StringRef role : {"conv_q", "conv_k"})
      addConvolution(role, config.size("scan_groups") * config.size("state"));
    addConvolution("conv_v", inner());
    break;
  case MixerKind::MatrixMemory:
    addState("largest", {1, config.size("scan_heads")});
    break;
  case MixerKind::FadingAverage:
    addState("ssm", {3, inner()});
    [[fallthrough]];
  case MixerKind::ShiftedAttention:
  case MixerKind::ShiftedDelta:
    addState("shift", {1, config.size("hidden")});
    break;
  default:
    break;
  }
  if (options.feedForward == FeedForwardKind::Shifted)
    addState("up_shift", {1, config.size("hidden")});
  return slots;
}

llvm::SmallVector<CarriedValue, 1> tenon::carriedOf(OpEmitter &emitter, const BlockOptions &options, const ModelConfig &config) {
  if (options.residual == ResidualKind::AttentionFirst)
    return {{embeddingsName, emitter.rows({config.size("hidden")})}};
  if (options.mixer == MixerKind::ShiftedDelta)
    return {{firstValuesName, emitter.rows({config.size("inner")})}};
  return {};
}

Value BlockBody::recur(StringRef role, Location loc, llvm::function_ref<std::pair<Value, Value>(Value)> emit) {
  Value state = cache::ReadOp::create(builder, loc, slot(role));
  auto [result, next] = emit(state);
  cache::WriteOp::create(builder, loc, slot(role), next);
  return result;
}

Value BlockBody::mixOne(MixerKind kind, Value input) {
  switch (kind) {
  case MixerKind::None:
    break;
  case MixerKind::Attention:
    return attention(input);
  case MixerKind::SelectiveScan:
    return selectiveScan(input);
  case MixerKind::Ssd:
    return ssd(input);
  case MixerKind::ShortConvolution:
    return shortConvolution(input);
  case MixerKind::GatedRecurrence:
    return gatedRecurrence(input);
  case MixerKind::LinearAttention:
    return linearAttention(input);
  case MixerKind::GatedDelta:
    return gatedDelta(input);
  case MixerKind::FadingAverage:
    return fadingAverage(input);
  case MixerKind::ShiftedAttention:
    return shiftedAttention(input);
  case MixerKind::ShiftedDelta:
    return shiftedDelta(input);
  case MixerKind::MatrixMemory:
    return matrixMemory(input);
  }
  llvm_unreachable("a block without a mixer asks for none");
}

Value BlockBody::mix(Value input) {
  Value mixed = mixOne(options.mixer, input);
  if (options.besideMixer == BesideMixer::Nothing)
    return mixed;
  return nn::AddOp::create(builder, mixerLoc(), mixed, attention(input));
}

Location BlockBody::mixerLoc() {
  return locOf(options.mixer == MixerKind::Attention ? "attention_output" : "scan_output");
}
