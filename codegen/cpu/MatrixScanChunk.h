//===- MatrixScanChunk.h - a head's chunk by products of matrices ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/cpu/MatrixProduct.h"
#include "tenon/codegen/cpu/MatrixScan.h"

namespace tenon::codegen {

/// Takes all rows of a chunk at once.
class MatrixChunk {
public:
  /// `rows` are made for products, a multiple of 32 of them.
  MatrixChunk(LoopBuilder &b, const MatrixRecurrence &recurrence, MatrixRows &rows, const Target &target);
  /// Makes what the heads of a group share.
  void beginGroup();
  void emitHead(const MatrixState &state);

private:
  void addDecays();
  Values turnKeys(Value row, Value key);
  void splitGroup();
  void beginHead();
  void emitByFloats(const MatrixState &state);
  void emitByTiles(const MatrixState &state);
  Value exp2(Value exponent);
  Value readDecay(Value row);
  Value readFactor(Value row);
  Value scaled(Value vector, Value factor);
  Value weightsOf(Value row, Value column);
  Value decayedValues(Value row, Value column);

  LoopBuilder &b;
  const MatrixRecurrence &recurrence;
  MatrixRows &rows;
  const int64_t keys, chunk, columns;
  ProductTile tile;
  Value scores;     ///< [chunk, chunk]: queries keysᵀ
  Value sums;       ///< [1 + chunk, heads of a group]: of decays, up to before each row and the chunk's end
  Value ends;       ///< [chunk]: the head's sums after each row
  Value factors;    ///< [chunk]: what is left of a row's values at the end of the chunk
  Value lastFactor; ///< what is left of the state; null if nothing decays
  // Products of f32.
  Value turnedKeys; ///< [K, chunk]
  Value weights;    ///< [chunk, chunk]
  Value decayed;    ///< [chunk, columns]: values at the end of the chunk
  /// Products in matrix registers.
  struct Tiles {
    SplitMatrix queries, keys, turnedKeys, weights, values, decayed, state;
    Value read; ///< [chunk, columns]: queries S
  };
  std::optional<Tiles> tiles;
};

} // namespace tenon::codegen
