//===- MatrixScan.h - recurrences whose state is a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel walks the rows in chunks. A chunk's rows are copied to scratch memory (MatrixRows), whatever they are computed from; then
// each head takes the chunk row by row (MatrixScanSteps.cpp) or by products of matrices (MatrixScanChunk.cpp).
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/ssm/MatrixRecurrence.h"

namespace tenon::codegen {

using ssm::MatrixRecurrence;

/// How a matrix is divided.
struct MatrixBlocks {
  int64_t columns; ///< that a thread takes at a time, a divisor of V
  int64_t rows;    ///< of the state that stay in registers
  int64_t vectors; ///< of 16 columns that do
  static MatrixBlocks of(const MatrixRecurrence &recurrence, const Target &target);
};

/// The rows of a chunk as floats in scratch memory, for one group of heads and the head in hand.
class MatrixRows {
public:
  /// `forProducts`: rows beyond the last are zeros, and decays of heads are kept as logarithms.
  MatrixRows(ElementEmitter &emitter, const MatrixRecurrence &recurrence, int64_t chunk, int64_t columns, bool forProducts);

  /// The terms that the heads of a group share, of rows `first ... first + count`.
  void loadGroup(Value group, Value first, Value count);
  /// A head's own terms for the columns from `column` on, and what its outputs begin with.
  void loadHead(Value head, Value column);
  /// What a row multiplies the state's row of `key` by; kept as a factor.
  Value decayOf(Value row, Value key);

  const int64_t chunk;   ///< rows that there is memory for
  const int64_t columns; ///< of values
  Value first, count;    ///< the rows in hand
  Value headInGroup;
  Value queries, keys, lefts, rights; ///< [chunk, K]
  Value values, outputs;              ///< [chunk, columns]
  Value steps;                        ///< [chunk, heads of a group]
  Value decays;                       ///< [chunk, heads of a group or K]: factors, or logarithms in base 2

private:
  using Map = llvm::function_ref<Value(Value vector, Value offset)>;
  void forVectors(int64_t columns, llvm::function_ref<void(Value offset, int64_t active)> body);
  Value pull(Value value, Place place) { return emitter.team ? emitter.pull(value, place) : emitter.pullWide(value, place); }
  Value memory(int64_t columns);
  void copyRow(Value value, Value row, Value column, int64_t columns, Value scratch, Value at, Map map);
  void copyRows(Value value, Value column, int64_t columns, Value scratch);
  void clearRest(Value scratch);
  void loadDecays(Value row, Value column, int64_t columns);
  Value bonusOf(Value head, Value at);

  ElementEmitter &emitter;
  LoopBuilder &b;
  const MatrixRecurrence &recurrence;
  const bool forProducts;
  const int64_t lanes; ///< of a vector
};

/// A block of a head's matrix in memory: some columns of all K rows.
struct MatrixState {
  Value buffer, head; ///< the head's row of [heads, K * V]
  Value column;       ///< the first of the block
  int64_t stride;     ///< V
  /// The indices of an element.
  llvm::SmallVector<Value, 2> at(LoopBuilder &b, Value key, Value column) const {
    return {head, b.add(b.mul(key, stride), b.add(this->column, column))};
  }
};

/// Takes a head's chunk row by row: blocks of the state stay in registers while they walk it.
void emitMatrixSteps(LoopBuilder &b, const MatrixRecurrence &recurrence, const MatrixBlocks &blocks, MatrixRows &rows,
                     const MatrixState &state);

class ScanFrame;
mlir::LogicalResult emitMatrixScan(ScanFrame &scan, const MatrixRecurrence &recurrence);

} // namespace tenon::codegen
