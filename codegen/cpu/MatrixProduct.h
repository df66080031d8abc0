//===- MatrixProduct.h - products of matrices in scratch memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two ways to the same product: register tiles of f32, for any sizes and targets, and the matrix registers of a target that has them
// (amx-bf16). The latter multiply numbers of bf16 only, so that a factor is split into two of them, high + low, which together keep 16
// of its 24 bits; of the four products the one of two low parts is left out.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/LoopBuilder.h"

namespace tenon::codegen {

/// The lanes of each vector of 16 that together hold some columns.
llvm::SmallVector<int64_t> activeLanes(int64_t columns);

/// Rows and vectors of a register tile.
struct ProductTile {
  int64_t rows, vectors;
};

/// result[i, j] = start[i, j] + sum of left[i, k] right[k, j], k ascending, for columns `active` at a time: 16, or what is left at the end.
struct FloatProduct {
  int64_t rows, columns;
  /// Terms that the rows up to `end` have.
  llvm::function_ref<Value(Value end)> depth;
  llvm::function_ref<Value(Value row, Value k)> left;
  llvm::function_ref<Value(Value k, Value column, int64_t active)> right;
  llvm::function_ref<Value(Value row, Value column, int64_t active)> start;
  llvm::function_ref<void(Value row, Value column, int64_t active, Value sum)> finish;
};
void emitProduct(LoopBuilder &b, const ProductTile &tile, const FloatProduct &product);

/// A factor in high and low parts, two neighbours in a dword. Along a product's depth, 16 numbers and the 16 after them are neighbours.
struct SplitMatrix {
  Value high, low;
  /// A left factor [rows, depth].
  static SplitMatrix left(LoopBuilder &b, int64_t rows, int64_t depth);
  /// A right factor [depth, columns].
  static SplitMatrix right(LoopBuilder &b, int64_t depth, int64_t columns);
  /// Sets 2 x 16 numbers: of a left factor, those at `depth` and `depth + 16` of a row.
  void setLeft(LoopBuilder &b, Value row, Value depth, Value first, Value second) const;
  /// Of a right factor, columns of the rows `depth` and `depth + 16`; `depth` is 0 ... 15 after a multiple of 32.
  void setRight(LoopBuilder &b, Value depth, Value column, Value first, Value second) const;

private:
  void set(LoopBuilder &b, ValueRange indices, Value first, Value second) const;
};

/// Floats in memory, a row `stride` numbers after the other.
struct TileTarget {
  Value buffer;
  llvm::function_ref<llvm::SmallVector<Value>(Value row, Value column)> at;
  int64_t stride;
};

/// 32 rows of the product of `depth` (a multiple of 32) terms, from `row` on and of `columns` (a multiple of 16), are added to what the
/// target holds or, unless `adds`, replace it.
void emitTileRows(LoopBuilder &b, const SplitMatrix &left, const SplitMatrix &right, Value row, int64_t columns, int64_t depth,
                  const TileTarget &target, bool adds);

/// Transposes a block of 16 vectors of 16.
void transpose(LoopBuilder &b, llvm::MutableArrayRef<Value> vectors);

} // namespace tenon::codegen
