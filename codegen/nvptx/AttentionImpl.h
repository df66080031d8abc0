//===- AttentionImpl.h - the forms of attention on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/cpu/AttentionScores.h"
#include "tenon/codegen/nvptx/AttentionBlocks.h"

namespace tenon::codegen::nvptx {

/// Queries that share keys: `rows` rows of `heads` heads. Rows beyond the call's last repeat it, and are not written.
struct QueryTile {
  int64_t rows, heads;
  Value keyHead, firstHead, firstRow;
  Value lastRow; ///< of the call

  int64_t count() const { return rows * heads; }
  Value rowOf(LoopBuilder &b, int64_t row) const { return rows == 1 ? firstRow : b.min(b.add(firstRow, row), lastRow); }
  Value rowOfQuery(LoopBuilder &b, int64_t query) const { return rowOf(b, query / heads); }
  Value headOfQuery(LoopBuilder &b, int64_t query) const { return b.add(firstHead, query % heads); }
};

/// Sums over some of the keys, of each query: the largest score, the sum of 2^(score - largest), and that of the weighted values.
struct AttentionParts {
  Value maxima, sums; ///< [part, query]
  Value outputs;      ///< [part, query, column]
};

class WarpAttention {
public:
  WarpAttention(GpuStage &stage, nn::AttentionOp op, AttentionBlocks &blocks, AttentionScores &scores,
                const QueryTile &tile);
  /// Takes every `splits`-th turn of the blocks of keys that the tile sees, from turn `split` on.
  void emit(Value split, int64_t splits);

  AttentionParts parts; ///< of each warp, in shared memory

private:
  int64_t sumsOfQuery() const { return 2 + blocks.columnsOfLane(); }
  void loadQueries();
  Values loadShared(Value buffer, llvm::SmallVector<Value> indices, int64_t count);
  Values makeScores();
  Value finishScore(Value score, int64_t query, Value key);
  Values addBlock(Value block, Value limit, ValueRange before);
  Values addValues(Value count, ValueRange sums);
  Values addLatentValues(Value count, ValueRange sums);
  void storeParts(ValueRange sums);

  GpuStage &stage;
  WarpTeam warp;
  ElementEmitter &emitter;
  LoopBuilder &b;
  nn::AttentionOp op;
  AttentionBlocks &blocks;
  AttentionScores &scores;
  const QueryTile &tile;
  const int64_t warps;
  int64_t dim = 0, valueDim = 0;
  Value queries; ///< [query, element], scaled
  Value weights; ///< [warp, query, key]
};

} // namespace tenon::codegen::nvptx
