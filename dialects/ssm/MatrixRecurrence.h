//===- MatrixRecurrence.h - recurrences whose state is a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ssm.ssd, ssm.linear_attention and ssm.delta_rule are one recurrence over the matrix S [K, V] of each head:
//
//   S' = diag(exp decay) S + left (rightᵀ S) + key valueᵀ,   y = queryᵀ S' + skip x   or   queryᵀ (S + diag(bonus) key valueᵀ)
//
// So kernels and their costs know one recurrence, whatever its op.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/Operation.h"

namespace tenon::ssm {

/// The terms of the recurrence; what an op does not have is null.
struct MatrixRecurrence {
  mlir::Operation *op = nullptr;
  mlir::Value query, key;  ///< [T, G, K]
  mlir::Value value;       ///< [T, H, V]
  mlir::Value step;        ///< [T, H]: scales values and decays
  mlir::Value decay;       ///< a logarithm: [H], [H, K], [T, H] or [T, H, K]
  mlir::Value left, right; ///< [T, G, K]
  mlir::Value bonus;       ///< [H, K]
  mlir::Value skip;        ///< [H]
  mlir::Value state;       ///< [H, K, V]
  bool decaysByKey = false;   ///< each key apart
  bool hasFixedDecay = false; ///< the same for every row
  bool readsBefore = false;
  int64_t heads = 0, groups = 0, keys = 0, values = 0;

  /// Nothing for any other op.
  static std::optional<MatrixRecurrence> of(mlir::Operation *op);
  int64_t headsOfGroup() const { return heads / groups; }
  /// Why no product of matrices takes many rows at once; null if one does.
  const char *whyNotByProducts() const;
  /// Whether its matrices are whole tiles of matrix registers, which hold 16 rows of 32 numbers of bf16.
  bool fillsTiles() const { return keys % 32 == 0 && values % 16 == 0; }
};

} // namespace tenon::ssm
