//===- PanelSums.cpp - rows times a panel by the lanes of a warp ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/PanelSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/nvptx/WarpMemory.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

static constexpr int64_t channels = PanelLanes::channels;
static constexpr int64_t blockPart = tile::blockPart;

namespace {
/// 32 k of one panel.
struct Part {
  Value number; ///< in the row
  Value block;  ///< where its block begins
  Value part;   ///< in its block
  ScaleAndMinimum ofBlock;
};

class PanelSums {
public:
  PanelSums(LoopBuilder &b, const PanelLanes &lanes, const ContractionInput &input, ValueRange rows, PanelReader &weight, Value panel)
      : b(b), lanes(lanes), input(input), rows(rows), weight(weight), panel(panel), some{lanes.firstChannel, channels},
        depth(input.type.getShape().back()) {}

  Values overFloats();
  Values overBlocks();

private:
  Value firstUnit() { return b.add(b.mul(lanes.warpSlice, PanelLanes::slices), lanes.slice); }
  int64_t unitStep() const { return lanes.warpSlices * PanelLanes::slices; }
  Value activation(Value row, Value k) { return b.broadcast(b.widen(b.load(input.buffer, {row, k})), channels); }
  void addFloat(Value k, Value factor, Values &sums);
  void addDequantized(const Part &part, Values &sums);
  void addIntegers(const Part &part, Values &sums);
  void addSpan(const Part &part, int64_t span, const tile::ActivationRow &row, ArrayRef<Value> dots, Values &sums);
  Values dotSpan(const Part &part, int64_t span, int64_t plane, int64_t sumPlane, int64_t firstPlane);
  Value word(Value row, int64_t place, Value number, Type type) {
    return b.loadAs(type, input.buffer, {row, b.add(b.mul(number, 4), place)});
  }
  Value spanSum(Value row, const Part &part, int64_t span, int64_t sumPlane, int64_t firstPlane);

  LoopBuilder &b;
  const PanelLanes &lanes;
  const ContractionInput &input;
  ValueRange rows;
  PanelReader &weight;
  Value panel;
  PanelChannels some;
  int64_t depth;
};
} // namespace

//===----------------------------------------------------------------------===//
// Float weights
//===----------------------------------------------------------------------===//

/// Adds the products at one k; `factor`, if given, is 1 for the lanes that add them and 0 for the others.
void PanelSums::addFloat(Value k, Value factor, Values &sums) {
  Value w = weight.floats(weight.address(panel, k), some);
  if (factor)
    w = b.fmul(w, b.broadcast(factor, channels));
  for (auto [row, sum] : llvm::zip(rows, sums))
    sum = b.fma(w, activation(row, k), sum);
}

Values PanelSums::overFloats() {
  constexpr int64_t unit = 4;
  Values sums(rows.size(), b.splat(0, channels));
  int64_t whole = depth / unit * unit;
  if (whole > 0)
    sums = b.loop(b.mul(firstUnit(), unit), b.index(whole), unit * unitStep(), sums, [&](Value first, ValueRange carried) {
      Values next(carried);
      for (int64_t k = 0; k < unit; ++k)
        addFloat(b.add(first, k), {}, next);
      return next;
    });
  if (whole == depth)
    return sums;
  // What is left is the first slice's.
  Value isFirst = b.same(firstUnit(), 0);
  Value factor = arith::SelectOp::create(b.builder, b.loc, isFirst, b.scalar(1), b.scalar(0));
  for (int64_t k = whole; k < depth; ++k)
    addFloat(b.index(k), factor, sums);
  return sums;
}

//===----------------------------------------------------------------------===//
// Quantised weights, float activations
//===----------------------------------------------------------------------===//

void PanelSums::addDequantized(const Part &part, Values &sums) {
  PanelReader::Integers integers(weight, part.block, part.part, some);
  int64_t steps = PanelReader::steps / weight.spans();
  Value firstColumn = b.mul(part.number, blockPart);
  for (int64_t step = 0; step < PanelReader::steps; ++step) {
    Value span = b.add(b.mul(part.part, weight.spans()), step / steps);
    Values four = weight.dequantize(integers.step(step), weight.ofSpan(part.block, part.ofBlock, span, some));
    for (auto [row, sum] : llvm::zip(rows, sums)) {
      // Rows of whole blocks begin at multiples of 16 bytes.
      auto type = VectorType::get({4}, cast<MemRefType>(input.buffer.getType()).getElementType());
      Value a = b.widen(loadWhole(b, type, input.buffer, {row, b.add(firstColumn, step * 4)}));
      for (int64_t k = 0; k < 4; ++k)
        sum = b.fma(four[k], b.broadcast(b.extract(a, k), channels), sum);
    }
  }
}

//===----------------------------------------------------------------------===//
// Quantised weights, rounded activations
//===----------------------------------------------------------------------===//

/// The sum of a row's integers of one plane over a span.
Value PanelSums::spanSum(Value row, const Part &part, int64_t span, int64_t sumPlane, int64_t firstPlane) {
  Type type = b.builder.getI32Type();
  if (weight.spans() == 1)
    return word(row, sumPlane, part.number, type);
  Value first = word(row, firstPlane, part.number, type);
  return span == 0 ? first : Value(arith::SubIOp::create(b.builder, b.loc, word(row, sumPlane, part.number, type), first));
}

/// The integer sums of a span's products with one plane of the activations, the weights' zero point taken out.
Values PanelSums::dotSpan(const Part &part, int64_t span, int64_t plane, int64_t sumPlane, int64_t firstPlane) {
  constexpr int64_t wordsOfVector = 4;
  Values dots;
  for (Value row : rows) {
    Value start = b.splatInt(0, channels);
    if (int64_t zeroPoint = weight.form->zeroPoint)
      start = b.broadcast(b.imul(spanSum(row, part, span, sumPlane, firstPlane), b.scalarInt(-zeroPoint)), channels);
    dots.push_back(start);
  }
  PanelReader::Integers integers(weight, part.block, part.part, some);
  int64_t steps = PanelReader::steps / weight.spans();
  Values vectors(rows.size());
  for (int64_t step = span * steps; step < (span + 1) * steps; ++step) {
    Value w = integers.step(step);
    for (size_t r = 0; r < rows.size(); ++r) {
      if (step % wordsOfVector == 0) {
        Value byte = b.add(b.mul(part.number, blockPart), plane + 4 * step);
        vectors[r] = b.bitcast(b.loadAligned(b.bytes(4 * wordsOfVector), input.buffer, {rows[r], byte}), b.ints(wordsOfVector));
      }
      Value a = b.bitcast(b.broadcast(b.extract(vectors[r], step % wordsOfVector), channels), b.bytes(4 * channels));
      dots[r] = tile::IntDotOp::create(b.builder, b.loc, dots[r], w, a, weight.isSmall());
    }
  }
  return dots;
}

/// Adds a span's integer sums to the float sums.
void PanelSums::addSpan(const Part &part, int64_t span, const tile::ActivationRow &row, ArrayRef<Value> dots, Values &sums) {
  ScaleAndMinimum scale = weight.ofSpan(part.block, part.ofBlock, b.add(b.mul(part.part, weight.spans()), span), some);
  for (size_t r = 0; r < rows.size(); ++r) {
    Value d = word(rows[r], row.scales, part.number, b.builder.getF32Type());
    sums[r] = b.fma(b.fmul(scale.scale, b.broadcast(d, channels)), b.toFloat(dots[r]), sums[r]);
    if (!scale.minimum)
      continue;
    Value total = spanSum(rows[r], part, span, row.sums, row.firstSums);
    if (row.low >= 0)
      total = b.iadd(b.imul(total, b.scalarInt(256)), spanSum(rows[r], part, span, row.lowSums, row.lowFirstSums));
    sums[r] = b.fma(scale.minimum, b.broadcast(b.fmul(d, b.toFloat(total)), channels), sums[r]);
  }
}

void PanelSums::addIntegers(const Part &part, Values &sums) {
  tile::ActivationRow row = *tile::activationRow(input.type);
  for (int64_t span = 0; span < weight.spans(); ++span) {
    Values dots = dotSpan(part, span, row.values, row.sums, row.firstSums);
    if (row.low >= 0) {
      Values low = dotSpan(part, span, row.low, row.lowSums, row.lowFirstSums);
      for (auto [high, lowDot] : llvm::zip(dots, low))
        high = b.iadd(b.imul(high, b.splatInt(256, channels)), lowDot);
    }
    addSpan(part, span, row, dots, sums);
  }
}

Values PanelSums::overBlocks() {
  bool isInteger = tile::activationRow(input.type).has_value();
  Values zero(rows.size(), b.splat(0, channels));
  return b.loop(firstUnit(), b.index(depth / blockPart), unitStep(), zero, [&](Value number, ValueRange carried) {
    Values sums(carried);
    Value block = weight.address(panel, b.div(number, weight.parts()));
    Part part{number, block, b.rem(number, weight.parts()), weight.ofBlock(block, some)};
    isInteger ? addIntegers(part, sums) : addDequantized(part, sums);
    return sums;
  });
}

Values nvptx::panelSums(LoopBuilder &b, const PanelLanes &lanes, const ContractionInput &input, ValueRange rows, PanelReader &weight,
                        Value panel) {
  PanelSums sums(b, lanes, input, rows, weight, panel);
  return weight.form ? sums.overBlocks() : sums.overFloats();
}
