//===- Roles.cpp - the parameters of a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Roles.h"

#include "llvm/ADT/STLExtras.h"

using namespace tenon;
using llvm::StringRef;

namespace {
using Block = BlockOptions;
using Config = ModelConfig;
using enum RoleNeed;

bool has(const Config &config, StringRef size) {
  return config.optionalSize(size).has_value();
}

bool withNormWeight(const Block &block, const Config &) {
  return block.normParameters != NormParameters::None;
}
bool withNormBias(const Block &block, const Config &) {
  return block.normParameters == NormParameters::WeightBias;
}
bool withRope(const Block &block, const Config &) {
  return block.rope != RopeKind::None; // of a model that rotates in some layers
}
bool withMixer(const Block &block, const Config &) {
  return block.mixer != MixerKind::None;
}
bool withAttention(const Block &block, const Config &) {
  return block.attends();
}
bool withHeads(const Block &block, const Config &) {
  return block.attends() && block.attention == AttentionKind::Heads;
}
bool withLatent(const Block &block, const Config &) {
  return block.attends() && block.attention == AttentionKind::Latent;
}
bool withLatentQuery(const Block &block, const Config &config) {
  return withLatent(block, config) && has(config, "query_rank");
}
bool withWholeQuery(const Block &block, const Config &config) {
  return withLatent(block, config) && !has(config, "query_rank");
}
template <QkNorm Kind> bool withQkNorm(const Block &block, const Config &) {
  return block.attends() && block.qkNorm == Kind && block.qkNormKind != QkNormKind::L2;
}
bool withGate(const Block &block, const Config &) {
  return block.feedForward == FeedForwardKind::Gated;
}
bool withSelectiveScan(const Block &block, const Config &) {
  return block.mixer == MixerKind::SelectiveScan;
}
bool withSsd(const Block &block, const Config &) {
  return block.mixer == MixerKind::Ssd;
}
template <MixerKind... Kinds> bool withMixerOf(const Block &block, const Config &) {
  return ((block.mixer == Kinds) || ...);
}
bool withMatrices(const Block &block, const Config &) {
  return block.keepsMatrices();
}
bool withChannels(const Block &block, const Config &config) {
  return withMixerOf<MixerKind::ShortConvolution, MixerKind::GatedRecurrence>(block, config);
}
bool withLowRankDecay(const Block &block, const Config &config) {
  return withMixerOf<MixerKind::ShiftedAttention, MixerKind::ShiftedDelta>(block, config);
}
bool withMatrixGate(const Block &block, const Config &) {
  return block.keepsMatrices() && block.mixer != MixerKind::ShiftedDelta;
}
bool withShift(const Block &block, const Config &config) {
  return withLowRankDecay(block, config) || block.mixer == MixerKind::FadingAverage;
}
bool withKeys(const Block &block, const Config &) {
  return block.keepsMatrices() || block.mixer == MixerKind::FadingAverage;
}
bool withInner(const Block &block, const Config &config) {
  return withKeys(block, config) || withChannels(block, config);
}
bool withValueResidual(const Block &block, const Config &config) {
  return block.mixer == MixerKind::ShiftedDelta && has(config, "value_rank");
}
bool withShiftedFeedForward(const Block &block, const Config &) {
  return block.feedForward == FeedForwardKind::Shifted;
}
bool withScan(const Block &block, const Config &config) {
  return withSelectiveScan(block, config) || withSsd(block, config);
}
bool withInputNorms(const Block &block, const Config &config) {
  return withSelectiveScan(block, config) && config.optionalReal("scan_norm_eps").has_value();
}
bool withScanNorm(const Block &block, const Config &config) {
  return withScan(block, config) && block.scanNorm != ScanNorm::None;
}
bool withMemory(const Block &block, const Config &) {
  return block.residual == ResidualKind::AttentionFirst;
}
bool withAdapters(const Block &block, const Config &config) {
  return withMemory(block, config) && has(config, "adapter_rank");
}
bool withFeedForward(const Block &block, const Config &) {
  return block.feedForward != FeedForwardKind::None;
}
template <bool (*First)(const Block &, const Config &), bool (*Second)(const Block &, const Config &)>
bool both(const Block &block, const Config &config) {
  return First(block, config) && Second(block, config);
}
bool withDense(const Block &block, const Config &config) {
  return withFeedForward(block, config) && block.feedForward != FeedForwardKind::Moe;
}
bool withExperts(const Block &block, const Config &) {
  return block.feedForward == FeedForwardKind::Moe;
}
bool withShared(const Block &block, const Config &config) {
  return withExperts(block, config) && has(config, "shared_feed_forward");
}
bool withSharedGate(const Block &block, const Config &config) {
  return withShared(block, config) && block.sharedGate != SharedGate::None;
}
bool withPositions(const Block &, const Config &config) {
  return has(config, "positions");
}
bool withTokenTypes(const Block &, const Config &config) {
  return has(config, "token_types");
}
bool withLogits(const Block &block, const Config &) {
  return block.entry == EntryKind::Decoder;
}
bool withOutput(const Block &block, const Config &config) {
  return withLogits(block, config) && block.output == OutputKind::Separate;
}
bool withPooling(const Block &block, const Config &) {
  return block.pooling != Pooling::None;
}
} // namespace

static const RoleSpec modelRows[] = {
    {"embedding.weight", "vocabulary, hidden", Always, nullptr},
    {"position_embedding.weight", "positions, hidden", Always, withPositions},
    {"token_type_embedding.weight", "token_types, hidden", Always, withTokenTypes},
    {"embedding_norm.weight", "hidden", IfNamed, withNormWeight},
    {"embedding_norm.bias", "hidden", IfNamed, withNormBias},
    {"rope_factors", "rope_dims / 2", Optional, withRope},
    {"rope_factors_long", "rope_dims / 2", Optional, withRope},
    {"rope_factors_short", "rope_dims / 2", Optional, withRope},
    {"final_norm.weight", "hidden", IfNamed, withNormWeight},
    {"final_norm.bias", "hidden", IfNamed, withNormBias},
    {"output.weight", "vocabulary, hidden", Always, withOutput},
    {"output.bias", "vocabulary", Optional, withLogits},
    {"pooler.weight", "hidden, hidden", Optional, withPooling},
    {"pooler.bias", "hidden", Optional, withPooling},
};

llvm::ArrayRef<RoleSpec> tenon::modelRoleSpecs() {
  return modelRows;
}

static const RoleSpec layerRows[] = {
    {"attention_norm.weight", "hidden", IfNamed, both<withMixer, withNormWeight>},
    {"attention_norm.bias", "hidden", IfNamed, both<withMixer, withNormBias>},
    // Attention whose heads are projected at once.
    {"query.weight", "heads * head_dim, attention_input", Always, withHeads},
    {"query.bias", "heads * head_dim", Optional, withHeads},
    {"query_norm.weight", "head_dim", Always, withQkNorm<QkNorm::Head>},
    {"query_norm.weight", "heads, head_dim", Always, withQkNorm<QkNorm::Heads>},
    {"query_norm.weight", "heads * head_dim", Always, withQkNorm<QkNorm::Projection>},
    {"query_norm.bias", "head_dim", Optional, withQkNorm<QkNorm::Head>},
    {"query_norm.bias", "heads, head_dim", Optional, withQkNorm<QkNorm::Heads>},
    {"query_norm.bias", "heads * head_dim", Optional, withQkNorm<QkNorm::Projection>},
    {"key.weight", "kv_heads * head_dim, attention_input", Always, withHeads},
    {"key.bias", "kv_heads * head_dim", Optional, withHeads},
    {"key_norm.weight", "head_dim", Always, withQkNorm<QkNorm::Head>},
    {"key_norm.weight", "kv_heads, head_dim", Always, withQkNorm<QkNorm::Heads>},
    {"key_norm.weight", "kv_heads * head_dim", Always, withQkNorm<QkNorm::Projection>},
    {"key_norm.bias", "head_dim", Optional, withQkNorm<QkNorm::Head>},
    {"key_norm.bias", "kv_heads, head_dim", Optional, withQkNorm<QkNorm::Heads>},
    {"key_norm.bias", "kv_heads * head_dim", Optional, withQkNorm<QkNorm::Projection>},
    {"value.weight", "kv_heads * value_dim, attention_input", Always, withHeads},
    {"value.bias", "kv_heads * value_dim", Optional, withHeads},
    // Latent attention.
    {"query.weight", "heads * head_dim, hidden", Always, withWholeQuery},
    {"query_a.weight", "query_rank, hidden", Always, withLatentQuery},
    {"query_a.bias", "query_rank", Optional, withLatentQuery},
    {"query_a_norm.weight", "query_rank", Always, withLatentQuery},
    {"query_b.weight", "heads * head_dim, query_rank", Always, withLatentQuery},
    {"kv_a.weight", "kv_rank + rope_dims, hidden", Always, withLatent},
    {"kv_a.bias", "kv_rank + rope_dims", Optional, withLatent},
    {"kv_a_norm.weight", "kv_rank", Always, withLatent},
    {"kv_b.weight", "heads * (nope_dim + value_dim), kv_rank", Optional, withLatent},
    {"key_b.weight", "heads, kv_rank, nope_dim", Optional, withLatent},
    {"value_b.weight", "heads, value_dim, kv_rank", Optional, withLatent},
    {"sinks", "heads", IfNamed, withAttention},
    // What is added to projections that layers share, and what brings a shared layer to the mixer.
    {"query_low.weight", "adapter_rank, attention_input", Optional, withAdapters},
    {"query_high.weight", "heads * head_dim, adapter_rank", Optional, withAdapters},
    {"key_low.weight", "adapter_rank, attention_input", Optional, withAdapters},
    {"key_high.weight", "kv_heads * head_dim, adapter_rank", Optional, withAdapters},
    {"value_low.weight", "adapter_rank, attention_input", Optional, withAdapters},
    {"value_high.weight", "kv_heads * value_dim, adapter_rank", Optional, withAdapters},
    {"gate_low.weight", "adapter_rank, hidden", Optional, withAdapters},
    {"gate_high.weight", "feed_forward, adapter_rank", Optional, withAdapters},
    {"up_low.weight", "adapter_rank, hidden", Optional, withAdapters},
    {"up_high.weight", "feed_forward, adapter_rank", Optional, withAdapters},
    {"memory_norm.weight", "attention_input", Always, withMemory},
    {"memory.weight", "hidden, hidden", Always, withMemory},
    {"attention_gate.weight", "heads * value_dim, hidden", IfNamed, withHeads},
    {"attention_output.weight", "hidden, heads * value_dim", Always, withAttention},
    {"attention_output.bias", "hidden", Optional, withAttention},
    // Scans: what goes through the convolution, the gate, what the scan reads, and the way out.
    {"scan_in.weight", "inner, hidden", Always, withSelectiveScan},
    {"scan_in.bias", "inner", Optional, withSelectiveScan},
    {"scan_in.weight", "inner + 2 * scan_groups * state, hidden", Always, withSsd},
    {"scan_in.bias", "inner + 2 * scan_groups * state", Optional, withSsd},
    {"scan_gate.weight", "inner, hidden", Always, withScan},
    {"scan_gate.bias", "inner", Optional, withScan},
    {"conv.weight", "inner, conv_kernel", Always, withSelectiveScan},
    {"conv.bias", "inner", Optional, withSelectiveScan},
    {"conv.weight", "inner + 2 * scan_groups * state, conv_kernel", Always, withSsd},
    {"conv.bias", "inner + 2 * scan_groups * state", Optional, withSsd},
    {"dt_low.weight", "dt_rank, inner", Always, withSelectiveScan},
    {"dt_norm.weight", "dt_rank", IfNamed, withInputNorms},
    {"scan_b.weight", "state, inner", Always, withSelectiveScan},
    {"scan_b_norm.weight", "state", IfNamed, withInputNorms},
    {"scan_c.weight", "state, inner", Always, withSelectiveScan},
    {"scan_c_norm.weight", "state", IfNamed, withInputNorms},
    {"dt.weight", "inner, dt_rank", Always, withSelectiveScan},
    {"dt.bias", "inner", Always, withSelectiveScan},
    {"dt_in.weight", "scan_heads, hidden", Always, withSsd},
    {"dt_in.bias", "scan_heads", Optional, withSsd},
    {"dt.bias", "scan_heads", Always, withSsd},
    {"scan_a", "state, inner", Always, withSelectiveScan},
    {"scan_a", "scan_heads", Always, withSsd},
    {"scan_d", "inner", Always, withSelectiveScan},
    {"scan_d", "scan_heads", Always, withSsd},
    {"scan_norm.weight", "inner", Always, withScanNorm},
    {"scan_output.weight", "hidden, inner", Always, withScan},
    {"scan_output.bias", "hidden", Optional, withScan},
    // Channels by themselves: a short convolution between gates, or before a recurrence.
    {"scan_in.weight", "inner, hidden", Always, withChannels},
    {"scan_in.bias", "inner", Optional, withChannels},
    {"scan_gate.weight", "inner, hidden", Always, withChannels},
    {"scan_gate.bias", "inner", Optional, withChannels},
    {"conv.weight", "inner, conv_kernel", Always, withChannels},
    {"conv.bias", "inner", Optional, withChannels},
    {"input_gate.weight", "inner, hidden", Always, withMixerOf<MixerKind::ShortConvolution>},
    {"input_gate.bias", "inner", Optional, withMixerOf<MixerKind::ShortConvolution>},
    {"input_gate.weight", "scan_heads, inner / scan_heads, inner / scan_heads", Always, withMixerOf<MixerKind::GatedRecurrence>},
    {"input_gate.bias", "inner", Always, withMixerOf<MixerKind::GatedRecurrence>},
    {"decay_gate.weight", "scan_heads, inner / scan_heads, inner / scan_heads", Always, withMixerOf<MixerKind::GatedRecurrence>},
    {"decay_gate.bias", "inner", Always, withMixerOf<MixerKind::GatedRecurrence>},
    {"scan_a", "inner", Always, withMixerOf<MixerKind::GatedRecurrence, MixerKind::FadingAverage>},
    // Queries, keys and values of a head.
    {"scan_q.weight", "inner, hidden", Always, withMixerOf<MixerKind::FadingAverage>},
    {"scan_k.weight", "inner, hidden", Always, withMixerOf<MixerKind::FadingAverage>},
    {"scan_q.weight", "scan_groups * state, hidden", Always, withMixerOf<MixerKind::GatedDelta>},
    {"scan_k.weight", "scan_groups * state, hidden", Always, withMixerOf<MixerKind::GatedDelta>},
    {"conv_q.weight", "scan_groups * state, conv_kernel", Always, withMixerOf<MixerKind::GatedDelta>},
    {"conv_k.weight", "scan_groups * state, conv_kernel", Always, withMixerOf<MixerKind::GatedDelta>},
    {"conv_v.weight", "inner, conv_kernel", Always, withMixerOf<MixerKind::GatedDelta>},
    {"scan_q.weight", "scan_heads * state, hidden", Always, withMatrices},
    {"scan_q.bias", "scan_heads * state", Optional, withMatrices},
    {"scan_k.weight", "scan_heads * state, hidden", Always, withMatrices},
    {"scan_k.bias", "scan_heads * state", Optional, withMatrices},
    {"scan_v.weight", "inner, hidden", Always, withKeys},
    {"scan_v.bias", "inner", Optional, withKeys},
    {"scan_gate.weight", "inner, hidden", Always, withMatrixGate},
    {"scan_gate.bias", "inner", Optional, withMatrixGate},
    {"scan_norm.weight", "inner", IfNamed, withMatrices},
    {"scan_norm.bias", "inner", IfNamed, withMatrices},
    // What decays and corrects the states of keys and values.
    {"dt.weight", "scan_heads, hidden", Always, withMixerOf<MixerKind::GatedDelta>},
    {"dt.bias", "scan_heads", Always, withMixerOf<MixerKind::GatedDelta>},
    {"scan_a", "scan_heads", Always, withMixerOf<MixerKind::GatedDelta>},
    {"rate.weight", "scan_heads, hidden", Always, withMixerOf<MixerKind::GatedDelta>},
    {"input_gate.weight", "scan_heads, hidden", Always, withMixerOf<MixerKind::MatrixMemory>},
    {"input_gate.bias", "scan_heads", Optional, withMixerOf<MixerKind::MatrixMemory>},
    {"decay_gate.weight", "scan_heads, hidden", Always, withMixerOf<MixerKind::MatrixMemory>},
    {"decay_gate.bias", "scan_heads", Optional, withMixerOf<MixerKind::MatrixMemory>},
    {"scan_bonus", "inner", Always, withMixerOf<MixerKind::FadingAverage, MixerKind::ShiftedDelta>},
    {"scan_bonus", "scan_heads, state", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"decay_low.weight", "decay_rank, hidden", Always, withLowRankDecay},
    {"decay_up.weight", "inner, decay_rank", Always, withLowRankDecay},
    {"decay_up.bias", "inner", Always, withLowRankDecay},
    {"rate_low.weight", "rate_rank, hidden", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"rate_up.weight", "inner, rate_rank", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"rate_up.bias", "inner", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"gate_low.weight", "gate_rank, hidden", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"gate_up.weight", "inner, gate_rank", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"value_low.weight", "value_rank, hidden", Always, withValueResidual},
    {"value_up.weight", "inner, value_rank", Always, withValueResidual},
    {"value_up.bias", "inner", Always, withValueResidual},
    {"key_scale", "inner", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"key_rate", "inner", Always, withMixerOf<MixerKind::ShiftedDelta>},
    // How much of the position before each projection sees.
    {"shift_x", "hidden", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_low.weight", "5 * shift_rank, hidden", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_up_w.weight", "hidden, shift_rank", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_up_k.weight", "hidden, shift_rank", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_up_v.weight", "hidden, shift_rank", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_up_q.weight", "hidden, shift_rank", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_up_g.weight", "hidden, shift_rank", Always, withMixerOf<MixerKind::ShiftedAttention>},
    {"shift_q", "hidden", Always, withShift},
    {"shift_k", "hidden", Always, withShift},
    {"shift_v", "hidden", Always, withShift},
    {"shift_w", "hidden", Always, withLowRankDecay},
    {"shift_g", "hidden", Always, withLowRankDecay},
    {"shift_a", "hidden", Always, withMixerOf<MixerKind::ShiftedDelta>},
    {"scan_output.weight", "hidden, inner", Always, withInner},
    {"scan_output.bias", "hidden", Optional, withInner},
    {"attention_post_norm.weight", "hidden", IfNamed, both<withMixer, withNormWeight>},
    {"attention_post_norm.bias", "hidden", IfNamed, both<withMixer, withNormBias>},
    {"feed_forward_norm.weight", "hidden", IfNamed, both<withFeedForward, withNormWeight>},
    {"feed_forward_norm.bias", "hidden", IfNamed, both<withFeedForward, withNormBias>},
    {"gate.weight", "feed_forward, hidden", Always, withGate},
    {"gate.bias", "feed_forward", Optional, withGate},
    {"up.weight", "feed_forward, hidden", Always, withDense},
    {"up.bias", "feed_forward", Optional, withDense},
    {"down.weight", "hidden, feed_forward", Always, withDense},
    {"down.bias", "hidden", Optional, withDense},
    {"up_shift", "hidden", Always, withShiftedFeedForward},
    {"receptance_shift", "hidden", IfNamed, withShiftedFeedForward},
    {"receptance.weight", "hidden, hidden", IfNamed, withShiftedFeedForward},
    // Experts.
    {"router.weight", "experts, hidden", Always, withExperts},
    {"router.bias", "experts", Optional, withExperts},
    {"router_correction", "experts", IfNamed, withExperts},
    {"expert_gate.weight", "experts, expert_feed_forward, hidden", Always, withExperts},
    {"expert_gate.bias", "experts, expert_feed_forward", Optional, withExperts},
    {"expert_up.weight", "experts, expert_feed_forward, hidden", Always, withExperts},
    {"expert_up.bias", "experts, expert_feed_forward", Optional, withExperts},
    {"expert_down.weight", "experts, hidden, expert_feed_forward", Always, withExperts},
    {"expert_down.bias", "experts, hidden", Optional, withExperts},
    {"shared_gate.weight", "shared_feed_forward, hidden", Always, withShared},
    {"shared_up.weight", "shared_feed_forward, hidden", Always, withShared},
    {"shared_down.weight", "hidden, shared_feed_forward", Always, withShared},
    {"shared_router.weight", "1, hidden", Always, withSharedGate},
    {"feed_forward_post_norm.weight", "hidden", IfNamed, both<withFeedForward, withNormWeight>},
    {"feed_forward_post_norm.bias", "hidden", IfNamed, both<withFeedForward, withNormBias>},
};

llvm::ArrayRef<RoleSpec> tenon::layerRoleSpecs() {
  return layerRows;
}

llvm::SmallVector<StringRef> tenon::roleNames(llvm::ArrayRef<RoleSpec> specs) {
  llvm::SmallVector<StringRef> names;
  for (const RoleSpec &spec : specs)
    if (!llvm::is_contained(names, spec.role))
      names.push_back(spec.role);
  return names;
}

const RoleSpec *tenon::findRole(llvm::ArrayRef<RoleSpec> specs, StringRef role, const BlockOptions &block, const ModelConfig &config) {
  for (const RoleSpec &spec : specs)
    if (spec.role == role && (!spec.applies || spec.applies(block, config)))
      return &spec;
  return nullptr;
}
