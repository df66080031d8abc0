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
/// A block of a stream that is being read.
struct StreamBlock {
  Value address;
  ScaleAndMinimum scale;
};
/// 32 k of the contraction.
struct Part {
  SmallVector<StreamBlock> blocks; ///< one a stream
  Value part;                      ///< in its block
  Value number;                    ///< in the row
};

/// A tile being written. Accumulators are numbered [row][stream].
struct Tile {
  LoopBuilder &b;
  const ContractionInput &input;
  ArrayRef<InputRow> inputRows;
  ArrayRef<Stream> streams;
  int64_t rows = inputRows.size();

  int64_t size() const { return rows * streams.size(); }
  /// The place of element k of a row.
  Values element(int64_t r, Value k) { return {inputRows[r].row, inputRows[r].column ? b.add(k, inputRows[r].column) : k}; }

  Values emit();
  Values floatLoop(int64_t depth);
  void floatStep(Value k, Values &sums);
  Values blockLoop(int64_t depth);
  void dequantizedStep(const Part &part, Values &sums);
  void integerStep(const Part &part, Values &sums);
  void dotSpan(const Part &part, int64_t span, int64_t plane, int64_t sumPlane, int64_t firstPlane, Values &dots);
  void addSpan(const Part &part, int64_t span, const tile::ActivationRow &row, ArrayRef<Value> dots, Values &sums);
  Value word(int64_t r, int64_t place, Value number, Type type);
  Value spanSum(int64_t r, const Part &part, int64_t span, int64_t sumPlane, int64_t firstPlane);
  int64_t spans() { return streams.front().weight->spans(); }
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
    Value a = b.broadcast(b.widen(b.load(input.buffer, element(r, k))), lanes);
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

void Tile::dequantizedStep(const Part &part, Values &sums) {
  SmallVector<PanelReader::Integers> integers;
  for (auto [stream, block] : llvm::zip(streams, part.blocks))
    integers.emplace_back(*stream.weight, block.address, part.part);
  int64_t steps = PanelReader::steps / spans();
  for (int64_t span = 0; span < spans(); ++span) {
    SmallVector<ScaleAndMinimum> scales;
    for (auto [stream, block] : llvm::zip(streams, part.blocks))
      scales.push_back(stream.weight->ofSpan(block.address, block.scale, part.part, span));
    for (int64_t step = span * steps; step < (span + 1) * steps; ++step) {
      SmallVector<Values> weights;
      for (size_t s = 0; s < streams.size(); ++s)
        weights.push_back(streams[s].weight->dequantize(integers[s].step(step), scales[s]));
      for (int64_t k = 0; k < 4; ++k)
        for (int64_t r = 0; r < rows; ++r) {
          Value column = b.add(b.mul(part.number, tile::blockPart), step * 4 + k);
          Value a = b.broadcast(b.widen(b.load(input.buffer, element(r, column))), lanes);
          for (size_t s = 0; s < streams.size(); ++s) {
            Value &sum = sums[r * streams.size() + s];
            sum = b.fma(weights[s][k], a, sum);
          }
        }
    }
  }
}

//===----------------------------------------------------------------------===//
// Quantised weights, rounded activations
//===----------------------------------------------------------------------===//

/// A 4-byte number of the 32 k that the row keeps at `place` of its bytes.
Value Tile::word(int64_t r, int64_t place, Value number, Type type) {
  if (Value column = inputRows[r].column)
    number = b.add(number, b.div(column, tile::activationBlock));
  return b.loadAs(type, input.buffer, {inputRows[r].row, b.add(b.mul(number, 4), place)});
}

/// The sum of a row's integers of one plane over a span.
Value Tile::spanSum(int64_t r, const Part &part, int64_t span, int64_t sumPlane, int64_t firstPlane) {
  Type type = b.builder.getI32Type();
  if (spans() == 1)
    return word(r, sumPlane, part.number, type);
  Value first = word(r, firstPlane, part.number, type);
  return span == 0 ? first : Value(arith::SubIOp::create(b.builder, b.loc, word(r, sumPlane, part.number, type), first));
}

/// The integer sums of a span's products with one plane of the activations, the weights' zero point taken out.
void Tile::dotSpan(const Part &part, int64_t span, int64_t plane, int64_t sumPlane, int64_t firstPlane, Values &dots) {
  int64_t zeroPoint = streams.front().weight->form->zeroPoint;
  for (int64_t r = 0; r < rows; ++r) {
    Value start = b.splatInt(0, lanes);
    if (zeroPoint != 0)
      start = b.broadcast(b.imul(spanSum(r, part, span, sumPlane, firstPlane), b.scalarInt(-zeroPoint)), lanes);
    dots.append(streams.size(), start);
  }
  SmallVector<PanelReader::Integers> integers;
  for (auto [stream, block] : llvm::zip(streams, part.blocks))
    integers.emplace_back(*stream.weight, block.address, part.part);
  int64_t steps = PanelReader::steps / spans();
  for (int64_t step = span * steps; step < (span + 1) * steps; ++step) {
    Values weights;
    for (PanelReader::Integers &stream : integers)
      weights.push_back(stream.step(step));
    for (int64_t r = 0; r < rows; ++r) {
      Value byte = b.add(b.mul(part.number, tile::blockPart), plane + 4 * step);
      Value four = b.loadAs(Type(b.builder.getI32Type()), input.buffer, element(r, byte));
      Value a = b.bitcast(b.broadcast(four, lanes), b.bytes(4 * lanes));
      for (size_t s = 0; s < streams.size(); ++s) {
        Value &dot = dots[r * streams.size() + s];
        dot = tile::IntDotOp::create(b.builder, b.loc, dot, weights[s], a, streams[s].weight->isSmall());
      }
    }
  }
}

/// Adds a span's integer sums to the float sums.
void Tile::addSpan(const Part &part, int64_t span, const tile::ActivationRow &row, ArrayRef<Value> dots, Values &sums) {
  SmallVector<ScaleAndMinimum> scales;
  for (auto [stream, block] : llvm::zip(streams, part.blocks))
    scales.push_back(stream.weight->ofSpan(block.address, block.scale, part.part, span));
  for (int64_t r = 0; r < rows; ++r) {
    Value d = word(r, row.scales, part.number, b.builder.getF32Type()), offset;
    if (scales.front().minimum) {
      Value total = spanSum(r, part, span, row.sums, row.firstSums);
      if (row.low >= 0)
        total = b.iadd(b.imul(total, b.scalarInt(256)), spanSum(r, part, span, row.lowSums, row.lowFirstSums));
      offset = b.broadcast(b.fmul(d, b.toFloat(total)), lanes);
    }
    Value activationScale = b.broadcast(d, lanes);
    for (size_t s = 0; s < streams.size(); ++s) {
      Value &sum = sums[r * streams.size() + s];
      sum = b.fma(b.fmul(scales[s].scale, activationScale), b.toFloat(dots[r * streams.size() + s]), sum);
      if (offset)
        sum = b.fma(scales[s].minimum, offset, sum);
    }
  }
}

void Tile::integerStep(const Part &part, Values &sums) {
  tile::ActivationRow row = *tile::activationRow(input.type);
  for (int64_t span = 0; span < spans(); ++span) {
    Values dots, low;
    dotSpan(part, span, row.values, row.sums, row.firstSums, dots);
    if (row.low >= 0) {
      dotSpan(part, span, row.low, row.lowSums, row.lowFirstSums, low);
      for (auto [high, lowDot] : llvm::zip(dots, low))
        high = b.iadd(b.imul(high, b.splatInt(256, lanes)), lowDot);
    }
    addSpan(part, span, row, dots, sums);
  }
}

//===----------------------------------------------------------------------===//
// The tile
//===----------------------------------------------------------------------===//

Values Tile::blockLoop(int64_t depth) {
  Values sums(size(), b.splat(0, lanes));
  bool isInteger = tile::activationRow(input.type).has_value();
  const PanelReader &weight = *streams.front().weight;
  auto step = [&](const Part &part, ValueRange carried) {
    Values next(carried);
    isInteger ? integerStep(part, next) : dequantizedStep(part, next);
    return next;
  };
  return b.loop(b.index(0), b.index(depth / weight.layout.blockElements), 1, sums, [&](Value block, ValueRange carried) {
    Part part;
    for (const Stream &stream : streams) {
      Value address = stream.weight->address(stream.panel, block);
      part.blocks.push_back({address, stream.weight->ofBlock(address)});
    }
    part.part = b.index(0);
    part.number = block;
    if (weight.parts() == 1)
      return step(part, carried);
    return b.loop(b.index(0), b.index(weight.parts()), 1, carried, [&](Value inner, ValueRange carried) {
      part.part = inner;
      part.number = b.add(b.mul(block, weight.parts()), inner);
      return step(part, carried);
    });
  });
}

Values Tile::emit() {
  int64_t depth = input.type.getShape().back();
  return streams.front().weight->form ? blockLoop(depth) : floatLoop(depth);
}

void tenon::codegen::emitTile(LoopBuilder &b, const ContractionInput &input, Value row, int64_t rows, ArrayRef<Stream> streams,
                              Value result, Value resultRow) {
  SmallVector<InputRow> neighbours;
  for (int64_t r = 0; r < rows; ++r)
    neighbours.push_back({b.add(row, r)});
  emitTile(b, input, neighbours, streams, result, resultRow);
}

void tenon::codegen::emitTile(LoopBuilder &b, const ContractionInput &input, ArrayRef<InputRow> rows, ArrayRef<Stream> streams,
                              Value result, Value resultRow) {
  Values sums = Tile{b, input, rows, streams}.emit();
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t s = 0; s < streams.size(); ++s)
      b.storeFloats(sums[r * streams.size() + s], result, {b.add(resultRow, r), streams[s].column}, lanes);
}
