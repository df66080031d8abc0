//===- Block.cpp - the block that families choose parts of ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Block.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon;
using llvm::StringRef;

namespace {
/// One row of the table of parts: what choosing `part` for `option` does, and whether it is chosen.
struct Part {
  StringRef option, part;
  void (*choose)(BlockOptions &);
  bool (*isChosen)(const BlockOptions &);
};

template <auto Member, auto Value> constexpr Part row(StringRef option, StringRef part) {
  return {option, part, [](BlockOptions &block) { block.*Member = Value; },
          [](const BlockOptions &block) { return block.*Member == Value; }};
}
} // namespace

using B = BlockOptions;

static const Part parts[] = {
    row<&B::entry, EntryKind::Decoder>("entry", "decoder"),
    row<&B::entry, EntryKind::Encoder>("entry", "encoder"),
    row<&B::norm, NormKind::Rms>("norm", "rms"),
    row<&B::norm, NormKind::Layer>("norm", "layer"),
    row<&B::normParameters, NormParameters::Weight>("norm_parameters", "weight"),
    row<&B::normParameters, NormParameters::WeightBias>("norm_parameters", "weight_bias"),
    row<&B::normParameters, NormParameters::None>("norm_parameters", "none"),
    row<&B::normPlacement, NormPlacement::Before>("norm_placement", "before"),
    row<&B::normPlacement, NormPlacement::AfterResidual>("norm_placement", "after_residual"),
    row<&B::normPlacement, NormPlacement::OfStream>("norm_placement", "of_stream"),
    row<&B::residual, ResidualKind::Sequential>("residual", "sequential"),
    row<&B::residual, ResidualKind::Parallel>("residual", "parallel"),
    row<&B::residual, ResidualKind::AttentionFirst>("residual", "attention_first"),
    row<&B::mixer, MixerKind::None>("mixer", "none"),
    row<&B::mixer, MixerKind::Attention>("mixer", "attention"),
    row<&B::mixer, MixerKind::SelectiveScan>("mixer", "selective_scan"),
    row<&B::mixer, MixerKind::Ssd>("mixer", "ssd"),
    row<&B::mixer, MixerKind::ShortConvolution>("mixer", "short_convolution"),
    row<&B::mixer, MixerKind::GatedRecurrence>("mixer", "gated_recurrence"),
    row<&B::mixer, MixerKind::LinearAttention>("mixer", "linear_attention"),
    row<&B::mixer, MixerKind::GatedDelta>("mixer", "gated_delta"),
    row<&B::mixer, MixerKind::FadingAverage>("mixer", "fading_average"),
    row<&B::mixer, MixerKind::ShiftedAttention>("mixer", "shifted_attention"),
    row<&B::mixer, MixerKind::ShiftedDelta>("mixer", "shifted_delta"),
    row<&B::mixer, MixerKind::MatrixMemory>("mixer", "matrix_memory"),
    row<&B::besideMixer, BesideMixer::Nothing>("beside_mixer", "nothing"),
    row<&B::besideMixer, BesideMixer::Attention>("beside_mixer", "attention"),
    row<&B::scanNorm, ScanNorm::None>("scan_norm", "none"),
    row<&B::scanNorm, ScanNorm::AfterGate>("scan_norm", "after_gate"),
    row<&B::scanNorm, ScanNorm::BeforeGate>("scan_norm", "before_gate"),
    row<&B::feedForward, FeedForwardKind::None>("feed_forward", "none"),
    row<&B::feedForward, FeedForwardKind::Gated>("feed_forward", "gated"),
    row<&B::feedForward, FeedForwardKind::Plain>("feed_forward", "plain"),
    row<&B::feedForward, FeedForwardKind::Moe>("feed_forward", "moe"),
    row<&B::feedForward, FeedForwardKind::Shifted>("feed_forward", "shifted"),
    row<&B::function, FeedForwardFunction::Silu>("function", "silu"),
    row<&B::function, FeedForwardFunction::Gelu>("function", "gelu"),
    row<&B::function, FeedForwardFunction::GeluTanh>("function", "gelu_tanh"),
    row<&B::function, FeedForwardFunction::QuickGelu>("function", "quick_gelu"),
    row<&B::function, FeedForwardFunction::Relu>("function", "relu"),
    row<&B::function, FeedForwardFunction::Relu2>("function", "relu2"),
    row<&B::function, FeedForwardFunction::SwigluClamped>("function", "swiglu_clamped"),
    row<&B::scanNormKind, NormKind::Rms>("scan_norm_kind", "rms"),
    row<&B::scanNormKind, NormKind::Layer>("scan_norm_kind", "layer"),
    row<&B::scanGate, ScanGate::Silu>("scan_gate", "silu"),
    row<&B::scanGate, ScanGate::Sigmoid>("scan_gate", "sigmoid"),
    row<&B::scanInputs, ScanInputs::AsTheyAre>("scan_inputs", "as_they_are"),
    row<&B::scanInputs, ScanInputs::Silu>("scan_inputs", "silu"),
    row<&B::scanDecay, ScanDecay::Slopes>("scan_decay", "slopes"),
    row<&B::scanDecay, ScanDecay::Powers>("scan_decay", "powers"),
    row<&B::attention, AttentionKind::Heads>("attention", "heads"),
    row<&B::attention, AttentionKind::Latent>("attention", "latent"),
    row<&B::causal, true>("causal", "yes"),
    row<&B::causal, false>("causal", "no"),
    row<&B::mask, MaskKind::Full>("mask", "full"),
    row<&B::mask, MaskKind::Chunked>("mask", "chunked"),
    row<&B::rope, RopeKind::None>("rope", "none"),
    row<&B::rope, RopeKind::Interleaved>("rope", "interleaved"),
    row<&B::rope, RopeKind::Half>("rope", "half"),
    row<&B::ropeScaling, RopeScaling::None>("rope_scaling", "none"),
    row<&B::ropeScaling, RopeScaling::Linear>("rope_scaling", "linear"),
    row<&B::ropeScaling, RopeScaling::Dynamic>("rope_scaling", "dynamic"),
    row<&B::ropeScaling, RopeScaling::Yarn>("rope_scaling", "yarn"),
    row<&B::ropeScaling, RopeScaling::Llama3>("rope_scaling", "llama3"),
    row<&B::ropeScaling, RopeScaling::Longrope>("rope_scaling", "longrope"),
    row<&B::positionBias, PositionBias::None>("position_bias", "none"),
    row<&B::positionBias, PositionBias::Alibi>("position_bias", "alibi"),
    row<&B::qkNorm, QkNorm::None>("qk_norm", "none"),
    row<&B::qkNorm, QkNorm::Head>("qk_norm", "head"),
    row<&B::qkNorm, QkNorm::Heads>("qk_norm", "heads"),
    row<&B::qkNorm, QkNorm::Projection>("qk_norm", "projection"),
    row<&B::qkNormKind, QkNormKind::Rms>("qk_norm_kind", "rms"),
    row<&B::qkNormKind, QkNormKind::Layer>("qk_norm_kind", "layer"),
    row<&B::qkNormKind, QkNormKind::L2>("qk_norm_kind", "l2"),
    row<&B::qkNormOrder, QkNormOrder::BeforeRope>("qk_norm_order", "before_rope"),
    row<&B::qkNormOrder, QkNormOrder::AfterRope>("qk_norm_order", "after_rope"),
    row<&B::router, RouterScore::Softmax>("router", "softmax"),
    row<&B::router, RouterScore::Sigmoid>("router", "sigmoid"),
    row<&B::router, RouterScore::SoftmaxSelected>("router", "softmax_selected"),
    row<&B::routerRenormalise, true>("router_renormalise", "yes"),
    row<&B::routerRenormalise, false>("router_renormalise", "no"),
    row<&B::groupScore, GroupScore::Max>("group_score", "max"),
    row<&B::groupScore, GroupScore::Top2>("group_score", "top2"),
    row<&B::expertWeighting, ExpertWeighting::Output>("expert_weighting", "output"),
    row<&B::expertWeighting, ExpertWeighting::Input>("expert_weighting", "input"),
    row<&B::sharedGate, SharedGate::None>("shared_gate", "none"),
    row<&B::sharedGate, SharedGate::Sigmoid>("shared_gate", "sigmoid"),
    row<&B::output, OutputKind::Tied>("output", "tied"),
    row<&B::output, OutputKind::Separate>("output", "separate"),
    row<&B::pooling, Pooling::None>("pooling", "none"),
    row<&B::pooling, Pooling::Mean>("pooling", "mean"),
    row<&B::pooling, Pooling::Cls>("pooling", "cls"),
};

bool BlockOptions::set(StringRef option, StringRef part) {
  for (const Part &row : parts) {
    if (row.option != option || row.part != part)
      continue;
    row.choose(*this);
    return true;
  }
  return false;
}

StringRef BlockOptions::get(StringRef option) const {
  for (const Part &row : parts)
    if (row.option == option && row.isChosen(*this))
      return row.part;
  return "";
}

std::string BlockOptions::partsOf(StringRef option) {
  llvm::SmallVector<StringRef> names;
  for (const Part &row : parts)
    if (row.option == option)
      names.push_back(row.part);
  return llvm::join(names, ", ");
}

llvm::SmallVector<StringRef> BlockOptions::names() {
  llvm::SmallVector<StringRef> names;
  for (const Part &row : parts)
    if (names.empty() || names.back() != row.option)
      names.push_back(row.option);
  return names;
}

llvm::ArrayRef<StringRef> BlockOptions::required() {
  static const StringRef names[] = {"norm", "feed_forward", "function", "rope"};
  return names;
}
