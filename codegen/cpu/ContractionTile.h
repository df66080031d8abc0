//===- ContractionTile.h - sums over k in registers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One register tile of a contraction: some rows of one input times some panels ("streams"), over all of k. For every (row, channel) the
// operations and their order are the same in every tile, so results do not depend on the tile's shape:
//
//   integers   for each 32 k, or each half of them when the weights' spans are 16: the exact integer sum of products, then
//              f = fma(dw * da, sum, f), then with minima f = fma(m, da * (sum of the row's integers), f)
//   floats     f = fma(w, a, f) for each k, ascending
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/PanelReader.h"

namespace tenon::codegen {

/// The left operand of a contraction, in its buffer.
struct ContractionInput {
  Value buffer;
  mlir::RankedTensorType type;
};

/// A row of the input: of its buffer, from a column on, which is a multiple of 32 when the input is rounded.
struct InputRow {
  Value row;
  Value column = {}; ///< null: 0
};

/// A panel of a weight, and the column of the tile's result that its 16 channels go to.
struct Stream {
  PanelReader *weight;
  Value panel;
  Value column;
};

/// Computes rows of the input times the streams and stores them in `result`, a memref of f32, from its row
/// `resultRow` on. All streams are of quantised weights, or none is.
void emitTile(LoopBuilder &b, const ContractionInput &input, llvm::ArrayRef<InputRow> rows, llvm::ArrayRef<Stream> streams, Value result,
              Value resultRow);
/// The same with rows `row ... row + rows`.
void emitTile(LoopBuilder &b, const ContractionInput &input, Value row, int64_t rows, llvm::ArrayRef<Stream> streams, Value result,
              Value resultRow);

} // namespace tenon::codegen
