//===- PanelReader.cpp - weights in panels, as numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/PanelReader.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Tile.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;

const BlockForm *tenon::codegen::weightForm(Type element) {
  auto block = nn::getBlockType(element);
  const BlockCodec *codec = block ? findBlockCodec(block.getFormatName()) : nullptr;
  return codec ? codec->form : nullptr;
}

PanelReader::PanelReader(LoopBuilder &builder, RankedTensorType type, Value weight)
    : layout(*tile::panelLayout(type)), element(type.getElementType()), form(weightForm(element)), b(builder), weight(weight) {}

Value PanelReader::address(Value panel, Value block) {
  return b.add(b.mul(panel, layout.panelBytes), b.mul(block, layout.blockBytes));
}

/// `bytes` of each of some channels from `place` on.
static Value channelsAt(LoopBuilder &b, Value block, Value place, const PanelChannels &some, int64_t bytes) {
  Value at = b.add(block, place);
  return some.first ? b.add(at, b.mul(some.first, bytes)) : at;
}

Value PanelReader::floats(Value block, const PanelChannels &some) {
  Value byte = channelsAt(b, block, b.index(0), some, layout.blockBytes / channels);
  return b.widen(b.loadAligned(VectorType::get({some.count}, element), weight, {byte}));
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

static int64_t lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
}

/// Bits `first` to `first + bits` of every byte, in words of 32 bits, moved to bit `to`.
static Value bitsOfBytes(LoopBuilder &b, Value bytes, int64_t first, int64_t bits, int64_t to) {
  int64_t lanes = lanesOf(bytes) / 4;
  Value words = b.bitcast(bytes, b.ints(lanes));
  if (first > to)
    words = arith::ShRUIOp::create(b.builder, b.loc, words, b.splatInt(first - to, lanes));
  else if (first < to)
    words = arith::ShLIOp::create(b.builder, b.loc, words, b.splatInt(to - first, lanes));
  int64_t mask = int64_t(0x01010101) * (((1 << bits) - 1) << to);
  words = arith::AndIOp::create(b.builder, b.loc, words, b.splatInt(int32_t(mask), lanes));
  return b.bitcast(words, b.bytes(4 * lanes));
}

PanelReader::Integers::Integers(PanelReader &reader, Value block, Value part, const PanelChannels &some)
    : reader(reader), some(some) {
  LoopBuilder &b = reader.b;
  address = channelsAt(b, block, b.add(b.mul(part, reader.layout.partBytes), reader.layout.integers), some, /*bytes=*/4);
}

/// A step's bits of one plane. A low plane's begin at bit 0, a high plane's at the number of low bits.
Value PanelReader::Integers::plane(int64_t first, int64_t bits, int64_t step, std::pair<int64_t, Value> &loaded) {
  LoopBuilder &b = reader.b;
  int64_t steps = tile::PanelBlock::stepsOfVector(bits), vector = first + step / steps;
  if (loaded.first != vector)
    loaded = {vector, b.loadAligned(b.bytes(4 * some.count), reader.weight, {b.add(address, vector * tile::panelVector)})};
  if (bits == 8)
    return loaded.second;
  return bitsOfBytes(b, loaded.second, step % steps * bits, bits, first == 0 ? 0 : reader.layout.lowBits);
}

Value PanelReader::Integers::step(int64_t step) {
  LoopBuilder &b = reader.b;
  const tile::PanelLayout &layout = reader.layout;
  Value integers = plane(0, layout.lowBits, step, low);
  if (layout.highBits != 0)
    integers =
        arith::OrIOp::create(b.builder, b.loc, integers, plane(tile::PanelBlock::vectors(layout.lowBits), layout.highBits, step, high));
  return reader.lookUp(integers);
}

Value PanelReader::lookUp(Value integers) {
  if (!form->table)
    return integers;
  SmallVector<int8_t> entries(form->table, form->table + 16);
  Value table = b.constant(DenseElementsAttr::get(b.bytes(16), ArrayRef<int8_t>(entries)));
  return tile::LookupOp::create(b.builder, b.loc, integers.getType(), table, integers);
}

/// Integers without their zero point, as f32.
Value PanelReader::number(Value integers) {
  if (form->zeroPoint != 0)
    integers = arith::SubIOp::create(b.builder, b.loc, integers, b.splatInt(form->zeroPoint, lanesOf(integers)));
  return b.toFloat(integers);
}

Values PanelReader::dequantize(Value integers, const ScaleAndMinimum &scale) {
  int64_t count = lanesOf(integers) / 4;
  Value words = b.bitcast(integers, b.ints(count));
  Values weights;
  for (int64_t byte = 0; byte < 4; ++byte) {
    Value q = arith::ShRUIOp::create(b.builder, b.loc, words, b.splatInt(byte * 8, count));
    q = number(arith::AndIOp::create(b.builder, b.loc, q, b.splatInt(255, count)));
    weights.push_back(scale.minimum ? b.fma(q, scale.scale, scale.minimum) : b.fmul(q, scale.scale));
  }
  return weights;
}

//===----------------------------------------------------------------------===//
// Scales and minima
//===----------------------------------------------------------------------===//

Value PanelReader::halfs(Value block, int64_t place, const PanelChannels &some) {
  Value byte = channelsAt(b, block, b.index(place), some, 2);
  return b.widen(b.loadAligned(VectorType::get({some.count}, b.builder.getF16Type()), weight, {byte}));
}

ScaleAndMinimum PanelReader::ofBlock(Value block, const PanelChannels &some) {
  ScaleAndMinimum result;
  if (layout.scales >= 0)
    result.scale = halfs(block, layout.scales, some);
  if (layout.minima >= 0)
    result.minimum = halfs(block, layout.minima, some);
  if (form->minimum == SpanMinimum::bytes)
    result.minimum = b.fmul(result.minimum, b.splat(-1, some.count));
  return result;
}

/// The bytes of spans' scales as f32, the half left out.
Value PanelReader::scaleNumber(Value bytes) {
  int64_t lanes = lanesOf(bytes);
  if (form->scale == SpanScale::signedBytes)
    return b.toFloat(arith::ExtSIOp::create(b.builder, b.loc, b.ints(lanes), bytes));
  Value words = arith::ExtUIOp::create(b.builder, b.loc, b.ints(lanes), bytes);
  if (form->scale == SpanScale::exponents) {
    // The bits of 2^(e - 128): e - 1 is the float's exponent; for 0 and 1 the number is subnormal, and the larger of the two.
    Value less = b.iadd(words, b.splatInt(-1, lanes)), more = b.iadd(words, b.splatInt(1, lanes));
    Value normal = arith::ShLIOp::create(b.builder, b.loc, less, b.splatInt(23, lanes));
    Value subnormal = arith::ShLIOp::create(b.builder, b.loc, more, b.splatInt(21, lanes));
    return b.bitcast(arith::MaxSIOp::create(b.builder, b.loc, normal, subnormal), b.floats(lanes));
  }
  if (tile::sharesBytes(*form))
    words = arith::AndIOp::create(b.builder, b.loc, words, b.splatInt(15, lanes));
  return b.toFloat(words);
}

Value PanelReader::minimumNumber(Value bytes) {
  int64_t lanes = lanesOf(bytes);
  Value words = arith::ExtUIOp::create(b.builder, b.loc, b.ints(lanes), bytes);
  if (tile::sharesBytes(*form))
    words = arith::ShRUIOp::create(b.builder, b.loc, words, b.splatInt(4, lanes));
  return b.toFloat(words);
}

ScaleAndMinimum PanelReader::ofSpan(Value block, const ScaleAndMinimum &ofBlock, Value number, const PanelChannels &some) {
  ScaleAndMinimum result = ofBlock;
  auto bytes = [&](int64_t place) {
    Value ofNumber = b.add(b.mul(number, channels), place);
    return b.loadAligned(b.bytes(some.count), weight, {channelsAt(b, block, ofNumber, some, 1)});
  };
  if (layout.spanScales >= 0) {
    Value number = scaleNumber(bytes(layout.spanScales));
    result.scale = ofBlock.scale ? b.fmul(number, ofBlock.scale) : number;
  }
  if (layout.spanMinima >= 0)
    result.minimum = b.fmul(minimumNumber(bytes(layout.spanMinima)), ofBlock.minimum);
  return result;
}

ScaleAndMinimum PanelReader::ofSpan(Value block, const ScaleAndMinimum &ofBlock, Value part, int64_t span) {
  return ofSpan(block, ofBlock, b.add(b.mul(part, spans()), b.index(span)), PanelChannels());
}

//===----------------------------------------------------------------------===//
// A row of the matrix, for embeddings
//===----------------------------------------------------------------------===//

Value PanelReader::floatRow(Value panel, Value lane, Value column, int64_t lanes, int64_t active) {
  Value row = b.splat(0, lanes);
  int64_t bytes = layout.blockBytes / channels;
  for (int64_t k = 0; k < active; ++k) {
    Value byte = b.add(address(panel, b.add(column, k)), b.mul(lane, bytes));
    row = b.insert(b.widen(b.loadAs(element, weight, {byte})), row, k);
  }
  return row;
}

/// Four steps' bits of one plane and one channel, as a word each: `address` is the channel's in the plane's first vector, `half`
/// says which four steps.
Value PanelReader::rowPlane(Value address, Value half, int64_t bits) {
  int64_t steps = tile::PanelBlock::stepsOfVector(bits);
  // A vector of eight steps has both halves, the others are of one half.
  if (steps < 8)
    address = b.add(address, b.mul(half, 4 / steps * tile::panelVector));
  Value words = b.splatInt(0, 4);
  SmallVector<int32_t> shifts;
  for (int64_t step = 0; step < 4; ++step) {
    Value word = b.loadAs(Type(b.builder.getI32Type()), weight, {b.add(address, step / steps * tile::panelVector)});
    words = b.insert(word, words, step);
    shifts.push_back(step % steps * bits);
  }
  words = arith::ShRUIOp::create(b.builder, b.loc, words, b.constant(b.builder.getI32VectorAttr(shifts)));
  if (steps == 8) {
    Value shift = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), b.mul(half, 4 * bits));
    words = arith::ShRUIOp::create(b.builder, b.loc, words, b.broadcast(shift, 4));
  }
  return bitsOfBytes(b, b.bitcast(words, b.bytes(16)), 0, bits, 0);
}

ScaleAndMinimum PanelReader::ofLane(Value block, Value lane, Value span) {
  auto half = [&](int64_t place) {
    return b.widen(b.loadAs(Type(b.builder.getF16Type()), weight, {b.add(block, b.add(b.mul(lane, 2), place))}));
  };
  auto byte = [&](int64_t place) { return b.loadAs(b.bytes(1), weight, {b.add(block, b.add(b.add(b.mul(span, channels), lane), place))}); };
  ScaleAndMinimum result;
  if (layout.scales >= 0)
    result.scale = half(layout.scales);
  if (layout.minima >= 0)
    result.minimum = half(layout.minima);
  if (layout.spanScales >= 0) {
    Value number = b.extract(scaleNumber(byte(layout.spanScales)), 0);
    result.scale = result.scale ? b.fmul(number, result.scale) : number;
  }
  if (layout.spanMinima >= 0)
    result.minimum = b.fmul(b.fmul(b.extract(minimumNumber(byte(layout.spanMinima)), 0), result.minimum), b.scalar(-1));
  return result;
}

/// Sixteen columns are half of a part: four steps, and of one span.
Value PanelReader::quantizedRow(Value panel, Value lane, Value column) {
  Value block = address(panel, b.div(column, layout.blockElements)), within = b.rem(column, layout.blockElements);
  Value half = b.div(b.rem(within, tile::blockPart), channels);
  Value first = b.add(b.add(block, b.mul(b.div(within, tile::blockPart), layout.partBytes)), b.add(b.mul(lane, 4), layout.integers));
  Value integers = rowPlane(first, half, layout.lowBits);
  if (layout.highBits != 0) {
    Value second = b.add(first, tile::PanelBlock::vectors(layout.lowBits) * tile::panelVector);
    Value high = bitsOfBytes(b, rowPlane(second, half, layout.highBits), 0, layout.highBits, layout.lowBits);
    integers = arith::OrIOp::create(b.builder, b.loc, integers, high);
  }
  Value q = number(arith::ExtUIOp::create(b.builder, b.loc, b.ints(channels), lookUp(integers)));
  ScaleAndMinimum scale = ofLane(block, lane, b.div(within, form->span));
  Value scaled = b.fmul(q, b.broadcast(scale.scale, channels));
  return scale.minimum ? b.fadd(scaled, b.broadcast(scale.minimum, channels)) : scaled;
}

Value PanelReader::row(Value channel, Value column, int64_t lanes, int64_t active) {
  Value panel = b.div(channel, channels), lane = b.rem(channel, channels);
  if (!form)
    return floatRow(panel, lane, column, lanes, active);
  assert(lanes == channels && "rows of quantised weights are read in halves of parts");
  return quantizedRow(panel, lane, column);
}
