//===- Block.h - the block that families choose parts of ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The block that the builder can emit, in its plainest form:
//
//   h = x + mixer(norm(x));  y = h + feed_forward(norm(h))
//
// The mixer is what reads other positions: attention, or a recurrence. Either half may be absent, and layers may differ in all of it.
// What differs between families, or between the layers of a model, is an option here, a number (Numbers.h) or a parameter that is there
// or not (Roles.h). Descriptors name all three; whatever they name is looked up in these tables, so a part that no table has is an error
// message. README.md says what each part means.

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace tenon {

enum class EntryKind { Decoder, Encoder };
enum class NormKind { Rms, Layer };
/// What a norm has beside its eps. Left open, it is Weight for Rms and WeightBias for Layer.
enum class NormParameters { Weight, WeightBias, None };
/// AfterResidual: x = norm(x + f(x)). OfStream: x = norm(x); x = x + f(x).
enum class NormPlacement { Before, AfterResidual, OfStream };
/// Parallel: y = x + mixer(norm(x)) + feed_forward(norm'(x)), where norm' is norm if there is no feed_forward_norm. AttentionFirst:
/// y = x + mixer(norm(x + memory(feed_forward(norm'(attention(norm''(x, embeddings))))))), which reads the embeddings beside x.
enum class ResidualKind { Sequential, Parallel, AttentionFirst };
/// What mixes positions. SelectiveScan: a short convolution and a recurrence of diagonal states, whose steps, inputs and outputs are made
/// of what goes in. Ssd: the same with one decay a head and matrices as states.
/// ShortConvolution: a few positions of each channel, gated on both sides. GatedRecurrence: a short convolution and a diagonal recurrence
/// whose decays and inputs are gated. LinearAttention: sums of keys times values that decay at a fixed rate. GatedDelta: states corrected
/// by what they say for a key. FadingAverage: averages of values, weighted by exponentials of keys. MatrixMemory: keys times values under
/// exponential gates, divided by the sum of the keys' weights. Three see each position beside the one before it, their shifted input:
/// FadingAverage, ShiftedAttention (decays that are made of it) and ShiftedDelta (states corrected as well).
enum class MixerKind {
  None,
  Attention,
  SelectiveScan,
  Ssd,
  ShortConvolution,
  GatedRecurrence,
  LinearAttention,
  GatedDelta,
  FadingAverage,
  ShiftedAttention,
  ShiftedDelta,
  MatrixMemory
};
/// What reads the mixer's input too, its result added.
enum class BesideMixer { Nothing, Attention };
/// The norm of a scan's result, in groups: not there, norm(y * f(gate)), or norm(y) * f(gate).
enum class ScanNorm { None, AfterGate, BeforeGate };
/// What becomes of a scan's gate, f.
enum class ScanGate { Silu, Sigmoid };
/// What becomes of queries, keys and values of linear attention.
enum class ScanInputs { AsTheyAre, Silu };
/// A head's decay for linear attention, counted from 0 of H: exp(-2^(-8 (h + 1) / H)), or 1 - 2^(-5 - h).
enum class ScanDecay { Slopes, Powers };
/// Gated: down(f(gate(x)) * up(x)). Plain: down(f(up(x))). Moe: gated experts that a router chooses. Shifted: plain, over each position
/// beside the one before it, perhaps times sigmoid(receptance) of another such mixture.
enum class FeedForwardKind { None, Gated, Plain, Moe, Shifted };
enum class FeedForwardFunction { Silu, Gelu, GeluTanh, QuickGelu, Relu, Relu2, SwigluClamped };
/// Latent: queries and keys with values are expanded from vectors of query_rank and kv_rank.
enum class AttentionKind { Heads, Latent };
/// Chunked: a key is visible only from its own chunk of `chunk` positions.
enum class MaskKind { Full, Chunked };
/// Which elements of a head are rotated together; see nn.rope.
enum class RopeKind { None, Interleaved, Half };
enum class RopeScaling { None, Linear, Dynamic, Yarn, Llama3, Longrope };
enum class PositionBias { None, Alibi };
/// What is normalised together, and so the weight's shape: a head with one weight for all of them, [head_dim]; a head with its own weight,
/// [heads, head_dim]; the whole projection, [heads * head_dim].
enum class QkNorm { None, Head, Heads, Projection };
enum class QkNormKind { Rms, Layer, L2 };
enum class QkNormOrder { BeforeRope, AfterRope };
/// SoftmaxSelected: over the chosen experts only.
enum class RouterScore { Softmax, Sigmoid, SoftmaxSelected };
/// The score of a group of experts: that of its best, or the sum of its two best.
enum class GroupScore { Max, Top2 };
/// Whether an expert's weight multiplies what it gives or what it gets.
enum class ExpertWeighting { Output, Input };
enum class SharedGate { None, Sigmoid };
/// Tied: the logits' weight is the embedding.
enum class OutputKind { Tied, Separate };
enum class Pooling { None, Mean, Cls };

/// The parts of a block that are neither numbers nor parameters.
struct BlockOptions {
  EntryKind entry = EntryKind::Decoder;
  NormKind norm = NormKind::Rms;
  NormParameters normParameters = NormParameters::Weight;
  NormPlacement normPlacement = NormPlacement::Before;
  ResidualKind residual = ResidualKind::Sequential;
  FeedForwardKind feedForward = FeedForwardKind::Gated;
  FeedForwardFunction function = FeedForwardFunction::Silu;
  MixerKind mixer = MixerKind::Attention;
  BesideMixer besideMixer = BesideMixer::Nothing;
  ScanNorm scanNorm = ScanNorm::None;
  NormKind scanNormKind = NormKind::Rms;
  ScanGate scanGate = ScanGate::Silu;
  ScanInputs scanInputs = ScanInputs::AsTheyAre;
  ScanDecay scanDecay = ScanDecay::Slopes;
  AttentionKind attention = AttentionKind::Heads;
  bool causal = true;
  MaskKind mask = MaskKind::Full;
  RopeKind rope = RopeKind::None;
  RopeScaling ropeScaling = RopeScaling::None;
  PositionBias positionBias = PositionBias::None;
  QkNorm qkNorm = QkNorm::None;
  QkNormKind qkNormKind = QkNormKind::Rms;
  QkNormOrder qkNormOrder = QkNormOrder::BeforeRope;
  RouterScore router = RouterScore::Softmax;
  bool routerRenormalise = true;
  GroupScore groupScore = GroupScore::Max;
  ExpertWeighting expertWeighting = ExpertWeighting::Output;
  SharedGate sharedGate = SharedGate::None;
  OutputKind output = OutputKind::Separate;
  Pooling pooling = Pooling::None;

  /// Sets the option of that name ("norm", "feed_forward") to the part of that name; false if there is no such option or part.
  bool set(llvm::StringRef option, llvm::StringRef part);
  /// The name of an option's part, or empty if there is no such option.
  llvm::StringRef get(llvm::StringRef option) const;
  /// The parts that an option can have, separated by commas; empty if there is no such option.
  static std::string partsOf(llvm::StringRef option);
  /// Every option's name.
  static llvm::SmallVector<llvm::StringRef> names();
  /// The options that every family has to choose: a default would only hide that one was forgotten.
  static llvm::ArrayRef<llvm::StringRef> required();

  /// Whether the block has attention, and whether its positions are rotary ones.
  bool attends() const {
    return mixer == MixerKind::Attention || besideMixer == BesideMixer::Attention || residual == ResidualKind::AttentionFirst;
  }
  bool rotates() const { return (attends() || mixer == MixerKind::LinearAttention) && rope != RopeKind::None; }
  /// Whether the mixer has matrices of keys and values as states.
  bool keepsMatrices() const {
    return mixer == MixerKind::LinearAttention || mixer == MixerKind::GatedDelta || mixer == MixerKind::ShiftedAttention ||
           mixer == MixerKind::ShiftedDelta || mixer == MixerKind::MatrixMemory;
  }

  bool operator==(const BlockOptions &) const = default;
};

} // namespace tenon
