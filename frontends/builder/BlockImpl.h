//===- BlockImpl.h - the emitter of decoder blocks ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/frontends/families/Resolve.h"

namespace tenon {

/// A parameter as a value: its role, its type and the model path of its tensor.
struct BlockParameter {
  llvm::StringRef role;
  mlir::Type type;
  /// "blk.*.attn_q": the tensor's name without its last part, with * for the layer.
  std::string path;
};

/// How much of a linear's input survives rounding. Under `q8` a fine input gets the 16 bits of `q16`: what query, key, value and
/// logits are made of (docs/decisions/2026-11-24-attention-inputs-at-sixteen-bits.md).
enum class InputRounding { AsAsked, Fine };

/// Emits ops of one model, each at the model path that it comes from. Operands that are floats but not f32 are
/// converted where f32 is computed.
class OpEmitter {
public:
  OpEmitter(mlir::OpBuilder &builder, const ModelPlan &plan, nn::Activation activation)
      : builder(builder), plan(plan), activation(activation) {}

  mlir::Location at(const llvm::Twine &path) const;
  mlir::RankedTensorType rows(llvm::ArrayRef<int64_t> shape) const; ///< tensor<?x shape x f32>

  mlir::Value norm(mlir::Location loc, mlir::Value input, mlir::Value weight, mlir::Value bias);
  mlir::Value linear(mlir::Location loc, mlir::Value input, mlir::Value weight, mlir::Value bias,
                     InputRounding rounding = InputRounding::AsAsked);

  mlir::OpBuilder &builder;
  const ModelPlan &plan;

private:
  mlir::Value asF32(mlir::Location loc, mlir::Value value);

  nn::Activation activation;
};

/// Emits `func.func private @name(%x, %table, <parameters>, %slot) -> %y`, without %table if the block has no
/// rotary positions.
mlir::func::FuncOp emitBlock(OpEmitter &emitter, llvm::StringRef name, llvm::ArrayRef<BlockParameter> parameters,
                             mlir::RankedTensorType table, cache::KvType slot);

} // namespace tenon
