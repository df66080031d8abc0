//===- AttentionEmitter.cpp - softmax attention by blocks of keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An item of work is one query head and a tile of rows; items go to the threads in turn. An item walks the keys in blocks of 64
// absolute positions, ascending, with an online softmax in base 2: m is the largest score so far, l the sum of 2^(score - m), o the sum of
// 2^(score - m) * value; a block scales l and o by 2^(m - m'). Invisible keys score less than the first m, so that a block of them
// changes nothing, bit for bit: a row's result does not depend on the rows beside it.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/AttentionKeys.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/dialects/nn/NN.h"
#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;
static constexpr int64_t blockKeys = tile::cacheBlockPositions;
static constexpr int64_t blockVectors = blockKeys / lanes;
/// Less than any score; the first maximum lies above it, so that 2^(invisible - m) is 0.
static constexpr double invisible = -2e38, firstMaximum = -1e38;

namespace {
class Attention {
public:
  Attention(KernelFrame &frame, ElementEmitter &emitter, nn::AttentionOp op)
      : frame(frame), emitter(emitter), b(emitter.b), op(op), keys(emitter, op) {}
  LogicalResult emit();

private:
  LogicalResult check();
  void emitItem(Value head, Value row, int64_t rows);
  void loadQueries(Value head, Value row, int64_t rows);
  Values emitBlock(Value head, Value row, Value block, Value limit, int64_t rows, ValueRange carried);
  Values scores(Value block, int64_t rows);
  Value adjust(Value score, Value head, Value row, Value position, Value isVisible);
  Value visible(Value row, Value positions);
  void addValues(Value block, Value count, int64_t rows, ValueRange corrections);
  void writeRows(Value head, Value row, int64_t rows, ValueRange sums);

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;
  nn::AttentionOp op;
  AttentionKeys keys;
  int64_t heads = 0, dim = 0, valueDim = 0;
  Value ahead;   ///< keys before the first row's own position
  Value queries; ///< [rows][dim], scaled
  Value weights; ///< [rows][64]: a block's 2^(score - m)
  Value outputs; ///< [rows][value dim, whole vectors]
};
} // namespace

static double log2e() { return 1.0 / std::log(2.0); }

/// Whether scores are changed after the product, so that log2(e) cannot be part of the query's scale.
static bool adjustsScores(nn::AttentionOp op) { return op.getSoftCap() || op.getBias(); }

LogicalResult Attention::check() {
  if (failed(keys.check()))
    return failure();
  for (const Sink &sink : frame.sinks) {
    SetVector<Operation *> anchors;
    if (failed(collectAnchors(sink.value, TypeID::get<nn::AttentionOp>(), anchors)))
      return failure();
    if (anchors.size() != 1)
      return frame.kernel.emitError("kernel for a CPU: expects results that the one attention makes");
    if (sink.columns != heads * valueDim || valueDim % (sink.step > lanes ? sink.step : 1) != 0)
      return frame.kernel.emitError("kernel for a CPU: expects results as wide as the attention's, in heads of whole blocks");
  }
  if (op.getBias() && !emitter.getArgument(op.getBias()))
    return op.emitError("kernel for a CPU: expects a bias that is an argument");
  return success();
}

LogicalResult Attention::emit() {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  heads = query.getDimSize(1);
  dim = query.getDimSize(2);
  valueDim = cast<RankedTensorType>(op.getType()).getDimSize(2);
  if (failed(check()))
    return failure();
  int64_t tileRows = frame.schedule.getQueryRows();
  Value rows = emitter.rowCount(op.getResult());
  ahead = b.sub(b.max(keys.count(), rows), rows);
  Type f32 = b.builder.getF32Type();
  queries = b.scratch({tileRows, dim}, f32);
  weights = b.scratch({tileRows, blockKeys}, f32);
  outputs = b.scratch({tileRows, int64_t(llvm::alignTo(valueDim, lanes))}, f32);
  // Item i is head i % heads of tile i / heads.
  Value tiles = b.div(b.add(rows, tileRows - 1), tileRows);
  b.loop(frame.thread, b.mul(tiles, heads), frame.threads, [&](Value item) {
    Value head = b.rem(item, heads), first = b.mul(b.div(item, heads), tileRows);
    Value end = b.add(first, tileRows);
    auto oneByOne = [&] { b.loop(first, b.min(end, rows), 1, [&](Value row) { emitItem(head, row, 1); }); };
    if (tileRows == 1)
      return oneByOne();
    b.choose(b.less(rows, end), oneByOne, [&] { emitItem(head, first, tileRows); });
  });
  return success();
}

/// A tile of rows: all blocks of keys that any of them sees.
void Attention::emitItem(Value head, Value row, int64_t rows) {
  loadQueries(head, row, rows);
  keys.setHead(b.div(head, heads / keys.heads()));
  // Keys at `limit` and beyond are seen by no row; with a window, neither are those before the first row's.
  Value limit = op.getCausal() ? b.min(b.add(b.add(ahead, row), rows), keys.count()) : keys.count();
  Value first = b.index(0);
  if (std::optional<int64_t> window = op.getWindow()) {
    Value reach = b.add(b.add(ahead, row), 1);
    first = b.div(b.sub(b.max(reach, b.index(*window)), b.index(*window)), blockKeys);
  }
  Value last = b.div(b.add(limit, blockKeys - 1), blockKeys);
  Values initial(rows, b.scalar(firstMaximum));
  initial.append(Values(rows, b.splat(0, lanes)));
  Values carried = b.loop(first, last, 1, initial,
                          [&](Value block, ValueRange now) { return emitBlock(head, row, block, limit, rows, now); });
  writeRows(head, row, rows, ValueRange(carried).drop_front(rows));
}

/// Copies the queries to scratch memory, scaled, and clears the outputs.
void Attention::loadQueries(Value head, Value row, int64_t rows) {
  double scale = op.getScale().convertToFloat() * (adjustsScores(op) ? 1 : log2e());
  for (int64_t r = 0; r < rows; ++r) {
    Value at = b.add(row, r);
    emitter.prepare(op.getQuery(), at);
    Value first = b.mul(head, dim);
    emitter.forColumns(at, first, dim, [&](Place place) {
      Value scaled = b.fmul(emitter.pull(op.getQuery(), place), b.splat(scale, lanes));
      b.storeFloats(scaled, queries, {b.index(r), b.sub(place.column, first)}, place.active);
    });
    for (int64_t d = 0; d < valueDim; d += lanes)
      b.storeFloats(b.splat(0, lanes), outputs, {b.index(r), b.index(d)}, lanes);
  }
}

//===----------------------------------------------------------------------===//
// A block of keys
//===----------------------------------------------------------------------===//

/// The products of the queries with the block's keys, [row][vector of 16 keys]: one addition for each element of the head, ascending.
Values Attention::scores(Value block, int64_t rows) {
  keys.beginBlock(block);
  Values zero(rows * blockVectors, b.splat(0, lanes));
  return b.loop(b.index(0), b.index(dim), 1, zero, [&](Value d, ValueRange carried) {
    Values next(carried);
    Values loaded;
    for (int64_t v = 0; v < blockVectors; ++v)
      loaded.push_back(keys.keys(d, v));
    for (int64_t r = 0; r < rows; ++r) {
      Value q = b.broadcast(b.load(queries, {b.index(r), d}), lanes);
      for (int64_t v = 0; v < blockVectors; ++v)
        next[r * blockVectors + v] = b.fma(q, loaded[v], next[r * blockVectors + v]);
    }
    return next;
  });
}

/// Whether the row sees the keys at these positions (i32).
Value Attention::visible(Value row, Value positions) {
  auto compare = [&](arith::CmpIPredicate predicate, Value bound) -> Value {
    Value word = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), bound);
    return arith::CmpIOp::create(b.builder, b.loc, predicate, positions, b.broadcast(word, lanes));
  };
  Value own = b.add(ahead, row);
  Value seen = compare(arith::CmpIPredicate::slt, op.getCausal() ? b.min(b.add(own, 1), keys.count()) : keys.count());
  if (std::optional<int64_t> window = op.getWindow()) {
    Value reach = b.add(own, 1);
    Value near = compare(arith::CmpIPredicate::sge, b.sub(b.max(reach, b.index(*window)), b.index(*window)));
    seen = arith::AndIOp::create(b.builder, b.loc, seen, near);
  }
  return seen;
}

/// Soft cap and bias, then the change to base 2.
Value Attention::adjust(Value score, Value head, Value row, Value position, Value isVisible) {
  if (!adjustsScores(op))
    return score;
  if (std::optional<APFloat> cap = op.getSoftCap()) {
    double limit = cap->convertToFloat();
    Value bounded = math::TanhOp::create(b.builder, b.loc, b.fmul(score, b.splat(1 / limit, lanes)));
    score = b.fmul(bounded, b.splat(limit, lanes));
  }
  if (Value bias = op.getBias()) {
    Value buffer = emitter.getArgument(bias);
    bool ofHead = cast<RankedTensorType>(bias.getType()).getRank() == 3;
    Value column = ofHead ? b.add(b.mul(row, keys.count()), position) : position;
    score = b.fadd(score, b.loadFloats(buffer, {ofHead ? head : row, column}, lanes, isVisible));
  }
  return b.fmul(score, b.splat(log2e(), lanes));
}

Values Attention::emitBlock(Value head, Value row, Value block, Value limit, int64_t rows, ValueRange carried) {
  Values products = scores(block, rows);
  Value firstKey = b.mul(block, blockKeys);
  Value base = b.broadcast(arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), firstKey), lanes);
  Values maxima, sums, corrections;
  for (int64_t r = 0; r < rows; ++r) {
    Value largest, at = b.add(row, r);
    MutableArrayRef<Value> ofRow = MutableArrayRef<Value>(products).slice(r * blockVectors, blockVectors);
    for (auto [v, score] : llvm::enumerate(ofRow)) {
      SmallVector<int32_t> places;
      for (int64_t lane = 0; lane < lanes; ++lane)
        places.push_back(v * lanes + lane);
      Value positions = b.iadd(base, b.constant(b.builder.getI32VectorAttr(places)));
      Value isVisible = visible(at, positions);
      Value adjusted = adjust(score, head, at, b.add(firstKey, v * lanes), isVisible);
      score = arith::SelectOp::create(b.builder, b.loc, isVisible, adjusted, b.splat(invisible, lanes));
      largest = largest ? b.fmax(largest, score) : score;
    }
    Value before = carried[r], now = b.fmax(before, b.reduceMax(largest));
    Value correction = math::Exp2Op::create(b.builder, b.loc, b.fsub(before, now));
    Value maximum = b.broadcast(now, lanes);
    Value sum = b.fmul(carried[rows + r], b.broadcast(correction, lanes));
    for (auto [v, score] : llvm::enumerate(ofRow)) {
      Value weight = math::Exp2Op::create(b.builder, b.loc, b.fsub(score, maximum));
      b.storeFloats(weight, weights, {b.index(r), b.index(v * lanes)}, lanes);
      sum = b.fadd(sum, weight);
    }
    maxima.push_back(now);
    sums.push_back(sum);
    corrections.push_back(correction);
  }
  addValues(block, b.min(b.sub(limit, firstKey), b.index(blockKeys)), rows, corrections);
  llvm::append_range(maxima, sums);
  return maxima;
}

/// Scales the outputs and adds the block's weighted values: `count` additions for each element, in the order of the keys.
void Attention::addValues(Value block, Value count, int64_t rows, ValueRange corrections) {
  constexpr int64_t chunkVectors = 4;
  int64_t vectors = llvm::divideCeil(valueDim, lanes);
  for (int64_t chunk = 0; chunk < vectors; chunk += chunkVectors) {
    int64_t width = std::min(chunkVectors, vectors - chunk);
    Values sums;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < width; ++v) {
        Value output = b.loadFloats(outputs, {b.index(r), b.index((chunk + v) * lanes)}, lanes, lanes);
        sums.push_back(b.fmul(output, b.broadcast(corrections[r], lanes)));
      }
    sums = b.loop(b.index(0), count, 1, sums, [&](Value key, ValueRange carried) {
      Values next(carried), loaded;
      for (int64_t v = 0; v < width; ++v) {
        int64_t column = (chunk + v) * lanes;
        loaded.push_back(keys.values(block, key, column, std::min(lanes, valueDim - column)));
      }
      for (int64_t r = 0; r < rows; ++r) {
        Value weight = b.broadcast(b.load(weights, {b.index(r), key}), lanes);
        for (int64_t v = 0; v < width; ++v)
          next[r * width + v] = b.fma(weight, loaded[v], next[r * width + v]);
      }
      return next;
    });
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < width; ++v)
        b.storeFloats(sums[r * width + v], outputs, {b.index(r), b.index((chunk + v) * lanes)}, lanes);
  }
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Divides by the sums of weights and lets the sinks take the tile.
void Attention::writeRows(Value head, Value row, int64_t rows, ValueRange sums) {
  for (int64_t r = 0; r < rows; ++r) {
    Value sum = b.reduceAdd(sums[r]);
    Value isNone = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, sum, b.scalar(0));
    Value inverse = arith::SelectOp::create(b.builder, b.loc, isNone, b.scalar(0), b.fdiv(b.scalar(1), sum));
    for (int64_t d = 0; d < valueDim; d += lanes) {
      Value output = b.loadFloats(outputs, {b.index(r), b.index(d)}, lanes, lanes);
      b.storeFloats(b.fmul(output, b.broadcast(inverse, lanes)), outputs, {b.index(r), b.index(d)}, lanes);
    }
  }
  Value firstColumn = b.mul(head, valueDim);
  emitter.bind(op.getResult(), [&](Place place) {
    return b.loadFloats(outputs, {b.sub(place.row, row), b.sub(place.column, firstColumn)}, lanes, lanes);
  });
  b.loop(row, b.add(row, rows), 1, [&](Value at) {
    for (const Sink &sink : frame.sinks) {
      emitter.prepare(sink.value, at);
      for (int64_t d = 0; d < valueDim; d += sink.step)
        sink.write(emitter, {at, b.add(firstColumn, d), std::min(lanes, valueDim - d)});
    }
  });
}

LogicalResult tenon::codegen::emitAttention(KernelFrame &frame, ElementEmitter &emitter) {
  auto attentions = frame.kernel.getBlock().getOps<nn::AttentionOp>();
  if (!llvm::hasSingleElement(attentions))
    return frame.kernel.emitError("kernel for a CPU: expects one attention in a kernel of the attention family");
  if (!frame.schedule || frame.schedule.getQueryRows() < 1)
    return frame.kernel.emitError("kernel for a CPU: expects a schedule with query_rows");
  return Attention(frame, emitter, *attentions.begin()).emit();
}
