//===- BlockImpl.h - one block as a function ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block is emitted step by step: norms, the mixer (Mixer.cpp) that is attention (Attention.cpp, Latent.cpp) or a recurrence (Scan.cpp),
// the feed-forward network (FeedForward.cpp, Experts.cpp). What a layer chooses is read from its options and numbers; a parameter that
// is not there is a step that is not emitted.

#pragma once

#include "tenon/frontends/builder/EmitterImpl.h"

namespace tenon {

/// A parameter as a value: its role, its type and the model path of its tensor.
struct BlockParameter {
  llvm::StringRef role;
  mlir::Type type;
  /// "blk.*.attn_q": the tensor's name without its last part, with * for the layer.
  std::string path;
};

/// What a layer keeps between calls: the role by which its mixer asks for it ("kv", "conv", "scan"), which with the layer's number is the
/// slot's name, and the slot's type.
struct BlockSlot {
  llvm::StringRef role;
  cache::SlotTypeInterface type;
  bool operator==(const BlockSlot &) const = default;
};

/// A value beside the stream that blocks hand on: the first layer's values, say.
struct CarriedValue {
  llvm::StringRef name;
  mlir::RankedTensorType type;
  bool operator==(const CarriedValue &) const = default;
};

/// The slots of a layer with these options and numbers. Keys and values are of type `element`.
llvm::SmallVector<BlockSlot> slotsOf(OpEmitter &emitter, const BlockOptions &options, const ModelConfig &config, mlir::Type element);

/// The carried value that is there from the start.
inline constexpr llvm::StringLiteral embeddingsName = "embeddings";
/// The values that the first layer had for its tokens.
inline constexpr llvm::StringLiteral firstValuesName = "first_values";

/// The values beside the stream that a layer with these options and numbers asks for. It makes those that no layer before it made.
llvm::SmallVector<CarriedValue, 1> carriedOf(OpEmitter &emitter, const BlockOptions &options, const ModelConfig &config);

/// What a block's function is made from, and takes.
struct BlockSpec {
  const BlockOptions &options;
  const ModelConfig &config;
  /// "blk.*"
  std::string path;
  llvm::ArrayRef<BlockParameter> parameters;
  /// Null if the layer has no rotary positions.
  mlir::RankedTensorType table;
  llvm::ArrayRef<BlockSlot> slots;
  /// What the block takes beside the stream, and what it gives.
  llvm::ArrayRef<CarriedValue> reads, makes;
};

/// Emits `func.func private @name(%x, <reads>, %table, <parameters>, <slots>) -> (%y, <makes>)`, without what the block has not.
mlir::func::FuncOp emitBlock(OpEmitter &emitter, llvm::StringRef name, const BlockSpec &spec);

/// The body of one block. Each step takes and gives values; locations come from the parameters' paths.
class BlockBody {
public:
  /// `arguments` are the function's.
  BlockBody(OpEmitter &emitter, const BlockSpec &spec, llvm::ArrayRef<mlir::BlockArgument> arguments);

  mlir::Value emit(mlir::Value input);
  /// The value of that name beside the stream; null if it is this block that makes it and has not yet.
  mlir::Value getCarried(llvm::StringRef name) const { return carried.lookup(name); }

private:
  /// The value of `part.weight` or `part.bias`, or null.
  mlir::Value parameter(llvm::StringRef part, llvm::StringRef which) { return byRole.lookup((part + "." + which).str()); }
  /// Where a part is in the model; the block with the part's name if the part has no parameters.
  mlir::Location locOf(llvm::StringRef part);
  /// The path of what `part` belongs to: "blk.*" of "blk.*.attn_q".
  std::string parentOf(llvm::StringRef part);

  /// Whether the block has the norm: its weight is there, or it is one that every block without norm parameters has.
  bool hasNorm(llvm::StringRef part);
  mlir::Value norm(llvm::StringRef part, mlir::Value input);
  mlir::Value normIfThere(llvm::StringRef part, mlir::Value input) { return hasNorm(part) ? norm(part, input) : input; }
  /// The part's projection, multiplied by the number `part_scale` if there is one.
  mlir::Value linear(llvm::StringRef part, mlir::Value input, InputRounding rounding = InputRounding::AsAsked);
  /// `stream` and what a branch made of it, scaled and normalised as the block does.
  mlir::Value join(llvm::StringRef branch, mlir::Location loc, mlir::Value stream, mlir::Value made);

  mlir::Value recall(mlir::Value input);

  // Mixer.cpp
  mlir::Value mixOne(MixerKind kind, mlir::Value input);
  mlir::Value mix(mlir::Value input);
  mlir::Location mixerLoc();
  /// Emits a recurrence over a slot: `emit` gets the state and gives it back after the call's positions, with what the recurrence computes.
  mlir::Value recur(llvm::StringRef role, mlir::Location loc,
                    llvm::function_ref<std::pair<mlir::Value, mlir::Value>(mlir::Value state)> emit);
  mlir::Value slot(llvm::StringRef role) const { return slots.lookup(role); }
  // Attention.cpp
  mlir::Value heads(llvm::StringRef part, mlir::Value input, int64_t count);
  mlir::Value normaliseHeads(llvm::StringRef part, mlir::Value input);
  mlir::Value rotate(llvm::StringRef part, mlir::Value input);
  mlir::Value attend(mlir::Location loc, mlir::Value query, mlir::Value key, mlir::Value value, double scale);
  mlir::Value headAttention(mlir::Value input);
  mlir::Value attention(mlir::Value input);
  // Latent.cpp
  mlir::Value latentQuery(mlir::Value input);
  mlir::Value latentAttention(mlir::Value input);
  // Scan.cpp
  mlir::Value convolve(llvm::StringRef part, mlir::Value input);
  mlir::Value activeConvolution(llvm::StringRef part, mlir::Value input);
  mlir::Value steps(mlir::Value dt);
  mlir::Value selectiveScan(mlir::Value input);
  mlir::Value ssd(mlir::Value input);
  mlir::Value normaliseScan(mlir::Value value);
  mlir::Value gateScan(mlir::Value result, mlir::Value input);
  // Channels.cpp
  mlir::Value shortConvolution(mlir::Value input);
  mlir::Value gateOfHeads(llvm::StringRef part, mlir::Value input);
  mlir::Value hasPredecessor(mlir::Value input);
  mlir::Value gatedRecurrence(mlir::Value input);
  // LinearAttention.cpp
  mlir::Value headsOf(llvm::StringRef part, mlir::Value input, int64_t count);
  mlir::Value spread(mlir::Location loc, mlir::Value numbers, int64_t size);
  mlir::Value linearAttention(mlir::Value input);
  // GatedDelta.cpp
  mlir::Value unitHeads(mlir::Location loc, mlir::Value input, double eps);
  mlir::Value convolvedHeads(llvm::StringRef part, llvm::StringRef convolution, mlir::Value input, int64_t count);
  mlir::Value gatedDelta(mlir::Value input);
  // MatrixMemory.cpp
  mlir::Value softGate(llvm::StringRef part, mlir::Value input);
  std::pair<mlir::Value, mlir::Value> largestExponents(mlir::Location loc, mlir::Value decay, mlir::Value gate);
  mlir::Value matrixMemory(mlir::Value input);
  // TokenShift.cpp
  mlir::Value changeFromPrevious(llvm::StringRef role, mlir::Location loc, mlir::Value input);
  mlir::Value blend(llvm::StringRef role, mlir::Value input, mlir::Value change);
  mlir::Value lowRank(llvm::StringRef name, mlir::Value input, llvm::function_ref<mlir::Value(mlir::Location, mlir::Value)> between);
  mlir::Value fadingAverage(mlir::Value input);
  mlir::Value shiftedAttention(mlir::Value input);
  mlir::Value valuesWithFirst(mlir::Value blended);
  mlir::Value shiftedDelta(mlir::Value input);
  // FeedForward.cpp
  mlir::Value function(mlir::Location loc, mlir::Value input);
  mlir::Value activate(mlir::Location loc, mlir::Value gate);
  mlir::Value multiply(mlir::Location loc, mlir::Value gate, mlir::Value up);
  mlir::Value shiftedFeedForward(mlir::Value input);
  mlir::Value feedForward(mlir::Value input);
  // Experts.cpp
  mlir::Value grouped(llvm::StringRef part, mlir::Value input, mlir::Value routing);
  mlir::Value sharedExpert(mlir::Value input);
  mlir::Value experts(mlir::Value input);

  OpEmitter &emitter;
  mlir::OpBuilder &builder;
  const BlockOptions &options;
  const ModelConfig &config;
  std::string path;
  mlir::Value table;
  llvm::StringMap<mlir::Value> byRole, slots, carried;
  llvm::StringMap<std::string> paths;
};

} // namespace tenon
