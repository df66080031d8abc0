//===- AttentionEmitter.cpp - softmax attention on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block of threads takes a row and some heads that share a key/value head (WarpAttention). Its warps' sums are merged where the
// sinks pull the result.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/nvptx/AttentionImpl.h"
#include "tenon/codegen/nvptx/WarpMemory.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

namespace {
/// Warps of a block: they share out the blocks of keys.
constexpr int64_t blockWarps = 4;
/// Columns of all queries' outputs that a lane has in registers, and queries of a tile, at most.
constexpr int64_t mostColumns = 32, mostQueries = 8;

class Attention {
public:
  Attention(GpuKernelFrame &frame, nn::AttentionOp op)
      : frame(frame), op(op), heads(cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1)),
        dim(cast<RankedTensorType>(op.getQuery().getType()).getDimSize(2)), valueDim(cast<RankedTensorType>(op.getType()).getDimSize(2)),
        headsOfKeys(heads / cast<RankedTensorType>(op.getKey().getType()).getDimSize(1)) {}
  LogicalResult emit();

private:
  int64_t headsOfTile() const;
  LogicalResult check(GpuStage &stage);
  LogicalResult emitRows(GpuStage &stage);
  void writeTile(GpuStage &stage, const QueryTile &tile, AttentionScores &scores, const AttentionParts &parts, int64_t count);

  GpuKernelFrame &frame;
  nn::AttentionOp op;
  int64_t heads, dim, valueDim, headsOfKeys;
};
} // namespace

/// The most heads that share a key/value head and whose outputs fit in registers.
int64_t Attention::headsOfTile() const {
  int64_t limit = std::clamp<int64_t>(mostColumns / llvm::divideCeil(valueDim, warpThreads), 1, mostQueries);
  int64_t count = std::min(limit, headsOfKeys);
  while (headsOfKeys % count != 0)
    --count;
  return count;
}

LogicalResult Attention::check(GpuStage &stage) {
  for (const Sink &sink : stage.sinks) {
    FailureOr<Anchors> anchors = collectAnchors(sink.value, TypeID::get<nn::AttentionOp>());
    if (failed(anchors))
      return failure();
    if (anchors->ops.size() != 1 || anchors->panels > 0)
      return frame.kernel.emitError("kernel for a GPU: expects results that the one attention makes");
    bool isRounded = sink.step == tile::activationBlock;
    if (sink.columns != heads * valueDim || (isRounded && valueDim % sink.step != 0))
      return frame.kernel.emitError("kernel for a GPU: expects results as wide as the attention's, in heads of whole blocks");
  }
  return success();
}

LogicalResult Attention::emit() {
  int64_t tileHeads = headsOfTile();
  StageShape shape;
  shape.threads = {blockWarps * warpThreads, 1, 1};
  shape.grid = {heads / tileHeads, 1, 1};
  shape.rows = {0, 1, 0};
  return frame.stage(shape, 4, [&](GpuStage &stage) { return emitRows(stage); });
}

LogicalResult Attention::emitRows(GpuStage &stage) {
  LoopBuilder &b = stage.b;
  if (!stage.emitter.staysTogether(dim) || !stage.emitter.staysTogether(valueDim))
    return success();
  AttentionBlocks blocks(stage, op);
  AttentionScores scores(stage.emitter, op);
  if (failed(check(stage)) || failed(blocks.check()) || failed(scores.check()))
    return failure();
  scores.begin(blocks.count());
  QueryTile tile{1, headsOfTile(), {}, {}, stage.block(1), {}};
  tile.firstHead = b.mul(stage.block(0), tile.heads);
  tile.keyHead = b.div(tile.firstHead, headsOfKeys);
  WarpAttention warps(stage, op, blocks, scores, tile);
  warps.emit(b.index(0), 1);
  writeTile(stage, tile, scores, warps.parts, blockWarps);
  return success();
}

/// Merges the parts of each query where the sinks pull them. A query that sees no key gives zero; a sink is a key without a value.
void Attention::writeTile(GpuStage &stage, const QueryTile &tile, AttentionScores &scores, const AttentionParts &parts, int64_t count) {
  LoopBuilder &b = stage.b;
  ElementEmitter &emitter = stage.emitter;
  auto exp2 = [&](Value x) -> Value { return math::Exp2Op::create(b.builder, b.loc, x); };
  WarpTeam team(stage);
  emitter.team = &team;
  for (int64_t query = 0; query < tile.count(); ++query)
    b.when(b.same(stage.warp(), query % blockWarps), [&] {
      Values factors;
      Value largest = op.getSinks() ? scores.sink(tile.headOfQuery(b, query)) : b.scalar(firstMaximum), first = largest;
      for (int64_t part = 0; part < count; ++part) {
        factors.push_back(b.load(parts.maxima, {b.index(part), b.index(query)}));
        largest = b.fmax(largest, factors.back());
      }
      Value sum = op.getSinks() ? exp2(b.fsub(first, largest)) : b.scalar(0);
      for (int64_t part = 0; part < count; ++part) {
        factors[part] = exp2(b.fsub(factors[part], largest));
        sum = b.fma(b.load(parts.sums, {b.index(part), b.index(query)}), factors[part], sum);
      }
      Value isNone = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, sum, b.scalar(0));
      Value inverse = arith::SelectOp::create(b.builder, b.loc, isNone, b.scalar(0), b.fdiv(b.scalar(1), sum));
      Value row = tile.rowOfQuery(b, query), firstColumn = b.mul(tile.headOfQuery(b, query), valueDim);
      emitter.bind(op.getResult(), [&](Place place) {
        Value column = b.sub(place.column, firstColumn), output = b.splat(0, emitter.lanes);
        for (int64_t part = 0; part < count; ++part) {
          Value made = loadWhole(b, b.floats(emitter.lanes), parts.outputs, {b.index(part), b.index(query), column});
          output = b.fma(made, b.broadcast(factors[part], emitter.lanes), output);
        }
        return b.fmul(output, b.broadcast(inverse, emitter.lanes));
      });
      for (const Sink &sink : stage.sinks) {
        emitter.prepare(sink.value, row);
        writeColumns(emitter, sink, row, firstColumn, valueDim);
      }
    });
  emitter.team = nullptr;
}

LogicalResult tenon::codegen::nvptx::emitAttention(GpuKernelFrame &frame) {
  auto attentions = frame.kernel.getBlock().getOps<nn::AttentionOp>();
  if (!llvm::hasSingleElement(attentions))
    return frame.kernel.emitError("kernel for a GPU: expects one attention in a kernel of the attention family");
  return Attention(frame, *attentions.begin()).emit();
}
