//===- HeadState.h - steps of recurrences with a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/ssm/Graph.h"

namespace tenon::ssm {

/// The state [H, K, V] of one row's step, and what is done with it in every recurrence of this kind.
class HeadState {
public:
  HeadState(Graph &graph, mlir::Value state);

  /// A row [1, G, K] of groups as [H, K], head h reading group h / (H/G).
  mlir::Value keys(mlir::Value row);
  /// A row [1, H, V] as [H, V].
  mlir::Value values(mlir::Value row) { return g.reshape(row, {heads, valueSize}); }
  /// `state` times exp of a decay with one number for each head or, if `ofKeys`, for each head and key.
  mlir::Value decayed(mlir::Value state, mlir::Value logDecay, bool ofKeys);
  /// k v^T for each head.
  mlir::Value outer(mlir::Value keys, mlir::Value values);
  /// k^T state for each head, [H, V].
  mlir::Value read(mlir::Value keys, mlir::Value state);
  /// [H, V] as a row.
  mlir::Value row(mlir::Value values) { return g.reshape(values, {1, heads, valueSize}); }

  int64_t heads, keySize, valueSize;

private:
  Graph &g;
};

} // namespace tenon::ssm
