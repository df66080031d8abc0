//===- HeadRows.h - many rows of recurrences with a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// With `total[t]` the sum of the decays' logarithms up to row t, what row j adds is exp(total[i] - total[j]) of itself in the state after
// row i. Rows of a chunk meet each other by these differences, which are never positive and are masked before the exponential, so that
// decays may be as strong as they like.
//

#pragma once

#include "tenon/dialects/ssm/Graph.h"

namespace tenon::ssm {

/// Sequences of T rows over heads [T, H, ...], for a state [H, K, V].
class HeadRows {
public:
  HeadRows(Graph &graph, mlir::Value state);

  /// Rows [T, G, K] of groups as [T, H, K].
  mlir::Value keys(mlir::Value rows);
  /// Logarithms of decays, with or without keys and rows of their own, as [T, H, K]; zeros if there are none. `like` has T rows.
  mlir::Value decays(mlir::Value logDecay, bool ofKeys, bool hasRows, mlir::Value like);

  /// weights[h, i, j] = sum_k q[i, h, k] exp(reading[i, h, k] - adding[j, h, k]) k[j, h, k] where j - i <= diagonal, else 0.
  mlir::Value weights(mlir::Value q, mlir::Value reading, mlir::Value k, mlir::Value adding, int64_t diagonal);
  /// Rows [T, H, X] as [H, T, X], and back.
  mlir::Value byHead(mlir::Value rows) { return g.transpose(rows, {1, 0, 2}); }
  /// q[t]^T exp(total[t]) state for each row and head, [H, T, V].
  mlir::Value readFirst(mlir::Value q, mlir::Value totals, mlir::Value state);
  /// The state after all rows, to which row j adds k[j] v[j]^T; `state` has had the decay of all rows already.
  mlir::Value addRows(mlir::Value state, mlir::Value k, mlir::Value totals, mlir::Value valuesByHead);
  /// The state with the decay of all rows.
  mlir::Value decayed(mlir::Value state, mlir::Value totals);

  // Elements of associative forms, [T, H, K, V].
  mlir::Value outer(mlir::Value keys, mlir::Value values);
  mlir::Value overValues(mlir::Value keys) { return g.broadcast(keys, {rows(keys), heads, keySize, valueSize}, {0, 1, 2}); }
  /// keys[t]^T states[t], [T, H, V].
  mlir::Value read(mlir::Value keys, mlir::Value states) { return g.sum(g.mul(states, overValues(keys)), 2); }

  int64_t heads, keySize, valueSize;

private:
  static int64_t rows(mlir::Value value) { return Graph::shapeOf(value)[0]; }
  /// The last row.
  mlir::Value last(mlir::Value rows) { return g.reshape(g.rows(rows, -1, 1), {heads, keySize}); }

  Graph &g;
};

} // namespace tenon::ssm
