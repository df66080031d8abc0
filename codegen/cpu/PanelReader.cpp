//===- PanelReader.cpp - weights in panels, as numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/PanelReader.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;
static constexpr PanelFormat formats[] = {{"q4_0", 4, 8, false}, {"q4_1", 4, 0, true}, {"q8_0", 8, 128, false}};

const PanelFormat *tenon::codegen::panelFormat(Type element) {
  auto block = nn::getBlockType(element);
  if (!block)
    return nullptr;
  for (const PanelFormat &format : formats)
    if (format.name == block.getFormatName())
      return &format;
  return nullptr;
}

PanelReader::PanelReader(LoopBuilder &builder, RankedTensorType type, Value weight)
    : layout(*tile::panelLayout(type)), element(type.getElementType()), format(panelFormat(element)), b(builder), weight(weight) {}

Value PanelReader::address(Value panel, Value block) {
  return b.add(b.mul(panel, layout.panelBytes), b.mul(block, layout.blockBytes));
}

Value PanelReader::loadVector(Value block, int64_t vector) {
  return b.loadAs(b.bytes(4 * channels), weight, {b.add(block, vector * 4 * channels)});
}

/// Applies a bit-wise op with a splat constant to bytes, in words of 32 bits.
template <typename OpTy> static Value withWord(LoopBuilder &b, Value bytes, int64_t word) {
  Value words = b.bitcast(bytes, b.ints(channels));
  Value result = OpTy::create(b.builder, b.loc, words, b.splatInt(word, channels));
  return b.bitcast(result, b.bytes(4 * channels));
}

Value PanelReader::unpack(Value vector, int64_t part) {
  if (format->bits == 8)
    return vector;
  if (part == 1)
    vector = withWord<arith::ShRUIOp>(b, vector, 4);
  return withWord<arith::AndIOp>(b, vector, 0x0f0f0f0f);
}

Value PanelReader::halves(Value byte) {
  return b.widen(b.loadAs(VectorType::get({channels}, b.builder.getF16Type()), weight, {byte}));
}
Value PanelReader::scales(Value block) {
  return halves(b.add(block, layout.scales));
}
Value PanelReader::minima(Value block) {
  return halves(b.add(block, layout.minima));
}
Value PanelReader::floats(Value block) {
  return b.widen(b.loadAs(VectorType::get({channels}, element), weight, {block}));
}

Values PanelReader::dequantize(Value block, int64_t step, Value scale, Value minimum) {
  int64_t vector = step % vectors(), part = step / vectors();
  Value words = b.bitcast(loadVector(block, vector), b.ints(channels));
  int64_t mask = (1 << format->bits) - 1;
  Values weights;
  for (int64_t byte = 0; byte < 4; ++byte) {
    Value q = arith::ShRUIOp::create(b.builder, b.loc, words, b.splatInt(byte * 8 + part * 4, channels));
    q = arith::AndIOp::create(b.builder, b.loc, q, b.splatInt(mask, channels));
    if (format->zeroPoint != 0)
      q = arith::SubIOp::create(b.builder, b.loc, q, b.splatInt(format->zeroPoint, channels));
    Value number = b.toFloat(q);
    weights.push_back(minimum ? b.fma(number, scale, minimum) : b.fmul(number, scale));
  }
  return weights;
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

Value PanelReader::row(Value channel, Value column, int64_t lanes, int64_t active) {
  Value panel = b.div(channel, channels), lane = b.rem(channel, channels);
  if (!format)
    return floatRow(panel, lane, column, lanes, active);
  // Blocks have 32 columns, so 16 from a multiple of 16 on are one half of a block: for 4-bit formats the low or the high nibbles of its
  // vectors, for 8-bit formats its first or last four vectors.
  assert(lanes == channels && "rows of quantised weights are read in halves of blocks");
  Value block = address(panel, b.div(column, tile::activationBlock));
  Value half = b.div(b.rem(column, tile::activationBlock), channels);
  Value first = b.add(block, b.mul(lane, 4));
  if (format->bits == 8)
    first = b.add(first, b.mul(half, 4 * 4 * channels));
  Value words = b.splatInt(0, 4);
  for (int64_t group = 0; group < 4; ++group)
    words = b.insert(b.loadAs(Type(b.builder.getI32Type()), weight, {b.add(first, group * 4 * channels)}), words, group);
  Value q = arith::ExtUIOp::create(b.builder, b.loc, b.ints(channels), b.bitcast(words, b.bytes(channels)));
  if (format->bits == 4) {
    Value shift = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI32Type(), b.mul(half, 4));
    q = arith::ShRUIOp::create(b.builder, b.loc, q, b.broadcast(shift, channels));
    q = arith::AndIOp::create(b.builder, b.loc, q, b.splatInt(15, channels));
  }
  Value number = b.toFloat(arith::SubIOp::create(b.builder, b.loc, q, b.splatInt(format->zeroPoint, channels)));
  Type half16 = b.builder.getF16Type();
  auto ofLane = [&](int64_t part) {
    Value byte = b.add(b.add(block, part), b.mul(lane, 2));
    return b.broadcast(b.widen(b.loadAs(half16, weight, {byte})), channels);
  };
  Value scaled = b.fmul(number, ofLane(layout.scales));
  return format->hasMinima ? b.fadd(scaled, ofLane(layout.minima)) : scaled;
}
