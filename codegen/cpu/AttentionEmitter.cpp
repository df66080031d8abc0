//===- AttentionEmitter.cpp - softmax attention by blocks of keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile is some queries that share the keys in registers: rows of one head where there are many rows, else the heads of one row that share
// a key/value head. Tiles go to the threads in turn. A tile walks the keys in blocks of 64 absolute positions, ascending, with an online
// softmax in base 2: m is a query's largest score so far, l the sum of 2^(score - m), o the sum of 2^(score - m) * value; a block scales l
// and o by 2^(m - m'). Invisible keys score less than the first m, so that a block of them changes nothing, bit for bit: a row's result
// does not depend on the rows beside it.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/AttentionKeys.h"
#include "tenon/codegen/cpu/AttentionScores.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;
static constexpr int64_t blockKeys = tile::cacheBlockPositions;
static constexpr int64_t blockVectors = blockKeys / lanes;

namespace {
/// Queries that share the keys: `count` of them, either rows of one head or heads of one row.
struct QueryTile {
  Value head, row; ///< of the first query
  int64_t count;
  bool isOfHeads;
};

class Attention {
public:
  Attention(KernelFrame &frame, ElementEmitter &emitter, nn::AttentionOp op)
      : frame(frame), emitter(emitter), b(emitter.b), op(op), keys(emitter, op), scores(emitter, op) {}
  LogicalResult emit();

private:
  LogicalResult check();
  void emitTile(const QueryTile &tile);
  Value headOf(const QueryTile &tile, Value query) { return tile.isOfHeads ? b.add(tile.head, query) : tile.head; }
  Value rowOf(const QueryTile &tile, Value query) { return tile.isOfHeads ? tile.row : b.add(tile.row, query); }
  void forQueries(const QueryTile &tile, function_ref<void(Value query)> body);
  void loadQueries(const QueryTile &tile);
  void startSums(const QueryTile &tile, Value query);
  void emitBlock(const QueryTile &tile, Value block, Value limit);
  void emitScores(const QueryTile &tile, Value block);
  void changeScores(const QueryTile &tile, Value firstKey, function_ref<Value(Value scores, Value query, Value key)> change);
  void addWeights(Value query);
  void addValues(const QueryTile &tile, Value block, Value count);
  void addLatentValues(const QueryTile &tile, Value count);
  void writeTile(const QueryTile &tile);

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;
  nn::AttentionOp op;
  AttentionKeys keys;
  AttentionScores scores;
  int64_t heads = 0, dim = 0, valueDim = 0;
  // Scratch memory, a row for each query of a tile.
  Value queries;     ///< [dim], scaled
  Value weights;     ///< [64]: a block's scores, then 2^(score - m)
  Value maxima;      ///< m
  Value sums;        ///< [16]: l, lane by lane
  Value corrections; ///< 2^(m - m') of the block
  Value outputs;     ///< [value dim, whole vectors]: o
  Value latent;      ///< [16, 64], of all queries: elements of a block's values, as f32
};
} // namespace

LogicalResult Attention::check() {
  if (failed(keys.check()) || failed(scores.check()))
    return failure();
  for (const Sink &sink : frame.sinks) {
    FailureOr<Anchors> anchors = collectAnchors(sink.value, TypeID::get<nn::AttentionOp>());
    if (failed(anchors))
      return failure();
    if (anchors->ops.size() != 1 || anchors->panels > 0)
      return frame.kernel.emitError("kernel for a CPU: expects results that the one attention makes");
    if (sink.columns != heads * valueDim || valueDim % (sink.step > lanes ? sink.step : 1) != 0)
      return frame.kernel.emitError("kernel for a CPU: expects results as wide as the attention's, in heads of whole blocks");
  }
  return success();
}

/// The largest divisor of `number` that is at most `limit`.
static int64_t divisorUpTo(int64_t number, int64_t limit) {
  while (number % limit != 0)
    --limit;
  return limit;
}

LogicalResult Attention::emit() {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  heads = query.getDimSize(1);
  dim = query.getDimSize(2);
  valueDim = cast<RankedTensorType>(op.getType()).getDimSize(2);
  if (failed(check()))
    return failure();
  int64_t tileRows = frame.schedule.getQueryRows();
  int64_t tileHeads = divisorUpTo(heads / keys.heads(), std::min(tileRows, heads / keys.heads()));
  Value rows = emitter.rowCount(op.getResult());
  scores.begin(keys.count());
  Type f32 = b.builder.getF32Type();
  int64_t most = std::max(tileRows, tileHeads);
  queries = b.scratch({most, dim}, f32);
  weights = b.scratch({most, blockKeys}, f32);
  maxima = b.scratch({most}, f32);
  sums = b.scratch({most, lanes}, f32);
  corrections = b.scratch({most}, f32);
  outputs = b.scratch({most, int64_t(llvm::alignTo(valueDim, lanes))}, f32);
  if (keys.isLatent())
    latent = b.scratch({lanes, blockKeys}, f32);
  // Item i is head i % heads of the rows from i / heads * tileRows on. Where fewer rows are left than a tile has, the first of the heads
  // that share a tile does them row by row.
  Value groups = b.div(b.add(rows, tileRows - 1), tileRows);
  b.loop(frame.thread, b.mul(groups, heads), frame.threads, [&](Value item) {
    Value head = b.rem(item, heads), first = b.mul(b.div(item, heads), tileRows), end = b.add(first, tileRows);
    auto byHeads = [&] {
      Value isFirst = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, b.rem(head, tileHeads), b.index(0));
      b.when(isFirst, [&] { b.loop(first, b.min(end, rows), 1, [&](Value row) { emitTile({head, row, tileHeads, true}); }); });
    };
    b.choose(b.less(rows, end), byHeads, [&] { emitTile({head, first, tileRows, false}); });
  });
  return success();
}

void Attention::forQueries(const QueryTile &tile, function_ref<void(Value query)> body) {
  if (tile.count == 1)
    return body(b.index(0));
  b.loop(b.index(0), b.index(tile.count), 1, body);
}

/// All blocks of keys that any query of the tile sees.
void Attention::emitTile(const QueryTile &tile) {
  loadQueries(tile);
  keys.setHead(b.div(tile.head, heads / keys.heads()));
  Value lastRow = tile.isOfHeads ? tile.row : b.add(tile.row, tile.count - 1);
  Value limit = scores.endVisible(lastRow);
  Value first = b.div(scores.firstVisible(tile.row), blockKeys), last = b.div(b.add(limit, blockKeys - 1), blockKeys);
  b.loop(first, last, 1, [&](Value block) { emitBlock(tile, block, limit); });
  writeTile(tile);
}

/// Copies the queries to scratch memory, scaled, and starts their sums.
void Attention::loadQueries(const QueryTile &tile) {
  forQueries(tile, [&](Value query) {
    Value at = rowOf(tile, query), first = b.mul(headOf(tile, query), dim);
    emitter.prepare(op.getQuery(), at);
    emitter.forColumns(at, first, dim, [&](Place place) {
      Value scaled = b.fmul(emitter.pull(op.getQuery(), place), b.splat(scores.scaleOfQueries(), lanes));
      b.storeFloats(scaled, queries, {query, b.sub(place.column, first)}, place.active);
    });
    startSums(tile, query);
    for (int64_t d = 0; d < valueDim; d += lanes)
      b.storeFloats(b.splat(0, lanes), outputs, {query, b.index(d)}, lanes);
  });
}

/// A sink is a key that is seen before all others and has no value.
void Attention::startSums(const QueryTile &tile, Value query) {
  Value maximum = b.scalar(firstMaximum), sum = b.splat(0, lanes);
  if (op.getSinks()) {
    Value sink = scores.sink(headOf(tile, query));
    maximum = b.fmax(sink, maximum);
    sum = b.insert(math::Exp2Op::create(b.builder, b.loc, b.fsub(sink, maximum)), sum, 0);
  }
  b.store(maximum, maxima, {query});
  b.storeFloats(sum, sums, {query, b.index(0)}, lanes);
}

//===----------------------------------------------------------------------===//
// A block of keys
//===----------------------------------------------------------------------===//

void Attention::emitBlock(const QueryTile &tile, Value block, Value limit) {
  Value firstKey = b.mul(block, blockKeys), endKey = b.add(firstKey, blockKeys);
  emitScores(tile, block);
  if (scores.adjusts())
    changeScores(tile, firstKey, [&](Value before, Value query, Value key) {
      return scores.adjust(before, headOf(tile, query), rowOf(tile, query), key, lanes);
    });
  // Every query sees the whole block when the first row sees its end and the last row its beginning.
  Value lastRow = tile.isOfHeads ? tile.row : b.add(tile.row, tile.count - 1);
  Value hasHidden = b.less(scores.endVisible(tile.row), endKey);
  if (scores.hidesEarlier())
    hasHidden = arith::OrIOp::create(b.builder, b.loc, hasHidden, b.less(firstKey, scores.firstVisible(lastRow)));
  b.when(hasHidden, [&] {
    changeScores(tile, firstKey, [&](Value before, Value query, Value key) { return scores.hide(before, rowOf(tile, query), key, lanes); });
  });
  forQueries(tile, [&](Value query) { addWeights(query); });
  Value count = b.min(b.sub(limit, firstKey), b.index(blockKeys));
  if (keys.isLatent())
    addLatentValues(tile, count);
  else
    addValues(tile, block, count);
}

/// The products of the queries with the block's keys: one addition for each element of the head, ascending.
void Attention::emitScores(const QueryTile &tile, Value block) {
  keys.beginBlock(block);
  Values products(tile.count * blockVectors, b.splat(0, lanes));
  products = b.loop(b.index(0), b.index(dim), 1, products, [&](Value d, ValueRange carried) {
    Values next(carried), loaded;
    for (int64_t v = 0; v < blockVectors; ++v)
      loaded.push_back(keys.keys(d, v));
    for (int64_t query = 0; query < tile.count; ++query) {
      Value q = b.broadcast(b.load(queries, {b.index(query), d}), lanes);
      for (int64_t v = 0; v < blockVectors; ++v)
        next[query * blockVectors + v] = b.fma(q, loaded[v], next[query * blockVectors + v]);
    }
    return next;
  });
  for (int64_t query = 0; query < tile.count; ++query)
    for (int64_t v = 0; v < blockVectors; ++v)
      b.storeFloats(products[query * blockVectors + v], weights, {b.index(query), b.index(v * lanes)}, lanes);
}

/// Changes the scores of all queries, a vector of keys at a time.
void Attention::changeScores(const QueryTile &tile, Value firstKey, function_ref<Value(Value scores, Value query, Value key)> change) {
  forQueries(tile, [&](Value query) {
    b.loop(b.index(0), b.index(blockKeys), lanes, [&](Value key) {
      Value before = b.loadFloats(weights, {query, key}, lanes, lanes);
      b.storeFloats(change(before, query, b.add(firstKey, key)), weights, {query, key}, lanes);
    });
  });
}

/// Takes a query's scores of the block into m and l, and replaces them by their weights.
void Attention::addWeights(Value query) {
  Values loaded;
  Value largest;
  for (int64_t v = 0; v < blockVectors; ++v) {
    loaded.push_back(b.loadFloats(weights, {query, b.index(v * lanes)}, lanes, lanes));
    largest = largest ? b.fmax(largest, loaded.back()) : loaded.back();
  }
  Value before = b.load(maxima, {query}), now = b.fmax(before, b.reduceMax(largest));
  Value maximum = b.broadcast(now, lanes);
  Value correction = math::Exp2Op::create(b.builder, b.loc, b.fsub(b.broadcast(before, lanes), maximum));
  Value sum = b.fmul(b.loadFloats(sums, {query, b.index(0)}, lanes, lanes), correction);
  for (auto [v, score] : llvm::enumerate(loaded)) {
    Value weight = math::Exp2Op::create(b.builder, b.loc, b.fsub(score, maximum));
    b.storeFloats(weight, weights, {query, b.index(v * lanes)}, lanes);
    sum = b.fadd(sum, weight);
  }
  b.storeFloats(sum, sums, {query, b.index(0)}, lanes);
  b.store(now, maxima, {query});
  b.store(b.extract(correction, 0), corrections, {query});
}

/// Scales the outputs and adds the block's weighted values: `count` additions for each element, in the order of the keys.
void Attention::addValues(const QueryTile &tile, Value block, Value count) {
  constexpr int64_t chunkVectors = 4;
  int64_t vectors = llvm::divideCeil(valueDim, lanes);
  for (int64_t chunk = 0; chunk < vectors; chunk += chunkVectors) {
    int64_t width = std::min(chunkVectors, vectors - chunk);
    Values added;
    for (int64_t query = 0; query < tile.count; ++query) {
      Value correction = b.broadcast(b.load(corrections, {b.index(query)}), lanes);
      for (int64_t v = 0; v < width; ++v)
        added.push_back(b.fmul(b.loadFloats(outputs, {b.index(query), b.index((chunk + v) * lanes)}, lanes, lanes), correction));
    }
    added = b.loop(b.index(0), count, 1, added, [&](Value key, ValueRange carried) {
      Values next(carried), loaded;
      for (int64_t v = 0; v < width; ++v) {
        int64_t column = (chunk + v) * lanes;
        loaded.push_back(keys.values(block, key, column, std::min(lanes, valueDim - column)));
      }
      for (int64_t query = 0; query < tile.count; ++query) {
        Value weight = b.broadcast(b.load(weights, {b.index(query), key}), lanes);
        for (int64_t v = 0; v < width; ++v)
          next[query * width + v] = b.fma(weight, loaded[v], next[query * width + v]);
      }
      return next;
    });
    for (int64_t query = 0; query < tile.count; ++query)
      for (int64_t v = 0; v < width; ++v)
        b.storeFloats(added[query * width + v], outputs, {b.index(query), b.index((chunk + v) * lanes)}, lanes);
  }
}

/// The sums of 16 vectors, one in each lane: each step halves what is left of two neighbours and puts them side by side.
static Value sumEach(LoopBuilder &b, Values vectors) {
  for (int64_t group = lanes; group > 1; group /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < 2 * lanes; ++lane)
      (lane % group < group / 2 ? low : high).push_back(lane);
    for (size_t i = 0; i < vectors.size() / 2; ++i) {
      Value first = vectors[2 * i], second = vectors[2 * i + 1];
      vectors[i] = b.fadd(b.shuffle(first, second, low), b.shuffle(first, second, high));
    }
    vectors.resize(vectors.size() / 2);
  }
  return vectors.front();
}

/// The same where values are leading elements of the keys: an element's sum over the block is a product of two rows of 64. Places that hold
/// no key yet count as 0.
void Attention::addLatentValues(const QueryTile &tile, Value count) {
  Values exists;
  for (int64_t v = 0; v < blockVectors; ++v)
    exists.push_back(b.lanesBelow(b.index(v * lanes), count, lanes));
  auto addElements = [&](Value first, int64_t elements) {
    b.loop(b.index(0), b.index(elements), 1, [&](Value element) {
      for (int64_t v = 0; v < blockVectors; ++v) {
        Value present = arith::SelectOp::create(b.builder, b.loc, exists[v], keys.keys(b.add(first, element), v), b.splat(0, lanes));
        b.storeFloats(present, latent, {element, b.index(v * lanes)}, lanes);
      }
    });
    forQueries(tile, [&](Value query) {
      Values weightsOfKeys, products;
      for (int64_t v = 0; v < blockVectors; ++v)
        weightsOfKeys.push_back(b.loadFloats(weights, {query, b.index(v * lanes)}, lanes, lanes));
      for (int64_t element = 0; element < lanes; ++element) {
        products.push_back(b.splat(0, lanes));
        for (int64_t v = 0; v < blockVectors && element < elements; ++v)
          products.back() =
              b.fma(weightsOfKeys[v], b.loadFloats(latent, {b.index(element), b.index(v * lanes)}, lanes, lanes), products.back());
      }
      Value correction = b.broadcast(b.load(corrections, {query}), lanes);
      Value output = b.loadFloats(outputs, {query, first}, lanes, lanes);
      b.storeFloats(b.fma(output, correction, sumEach(b, products)), outputs, {query, first}, lanes);
    });
  };
  b.cover(valueDim, lanes, addElements);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Divides by the sums of weights and lets the sinks take the tile, query by query. One that sees no key gives zero.
void Attention::writeTile(const QueryTile &tile) {
  forQueries(tile, [&](Value query) {
    Value sum = b.reduceAdd(b.loadFloats(sums, {query, b.index(0)}, lanes, lanes));
    Value isNone = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, sum, b.scalar(0));
    Value inverse = arith::SelectOp::create(b.builder, b.loc, isNone, b.scalar(0), b.fdiv(b.scalar(1), sum));
    Value row = rowOf(tile, query), firstColumn = b.mul(headOf(tile, query), valueDim);
    emitter.bind(op.getResult(), [&](Place place) {
      Value output = b.loadFloats(outputs, {query, b.sub(place.column, firstColumn)}, lanes, lanes);
      return b.fmul(output, b.broadcast(inverse, lanes));
    });
    for (const Sink &sink : frame.sinks) {
      emitter.prepare(sink.value, row);
      for (int64_t d = 0; d < valueDim; d += sink.step)
        sink.write(emitter, {row, b.add(firstColumn, d), std::min(lanes, valueDim - d)});
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
