//===- ContractionTile.cpp - sums over k in registers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/ContractionTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Tile.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = tile::panelChannels;

namespace {
/// A tile being written. Accumulators are numbered [row][stream].
struct Tile {
  LoopBuilder &b;
  const ContractionInput &input;
  Value row;
  int64_t rows;
  ArrayRef<Stream> streams;

  int64_t size() const { return rows * streams.size(); }
  Value rowIndex(int64_t r) { return b.add(row, r); }

  Values emit();
  Values floatLoop(int64_t depth);
  void floatStep(Value k, Values &sums);
  Values blockLoop(int64_t depth);
  void dequantizedStep(Value block, Values &sums);
  void integerStep(Value block, Values &sums);
  void dotBlock(Value block, int64_t plane, int64_t sumPlane, Values &dots);
  Value word(int64_t r, int64_t part, Value block, Type type);
};
} // namespace

//===----------------------------------------------------------------------===//
// Float weights
//===----------------------------------------------------------------------===//

void Tile::floatStep(Value k, Values &sums) {
  Values weights;
  for (const Stream &stream : streams)
    weights.push_back(stream.weight->floats(stream.weight->address(stream.panel, k)));
  for (int64_t r = 0; r < rows; ++r) {
    Value a = b.broadcast(b.widen(b.load(input.buffer, {rowIndex(r), k})), lanes);
    for (size_t s = 0; s < streams.size(); ++s) {
      Value &sum = sums[r * streams.size() + s];
      sum = b.fma(weights[s], a, sum);
    }
  }
}

Values Tile::floatLoop(int64_t depth) {
  constexpr int64_t unroll = 4;
  Values sums(size(), b.splat(0, lanes));
  int64_t whole = depth / unroll * unroll;
  if (whole > 0)
    sums = b.loop(b.index(0), b.index(whole), unroll, sums, [&](Value k, ValueRange carried) {
      Values next(carried);
      for (int64_t i = 0; i < unroll; ++i)
        floatStep(b.add(k, i), next);
      return next;
    });
  for (int64_t k = whole; k < depth; ++k)
    floatStep(b.index(k), sums);
  return sums;
}

//===----------------------------------------------------------------------===//
// Quantised weights, float activations
//===----------------------------------------------------------------------===//

void Tile::dequantizedStep(Value block, Values &sums) {
  struct Scale {
    Value address, scale, minimum;
  };
  SmallVector<Scale> scales;
  for (const Stream &stream : streams) {
    Value address = stream.weight->address(stream.panel, block);
    scales.push_back(
        {address, stream.weight->scales(address), stream.weight->format->hasMinima ? stream.weight->minima(address) : Value()});
  }
  for (int64_t step = 0; step < PanelReader::steps; ++step) {
    SmallVector<Values> weights;
    for (auto [stream, scale] : llvm::zip(streams, scales))
      weights.push_back(stream.weight->dequantize(scale.address, step, scale.scale, scale.minimum));
    for (int64_t k = 0; k < 4; ++k)
      for (int64_t r = 0; r < rows; ++r) {
        Value column = b.add(b.mul(block, tile::activationBlock), step * 4 + k);
        Value a = b.broadcast(b.widen(b.load(input.buffer, {rowIndex(r), column})), lanes);
        for (size_t s = 0; s < streams.size(); ++s) {
          Value &sum = sums[r * streams.size() + s];
          sum = b.fma(weights[s][k], a, sum);
        }
      }
  }
}

//===----------------------------------------------------------------------===//
// Quantised weights, rounded activations
//===----------------------------------------------------------------------===//

/// A 4-byte number of the block that the row keeps in part `part` of its bytes.
Value Tile::word(int64_t r, int64_t part, Value block, Type type) {
  return b.loadAs(type, input.buffer, {rowIndex(r), b.add(b.mul(block, 4), part)});
}

/// The integer sums of a block's products with one plane of the activations, the weights' zero point taken out.
void Tile::dotBlock(Value block, int64_t plane, int64_t sumPlane, Values &dots) {
  for (int64_t r = 0; r < rows; ++r)
    for (const Stream &stream : streams) {
      int64_t zeroPoint = stream.weight->format->zeroPoint;
      Value start = b.splatInt(0, lanes);
      if (zeroPoint != 0)
        start = b.broadcast(b.imul(word(r, sumPlane, block, b.builder.getI32Type()), b.scalarInt(-zeroPoint)), lanes);
      dots.push_back(start);
    }
  int64_t vectors = streams.front().weight->vectors(), parts = streams.front().weight->parts();
  for (int64_t vector = 0; vector < vectors; ++vector) {
    Values packed;
    for (const Stream &stream : streams)
      packed.push_back(stream.weight->loadVector(stream.weight->address(stream.panel, block), vector));
    for (int64_t part = 0; part < parts; ++part) {
      int64_t step = streams.front().weight->stepOf(vector, part);
      Values weights;
      for (auto [stream, bytes] : llvm::zip(streams, packed))
        weights.push_back(stream.weight->unpack(bytes, part));
      for (int64_t r = 0; r < rows; ++r) {
        Value byte = b.add(b.mul(block, tile::activationBlock), plane + 4 * step);
        Value four = b.loadAs(Type(b.builder.getI32Type()), input.buffer, {rowIndex(r), byte});
        Value a = b.bitcast(b.broadcast(four, lanes), b.bytes(4 * lanes));
        for (size_t s = 0; s < streams.size(); ++s) {
          Value &dot = dots[r * streams.size() + s];
          bool isSmall = streams[s].weight->format->bits == 4;
          dot = tile::IntDotOp::create(b.builder, b.loc, dot, weights[s], a, isSmall);
        }
      }
    }
  }
}

void Tile::integerStep(Value block, Values &sums) {
  tile::ActivationRow parts = *tile::activationRow(input.type);
  bool twoPlanes = parts.low >= 0;
  Values dots, low;
  dotBlock(block, parts.values, parts.sums, dots);
  if (twoPlanes) {
    dotBlock(block, parts.low, parts.lowSums, low);
    for (auto [high, lowDot] : llvm::zip(dots, low))
      high = b.iadd(b.imul(high, b.splatInt(256, lanes)), lowDot);
  }
  Values scales, minima;
  for (const Stream &stream : streams) {
    Value address = stream.weight->address(stream.panel, block);
    scales.push_back(stream.weight->scales(address));
    minima.push_back(stream.weight->format->hasMinima ? stream.weight->minima(address) : Value());
  }
  for (int64_t r = 0; r < rows; ++r) {
    Value d = word(r, parts.scales, block, b.builder.getF32Type());
    Value offset;
    if (llvm::any_of(minima, [](Value minimum) { return bool(minimum); })) {
      Value total = word(r, parts.sums, block, b.builder.getI32Type());
      if (twoPlanes)
        total = b.iadd(b.imul(total, b.scalarInt(256)), word(r, parts.lowSums, block, b.builder.getI32Type()));
      offset = b.broadcast(b.fmul(d, b.toFloat(total)), lanes);
    }
    Value activationScale = b.broadcast(d, lanes);
    for (size_t s = 0; s < streams.size(); ++s) {
      Value &sum = sums[r * streams.size() + s];
      sum = b.fma(b.fmul(scales[s], activationScale), b.toFloat(dots[r * streams.size() + s]), sum);
      if (minima[s])
        sum = b.fma(minima[s], offset, sum);
    }
  }
}

//===----------------------------------------------------------------------===//
// The tile
//===----------------------------------------------------------------------===//

Values Tile::blockLoop(int64_t depth) {
  Values sums(size(), b.splat(0, lanes));
  bool isInteger = tile::activationRow(input.type).has_value();
  return b.loop(b.index(0), b.index(depth / tile::activationBlock), 1, sums, [&](Value block, ValueRange carried) {
    Values next(carried);
    if (isInteger)
      integerStep(block, next);
    else
      dequantizedStep(block, next);
    return next;
  });
}

Values Tile::emit() {
  int64_t depth = input.type.getDimSize(1);
  return streams.front().weight->format ? blockLoop(depth) : floatLoop(depth);
}

void tenon::codegen::emitTile(LoopBuilder &b, const ContractionInput &input, Value row, int64_t rows, ArrayRef<Stream> streams,
                              Value result) {
  Values sums = Tile{b, input, row, rows, streams}.emit();
  for (int64_t r = 0; r < rows; ++r)
    for (size_t s = 0; s < streams.size(); ++s)
      b.storeFloats(sums[r * streams.size() + s], result, {b.index(r), b.index(streams[s].column)}, lanes);
}
