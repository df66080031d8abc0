//===- AttentionScores.h - which keys a query sees, and how much ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The softmax is in base 2. Where nothing is done to a score after the product, the scale of the queries holds log2(e); elsewhere the
// adjustment multiplies by it.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/dialects/nn/NN.h"

namespace tenon::codegen {

/// Less than any score; the first maximum lies above it, so that 2^(invisible - maximum) is 0.
constexpr double invisibleScore = -2e38, firstMaximum = -1e38;

double log2OfE();

class AttentionScores {
public:
  AttentionScores(ElementEmitter &emitter, nn::AttentionOp op) : emitter(emitter), b(emitter.b), op(op) {}
  /// Biases, sinks and slopes are arguments; others are reported.
  mlir::LogicalResult check();
  /// Computes what all rows need, at the insertion point; `count` is the number of keys.
  void begin(Value count);

  /// What elements of a query are multiplied by.
  double scaleOfQueries();
  /// Whether `adjust` does anything.
  bool adjusts() { return op.getSoftCap() || op.getBias() || op.getSlopes(); }
  /// Soft cap, bias and slopes, then the change to base 2, for the scores of `lanes` keys from `key` on.
  Value adjust(Value scores, Value head, Value row, Value key, int64_t lanes);

  /// Whether a row does not see all keys before it.
  bool hidesEarlier() { return op.getWindow() || op.getChunk(); }
  /// The first key that a row may see, and the one after the last.
  Value firstVisible(Value row);
  Value endVisible(Value row);
  /// Gives the keys that a row does not see the least score.
  Value hide(Value scores, Value row, Value key, int64_t lanes);

  /// The score of a head's sink in base 2; the op has sinks.
  Value sink(Value head);

private:
  ElementEmitter &emitter;
  LoopBuilder &b;
  nn::AttentionOp op;
  Value count, rows;
  Value ahead; ///< keys before the first row's own position
  Value bias;  ///< as one row of elements
};

} // namespace tenon::codegen
