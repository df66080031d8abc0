//===- BlockImpl.h - one block as a function ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block is emitted step by step: norms, attention (Attention.cpp, Latent.cpp), the feed-forward network (FeedForward.cpp, Experts.cpp).
// What a layer chooses is read from its options and numbers; a parameter that is not there is a step that is not emitted.

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

/// What a block's function is made from, and takes.
struct BlockSpec {
  const BlockOptions &options;
  const ModelConfig &config;
  /// "blk.*"
  std::string path;
  llvm::ArrayRef<BlockParameter> parameters;
  /// Null if the layer has no rotary positions.
  mlir::RankedTensorType table;
  /// Null if nothing is kept between calls.
  cache::KvType slot;
};

/// Emits `func.func private @name(%x, %table, <parameters>, %slot) -> %y`, without what the block has not.
mlir::func::FuncOp emitBlock(OpEmitter &emitter, llvm::StringRef name, const BlockSpec &spec);

/// The body of one block. Each step takes and gives values; locations come from the parameters' paths.
class BlockBody {
public:
  BlockBody(OpEmitter &emitter, const BlockSpec &spec, llvm::ArrayRef<mlir::BlockArgument> parameters, mlir::Value table, mlir::Value slot);

  mlir::Value emit(mlir::Value input);

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
  mlir::Value linear(llvm::StringRef part, mlir::Value input, InputRounding rounding = InputRounding::AsAsked);
  /// `stream` and what a branch made of it, scaled and normalised as the block does.
  mlir::Value join(llvm::StringRef branch, mlir::Location loc, mlir::Value stream, mlir::Value made);

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
  // FeedForward.cpp
  mlir::Value function(mlir::Location loc, mlir::Value input);
  mlir::Value activate(mlir::Location loc, mlir::Value gate);
  mlir::Value multiply(mlir::Location loc, mlir::Value gate, mlir::Value up);
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
  mlir::Value table, slot;
  llvm::StringMap<mlir::Value> byRole;
  llvm::StringMap<std::string> paths;
};

} // namespace tenon
