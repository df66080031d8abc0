//===- WarpAttention.cpp - warps that share out the blocks of keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block of threads takes a tile of queries: some rows of some heads that share a key/value head. Its warps take the blocks of 64 keys in
// turn, each with an online softmax of its own, so that keys and values are read once for the whole tile and by whole sectors. A lane has
// two keys where scores are made and some columns of the values where weights are applied; weights pass from the ones to the others through
// shared memory. At the end the sums of the warps meet, scaled by 2^(maximum - maximum of all).
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

WarpAttention::WarpAttention(GpuStage &stage, nn::AttentionOp op, AttentionBlocks &blocks, AttentionScores &scores,
                             const QueryTile &tile)
    : stage(stage), warp(stage), emitter(stage.emitter), b(stage.b), op(op), blocks(blocks), scores(scores), tile(tile),
      warps(stage.shape.threads[0] / warpThreads) {
  auto type = cast<RankedTensorType>(op.getQuery().getType());
  dim = type.getDimSize(2);
  valueDim = cast<RankedTensorType>(op.getType()).getDimSize(2);
  Type f32 = b.builder.getF32Type();
  int64_t count = tile.count();
  queries = stage.shared({count, dim}, f32);
  weights = stage.shared({warps, count, AttentionBlocks::keys}, f32);
  parts = {stage.shared({warps, count}, f32), stage.shared({warps, count}, f32), stage.shared({warps, count, valueDim}, f32)};
}

void WarpAttention::emit(Value split, int64_t splits) {
  loadQueries();
  blocks.setHead(tile.keyHead);
  Value lastRow = tile.rowOf(b, tile.rows - 1);
  Value limit = scores.endVisible(lastRow);
  Value first = b.div(scores.firstVisible(tile.firstRow), AttentionBlocks::keys);
  Value last = b.div(b.add(limit, AttentionBlocks::keys - 1), AttentionBlocks::keys);
  Values sums;
  for (int64_t query = 0; query < tile.count(); ++query) {
    sums.append({b.scalar(firstMaximum), b.scalar(0)});
    sums.append(blocks.columnsOfLane(), b.scalar(0));
  }
  first = b.add(first, b.add(b.mul(split, warps), stage.warp()));
  sums = b.loop(first, last, splits * warps, sums, [&](Value block, ValueRange before) { return addBlock(block, limit, before); });
  storeParts(sums);
}

/// Brings the scaled queries to shared memory, a warp a query.
void WarpAttention::loadQueries() {
  emitter.team = &warp;
  for (int64_t query = 0; query < tile.count(); ++query)
    b.when(b.same(stage.warp(), query % warps), [&] {
      Value row = tile.rowOfQuery(b, query), first = b.mul(tile.headOfQuery(b, query), dim);
      emitter.prepare(op.getQuery(), row);
      emitter.forColumns(row, first, dim, [&](Place place) {
        Value scaled = b.fmul(emitter.pull(op.getQuery(), place), b.splat(scores.scaleOfQueries(), emitter.lanes));
        storeWhole(b, scaled, queries, {b.index(query), b.sub(place.column, first)});
      });
    });
  emitter.team = nullptr;
  stage.barrier();
}

/// Some neighbouring numbers of shared memory, the same for all lanes.
Values WarpAttention::loadShared(Value buffer, SmallVector<Value> indices, int64_t count) {
  Values loaded;
  int64_t width = count % 4 == 0 ? 4 : count % 2 == 0 ? 2 : 1;
  for (int64_t first = 0; first < count; first += width) {
    SmallVector<Value> at(indices);
    at.back() = b.add(at.back(), first);
    Value vector = loadWhole(b, b.floats(width), buffer, at);
    for (int64_t i = 0; i < width; ++i)
      loaded.push_back(b.extract(vector, i));
  }
  return loaded;
}

/// The products of the queries with the lane's keys.
Values WarpAttention::makeScores() {
  constexpr int64_t ofLane = AttentionBlocks::keysOfLane;
  Values zeros(tile.count() * ofLane, b.scalar(0));
  return blocks.forElements(zeros, [&](Value first, int64_t count, ValueRange keys, ValueRange carried) {
    Values next(carried);
    for (int64_t query = 0; query < tile.count(); ++query) {
      Values elements = loadShared(queries, {b.index(query), first}, count);
      for (int64_t e = 0; e < count; ++e)
        for (int64_t i = 0; i < ofLane; ++i)
          next[query * ofLane + i] = b.fma(elements[e], keys[e * ofLane + i], next[query * ofLane + i]);
    }
    return next;
  });
}

/// Soft cap, bias, slopes and visibility of one score.
Value WarpAttention::finishScore(Value score, int64_t query, Value key) {
  Value vector = b.broadcast(score, 1), row = tile.rowOfQuery(b, query);
  if (scores.adjusts())
    vector = scores.adjust(vector, tile.headOfQuery(b, query), row, key, 1);
  return b.extract(scores.hide(vector, row, key, 1), 0);
}

static Value exp2(LoopBuilder &b, Value x) {
  return math::Exp2Op::create(b.builder, b.loc, x);
}

Values WarpAttention::addBlock(Value block, Value limit, ValueRange before) {
  constexpr int64_t ofLane = AttentionBlocks::keysOfLane;
  blocks.begin(block);
  Value firstKey = b.mul(block, AttentionBlocks::keys);
  Values made = makeScores(), sums(before);
  warp.barrier(); // the weights of the block before have been read
  for (int64_t query = 0; query < tile.count(); ++query) {
    Value largest, *sum = &sums[query * sumsOfQuery()];
    for (int64_t i = 0; i < ofLane; ++i) {
      Value &score = made[query * ofLane + i];
      score = finishScore(score, query, b.add(firstKey, blocks.keyOfLane(i)));
      largest = largest ? b.fmax(largest, score) : score;
    }
    Value ofWarp = warp.across(largest, [&](Value x, Value y) { return b.fmax(x, y); });
    Value maximum = b.fmax(sum[0], ofWarp), correction = exp2(b, b.fsub(sum[0], maximum));
    sum[0] = maximum;
    sum[1] = b.fmul(sum[1], correction);
    for (int64_t i = 0; i < ofLane; ++i) {
      Value weight = exp2(b, b.fsub(made[query * ofLane + i], maximum));
      sum[1] = b.fadd(sum[1], weight);
      b.store(weight, weights, {stage.warp(), b.index(query), blocks.keyOfLane(i)});
    }
    for (int64_t c = 0; c < blocks.columnsOfLane(); ++c)
      sum[2 + c] = b.fmul(sum[2 + c], correction);
  }
  warp.barrier();
  Value count = b.min(b.sub(limit, firstKey), b.index(AttentionBlocks::keys));
  return blocks.isLatent() ? addLatentValues(count, sums) : addValues(count, sums);
}

/// Adds the block's weighted values, key by key, four of them on their way at once.
Values WarpAttention::addValues(Value count, ValueRange sums) {
  auto add = [&](Value first, int64_t keys, ValueRange before) {
    Values loaded, after(before);
    for (int64_t key = 0; key < keys; ++key)
      loaded.append(blocks.values(b.add(first, key)));
    int64_t columns = blocks.columnsOfLane();
    for (int64_t query = 0; query < tile.count(); ++query) {
      Values factors = loadShared(weights, {stage.warp(), b.index(query), first}, keys);
      for (int64_t key = 0; key < keys; ++key)
        for (int64_t c = 0; c < columns; ++c) {
          Value &output = after[query * sumsOfQuery() + 2 + c];
          output = b.fma(factors[key], loaded[key * columns + c], output);
        }
    }
    return after;
  };
  Value whole = b.mul(b.div(count, 4), 4);
  Values after = b.loop(b.index(0), whole, 4, sums, [&](Value key, ValueRange before) { return add(key, 4, before); });
  return b.loop(whole, count, 1, after, [&](Value key, ValueRange before) { return add(key, 1, before); });
}

/// The same where values are elements of the keys: a lane's columns are far apart, and keys of a column side by side.
Values WarpAttention::addLatentValues(Value count, ValueRange sums) {
  int64_t step = blocks.latentKeys();
  return b.loop(b.index(0), count, step, sums, [&](Value first, ValueRange before) {
    Values after(before);
    for (int64_t piece = 0; piece < blocks.pieces(); ++piece) {
      Values loaded = blocks.latentValues(piece, first, step);
      for (int64_t query = 0; query < tile.count(); ++query) {
        Values factors = loadShared(weights, {stage.warp(), b.index(query), first}, step);
        Value &output = after[query * sumsOfQuery() + 2 + piece];
        for (int64_t key = 0; key < step; ++key)
          output = b.fma(factors[key], loaded[key], output);
      }
    }
    return after;
  });
}

/// Brings the warp's sums to where they are merged.
void WarpAttention::storeParts(ValueRange sums) {
  for (int64_t query = 0; query < tile.count(); ++query) {
    ValueRange sum = sums.slice(query * sumsOfQuery(), sumsOfQuery());
    Value total = warp.across(sum[1], [&](Value x, Value y) { return b.fadd(x, y); });
    b.when(b.same(stage.lane(), 0), [&] {
      b.store(sum[0], parts.maxima, {stage.warp(), b.index(query)});
      b.store(total, parts.sums, {stage.warp(), b.index(query)});
    });
    for (int64_t piece = 0; piece < blocks.pieces(); ++piece)
      for (int64_t i = 0; i < blocks.width(); ++i) {
        Value column = b.add(blocks.firstColumn(piece), i);
        auto store = [&] {
          b.store(sum[2 + piece * blocks.width() + i], parts.outputs, {stage.warp(), b.index(query), column});
        };
        bool isWhole = (piece + 1) * blocks.width() * warpThreads <= valueDim;
        isWhole ? store() : b.when(b.less(column, b.index(valueDim)), store);
      }
  }
  stage.barrier();
}
