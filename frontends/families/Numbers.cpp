//===- Numbers.cpp - the numbers of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Numbers.h"

#include "llvm/ADT/STLExtras.h"

using namespace tenon;
using llvm::StringRef;

namespace {
using Block = BlockOptions;

bool always(const Block &) {
  return true;
}
bool ofAttention(const Block &block) {
  return block.attends();
}
bool ofLatent(const Block &block) {
  return block.attends() && block.attention == AttentionKind::Latent;
}
bool ofDense(const Block &block) {
  return block.feedForward != FeedForwardKind::None && block.feedForward != FeedForwardKind::Moe;
}
bool ofMoe(const Block &block) {
  return block.feedForward == FeedForwardKind::Moe;
}
bool ofSelectiveScan(const Block &block) {
  return block.mixer == MixerKind::SelectiveScan;
}
bool ofSsd(const Block &block) {
  return block.mixer == MixerKind::Ssd;
}
template <MixerKind Kind> bool ofMixer(const Block &block) {
  return block.mixer == Kind;
}
/// What has channels of its own, beside attention.
bool ofInner(const Block &block) {
  return block.mixer != MixerKind::None && block.mixer != MixerKind::Attention;
}
bool ofState(const Block &block) {
  return ofSelectiveScan(block) || ofSsd(block) || block.keepsMatrices();
}
bool ofConvolution(const Block &block) {
  return ofSelectiveScan(block) || ofSsd(block) || block.mixer == MixerKind::ShortConvolution ||
         block.mixer == MixerKind::GatedRecurrence || block.mixer == MixerKind::GatedDelta;
}
bool ofScanHeads(const Block &block) {
  return ofSsd(block) || block.keepsMatrices() || block.mixer == MixerKind::GatedRecurrence;
}
bool ofLowRankDecay(const Block &block) {
  return block.mixer == MixerKind::ShiftedAttention || block.mixer == MixerKind::ShiftedDelta;
}
bool ofChunks(const Block &block) {
  return block.attends() && block.mask == MaskKind::Chunked;
}
bool ofRope(const Block &block) {
  return block.rotates();
}
/// The scalings that depend on the positions of the original training.
bool ofOriginal(const Block &block) {
  return ofRope(block) && block.ropeScaling != RopeScaling::None && block.ropeScaling != RopeScaling::Linear;
}
} // namespace

llvm::ArrayRef<NumberSpec> tenon::sizeSpecs() {
  using enum NumberRange;
  static const NumberSpec specs[] = {
      {"layers", Positive, "", always},
      {"hidden", Positive, "", always},
      {"vocabulary", Positive, "", always},
      {"context", Positive, "", always},
      {"heads", Positive, "", ofAttention},
      {"kv_heads", Positive, "heads", ofAttention},
      {"head_dim", Positive, "hidden / heads", ofAttention},
      {"value_dim", Positive, "head_dim", ofAttention},
      {"attention_input", Positive, "hidden", ofAttention},
      {"adapter_rank", Switch, "", nullptr},
      {"rope_dims", Positive, "head_dim", ofRope},
      {"rope_original_context", Positive, "context", ofOriginal},
      {"rope_fractional_ramp", Switch, "", nullptr},
      {"inner", Positive, "", ofInner},
      {"state", Positive, "", ofState},
      {"conv_kernel", Positive, "", ofConvolution},
      {"dt_rank", Positive, "", ofSelectiveScan},
      {"scan_heads", Positive, "", ofScanHeads},
      {"scan_groups", Positive, "1", [](const Block &block) { return ofSsd(block) || block.mixer == MixerKind::GatedDelta; }},
      {"norm_groups", Positive, "scan_groups", ofSsd},
      {"shift_rank", Positive, "", ofMixer<MixerKind::ShiftedAttention>},
      {"decay_rank", Positive, "", ofLowRankDecay},
      {"rate_rank", Positive, "", ofMixer<MixerKind::ShiftedDelta>},
      {"gate_rank", Positive, "", ofMixer<MixerKind::ShiftedDelta>},
      {"value_rank", Switch, "", nullptr},
      {"feed_forward", Positive, "", ofDense},
      {"window", Switch, "", nullptr},
      {"chunk", Switch, "", ofChunks},
      {"experts", Switch, "", ofMoe},
      {"experts_used", Switch, "", ofMoe},
      {"expert_feed_forward", Switch, "", ofMoe},
      {"shared_feed_forward", Switch, "", nullptr},
      {"expert_groups", Switch, "", nullptr},
      {"expert_groups_used", Switch, "", nullptr},
      {"query_rank", Switch, "", nullptr},
      {"kv_rank", Switch, "", ofLatent},
      {"nope_dim", Switch, "", ofLatent},
      {"positions", Switch, "", nullptr},
      {"position_offset", Switch, "", nullptr},
      {"token_types", Switch, "", nullptr},
  };
  return specs;
}

llvm::ArrayRef<NumberSpec> tenon::realSpecs() {
  using enum NumberRange;
  static const NumberSpec specs[] = {
      {"norm_eps", Positive, "", always},
      {"qk_norm_eps", Positive, "", nullptr},
      {"scan_norm_eps", Switch, "", nullptr},
      {"gate_soft_cap", Switch, "", nullptr},
      {"scan_decay_scale", Switch, "", nullptr},
      {"scan_x_scale", Positive, "", nullptr},
      {"scan_b_scale", Positive, "", nullptr},
      {"scan_c_scale", Positive, "", nullptr},
      {"scan_gate_scale", Positive, "", nullptr},
      {"dt_in_scale", Positive, "", nullptr},
      {"scan_output_scale", Positive, "", nullptr},
      {"dt_low", Switch, "", nullptr},
      {"dt_high", Positive, "", nullptr},
      {"rope_base", Positive, "10000", ofRope},
      {"rope_scale", Positive, "1", ofRope},
      {"rope_beta_fast", Positive, "32", ofOriginal},
      {"rope_beta_slow", Positive, "1", ofOriginal},
      {"rope_low_factor", Positive, "1", ofOriginal},
      {"rope_high_factor", Positive, "4", ofOriginal},
      {"rope_attention_factor", Switch, "", nullptr},
      {"attention_scale", Switch, "", nullptr},
      {"query_scale", Positive, "", nullptr},
      {"key_scale", Positive, "", nullptr},
      {"value_scale", Positive, "", nullptr},
      {"attention_output_scale", Positive, "", nullptr},
      {"gate_scale", Positive, "", nullptr},
      {"down_scale", Positive, "", nullptr},
      {"attention_temperature_scale", Switch, "", nullptr},
      {"attention_temperature_floor", Switch, "", nullptr},
      {"soft_cap", Switch, "", nullptr},
      {"qkv_clip", Switch, "", nullptr},
      {"alibi_max", Positive, "8", [](const Block &block) { return block.attends() && block.positionBias == PositionBias::Alibi; }},
      {"embedding_scale", Switch, "", nullptr},
      {"residual_scale", Switch, "", nullptr},
      {"attention_residual_scale", Switch, "", nullptr},
      {"feed_forward_residual_scale", Switch, "", nullptr},
      {"attention_stream_scale", Switch, "", nullptr},
      {"feed_forward_stream_scale", Switch, "", nullptr},
      {"logit_scale", Switch, "", nullptr},
      {"logit_soft_cap", Switch, "", nullptr},
      {"expert_scale", Positive, "1", ofMoe},
      {"expert_limit", Positive, "7", [](const Block &block) { return block.function == FeedForwardFunction::SwigluClamped; }},
  };
  return specs;
}

static const NumberSpec *find(llvm::ArrayRef<NumberSpec> specs, StringRef name) {
  const auto *found = llvm::find_if(specs, [&](const NumberSpec &spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : found;
}

const NumberSpec *tenon::findSizeSpec(StringRef name) {
  return find(sizeSpecs(), name);
}

const NumberSpec *tenon::findRealSpec(StringRef name) {
  return find(realSpecs(), name);
}

std::optional<int64_t> ModelConfig::optionalSize(StringRef name) const {
  auto found = sizes.find(name);
  return found == sizes.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> ModelConfig::optionalReal(StringRef name) const {
  auto found = reals.find(name);
  return found == reals.end() ? std::nullopt : std::optional(found->second);
}
