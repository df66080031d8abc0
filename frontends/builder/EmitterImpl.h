//===- EmitterImpl.h - the emitter of ops at model paths ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/frontends/families/Resolve.h"

namespace tenon {

/// How much of a linear's input survives rounding. Under `q8` a fine input gets the 16 bits of `q16`: what query, key, value and
/// logits are made of (docs/decisions/2026-11-24-attention-inputs-at-sixteen-bits.md).
enum class InputRounding { AsAsked, Fine };

/// The kind of a norm, its parameters (null if it has none) and its eps.
struct NormSpec {
  NormKind kind = NormKind::Rms;
  mlir::Value weight, bias;
  double eps = 0;
};

/// Emits ops of one model, each at the model path that it comes from. Operands that are floats but not f32 are
/// converted where f32 is computed.
class OpEmitter {
public:
  OpEmitter(mlir::OpBuilder &builder, nn::Activation activation) : builder(builder), activation(activation) {}

  mlir::Location at(const llvm::Twine &path) const;
  mlir::RankedTensorType rows(llvm::ArrayRef<int64_t> shape) const; ///< tensor<?x shape x f32>

  mlir::Value asF32(mlir::Location loc, mlir::Value value);
  mlir::Value norm(mlir::Location loc, mlir::Value input, const NormSpec &spec);
  mlir::Value linear(mlir::Location loc, mlir::Value input, mlir::Value weight, mlir::Value bias,
                     InputRounding rounding = InputRounding::AsAsked);
  /// The rounding that takes effect for a weight.
  nn::Activation roundingFor(mlir::Value weight, InputRounding rounding) const;
  /// The same elements under tensor<?x shape x f32>.
  mlir::Value reshape(mlir::Location loc, mlir::Value input, llvm::ArrayRef<int64_t> shape);
  /// `size` elements of the last dimension from `start` on.
  mlir::Value columns(mlir::Location loc, mlir::Value input, int64_t start, int64_t size);
  /// A constant of rank 1, or of rank 0 if there is one number.
  mlir::Value constant(mlir::Location loc, llvm::ArrayRef<float> values);
  mlir::Value number(mlir::Location loc, double value);
  /// The input multiplied by a number; the input itself if there is none or it is 1.
  mlir::Value scale(mlir::Location loc, mlir::Value input, std::optional<double> factor);

  mlir::OpBuilder &builder;

private:
  nn::Activation activation;
};

} // namespace tenon
