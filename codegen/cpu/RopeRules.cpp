//===- RopeRules.cpp - rotary embedding at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Interleaved pairs lie in one vector: its lanes are swapped and multiplied by the table's row. The halves of a pair of the other
// kind lie apart, so their pull needs two places, in a kernel that has whole heads at hand. Where neither falls into whole vectors, the
// row at hand is copied to scratch memory, and the factors of a head are spread to one for each element.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/ElementRules.h"
#include "tenon/dialects/tile/KernelPart.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Lanes `first, first + step, ...`, each `repeat` times.
static SmallVector<int64_t> lanePattern(int64_t lanes, int64_t first, int64_t step, int64_t repeat) {
  SmallVector<int64_t> pattern;
  for (int64_t lane = 0; lane < lanes; ++lane)
    pattern.push_back(first + lane / repeat * step);
  return pattern;
}

/// Even lanes of `even` and odd lanes of `odd`; with one lane, which of them is told by the column.
static Value byParity(ElementEmitter &emitter, Value column, Value even, Value odd) {
  LoopBuilder &b = emitter.b;
  if (emitter.lanes == 1) {
    Value isEven = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, b.rem(column, 2), b.index(0));
    return arith::SelectOp::create(b.builder, b.loc, isEven, even, odd);
  }
  SmallVector<bool> bits;
  for (int64_t lane = 0; lane < emitter.lanes; ++lane)
    bits.push_back(lane % 2 == 0);
  Value mask = b.constant(DenseElementsAttr::get(VectorType::get({emitter.lanes}, b.builder.getI1Type()), bits));
  return arith::SelectOp::create(b.builder, b.loc, mask, even, odd);
}

static Value negate(LoopBuilder &b, Value x) {
  return arith::NegFOp::create(b.builder, b.loc, x);
}

//===----------------------------------------------------------------------===//
// rope_table
//===----------------------------------------------------------------------===//

static Value pullRopeTable(ElementEmitter &emitter, Operation *op, Place place) {
  auto table = cast<nn::RopeTableOp>(op);
  LoopBuilder &b = emitter.b;
  Value start = emitter.getArgument(table.getStart());
  if (!start)
    return emitter.fail(op, "expects a start that is an argument");
  Value index = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI64Type(), b.add(start, place.row));
  Value position = arith::SIToFPOp::create(b.builder, b.loc, b.builder.getF32Type(), index);
  Value frequency;
  Place pairs{b.index(0), b.div(place.column, 2), (place.active + 1) / 2};
  if (emitter.lanes == 1) {
    frequency = emitter.pull(table.getFrequencies(), pairs);
  } else {
    Value some = emitter.pull(table.getFrequencies(), pairs);
    frequency = b.shuffle(some, some, lanePattern(emitter.lanes, 0, 1, 2));
  }
  Value angle = b.fmul(b.broadcast(position, emitter.lanes), frequency);
  Value cosine = math::CosOp::create(b.builder, b.loc, angle);
  Value sine = math::SinOp::create(b.builder, b.loc, angle);
  Value turned = byParity(emitter, place.column, cosine, sine);
  double scale = table.getScale().convertToFloat();
  return scale == 1 ? turned : b.fmul(turned, b.splat(scale, emitter.lanes));
}

//===----------------------------------------------------------------------===//
// rope
//===----------------------------------------------------------------------===//

namespace {
/// One pull of nn.rope.
struct Rotation {
  ElementEmitter &emitter;
  nn::RopeOp op;
  Place place;
  int64_t dim;     ///< elements of a head
  int64_t rotated; ///< of them, the first so many are rotated
  LoopBuilder &b = emitter.b;

  Value input(Value column) { return emitter.pull(op.getInput(), {place.row, column, place.active}); }
  Value table(Value column) { return emitter.pull(op.getTable(), {place.row, column, emitter.lanes}); }

  Value interleaved(Value inHead);
  Value halves(Value inHead);
  Value singleLane(Value inHead);
  Value spread();
  Value emit();
};

/// Scratch memory of a row whose pairs do not lie in whole vectors.
struct SpreadRow {
  ElementEmitter &emitter;
  nn::RopeOp op;
  int64_t dim = cast<RankedTensorType>(op.getInput().getType()).getDimSize(2);
  int64_t rotated = cast<RankedTensorType>(op.getTable().getType()).getDimSize(1);
  LoopBuilder &b = emitter.b;

  bool isHalf() { return op.getPairing() == nn::Pairing::half; }
  /// Columns between the elements of a pair.
  int64_t distance() { return isHalf() ? rotated / 2 : 1; }
  /// Elements before and after the row that a vector may reach.
  int64_t margin() { return distance() + emitter.lanes; }
  void fill(Value row);

private:
  void fillAngles(Value row, Value cosines, Value sines);
  void fillSides(Value sides);
};
/// Statistics of a row whose pairs are spread.
enum SpreadStatistic { spreadInput, spreadCosines, spreadSines, spreadSides };
} // namespace

/// Pairs within the vector, and a vector within a head.
Value Rotation::interleaved(Value inHead) {
  Value x = input(place.column), angles = table(inHead);
  Value cosine = b.shuffle(angles, angles, lanePattern(emitter.lanes, 0, 2, 2));
  Value sine = b.shuffle(angles, angles, lanePattern(emitter.lanes, 1, 2, 2));
  SmallVector<int64_t> swap;
  for (int64_t lane = 0; lane < emitter.lanes; ++lane)
    swap.push_back(lane ^ 1);
  return b.fma(b.shuffle(x, x, swap), byParity(emitter, place.column, negate(b, sine), sine), b.fmul(x, cosine));
}

/// Pairs half of the rotated elements apart, a vector within one half.
Value Rotation::halves(Value inHead) {
  int64_t half = rotated / 2;
  auto rotate = [&](Value pair, Value x, Value other, bool isFirst) {
    Value low = table(b.mul(pair, 2)), high = table(b.add(b.mul(pair, 2), emitter.lanes));
    Value cosine = b.shuffle(low, high, lanePattern(emitter.lanes, 0, 2, 1));
    Value sine = b.shuffle(low, high, lanePattern(emitter.lanes, 1, 2, 1));
    return b.fma(other, isFirst ? negate(b, sine) : sine, b.fmul(x, cosine));
  };
  return b.either(
      b.less(inHead, b.index(half)), [&] { return rotate(inHead, input(place.column), input(b.add(place.column, half)), true); },
      [&] { return rotate(b.sub(inHead, b.index(half)), input(place.column), input(b.sub(place.column, b.index(half))), false); });
}

Value Rotation::singleLane(Value inHead) {
  int64_t half = rotated / 2;
  bool isHalf = op.getPairing() == nn::Pairing::half;
  Value pair = isHalf ? b.rem(inHead, half) : b.div(inHead, 2);
  Value isFirst = isHalf ? b.less(inHead, b.index(half))
                         : arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, b.rem(inHead, 2), b.index(0)).getResult();
  int64_t distance = isHalf ? half : 1;
  // The first of a pair always has a column to its right; the other has one to its left.
  Value right = b.add(place.column, distance);
  Value left = b.sub(b.max(place.column, b.index(distance)), b.index(distance));
  Value other = input(arith::SelectOp::create(b.builder, b.loc, isFirst, right, left));
  Value cosine = table(b.mul(pair, 2)), sine = table(b.add(b.mul(pair, 2), 1));
  Value signedSine = arith::SelectOp::create(b.builder, b.loc, isFirst, negate(b, sine), sine);
  return b.fma(other, signedSine, b.fmul(input(place.column), cosine));
}

/// Whether a vector holds whole pairs of one head, or one side of the pairs of one head.
static bool fitsVectors(nn::RopeOp op, int64_t lanes) {
  int64_t dim = cast<RankedTensorType>(op.getInput().getType()).getDimSize(2);
  int64_t rotated = cast<RankedTensorType>(op.getTable().getType()).getDimSize(1);
  return dim % lanes == 0 && rotated % (op.getPairing() == nn::Pairing::half ? 2 * lanes : lanes) == 0;
}

//===----------------------------------------------------------------------===//
// Pairs that do not fall into vectors
//===----------------------------------------------------------------------===//

/// A cosine and a signed sine for each rotated element of a head.
void SpreadRow::fillAngles(Value row, Value cosines, Value sines) {
  int64_t lanes = emitter.lanes;
  auto angles = [&](int64_t first) { return emitter.pull(op.getTable(), {row, b.index(first), std::min(lanes, rotated - first)}); };
  for (int64_t first = 0; !isHalf() && first < rotated; first += lanes) {
    Value both = angles(first), sine = b.shuffle(both, both, lanePattern(lanes, 1, 2, 2));
    int64_t active = std::min(lanes, rotated - first);
    b.storeFloats(b.shuffle(both, both, lanePattern(lanes, 0, 2, 2)), cosines, {b.index(first)}, active);
    b.storeFloats(byParity(emitter, b.index(first), negate(b, sine), sine), sines, {b.index(first)}, active);
  }
  int64_t pairs = rotated / 2;
  for (int64_t first = 0; isHalf() && first < pairs; first += lanes) {
    Value low = angles(2 * first), high = 2 * first + lanes < rotated ? angles(2 * first + lanes) : low;
    Value cosine = b.shuffle(low, high, lanePattern(lanes, 0, 2, 1)), sine = b.shuffle(low, high, lanePattern(lanes, 1, 2, 1));
    int64_t active = std::min(lanes, pairs - first);
    for (int64_t side : {int64_t(0), pairs}) {
      b.storeFloats(cosine, cosines, {b.index(side + first)}, active);
      b.storeFloats(side == 0 ? negate(b, sine) : sine, sines, {b.index(side + first)}, active);
    }
  }
}

/// 1 for the first element of a pair, -1 for the second, 0 for one that is not rotated; of as many elements as a vector may reach.
void SpreadRow::fillSides(Value sides) {
  int64_t lanes = emitter.lanes;
  for (int64_t first = 0; first < dim + lanes; first += lanes) {
    SmallVector<float> numbers;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t element = (first + lane) % dim;
      bool isFirst = isHalf() ? element < rotated / 2 : element % 2 == 0;
      numbers.push_back(element >= rotated ? 0 : isFirst ? 1 : -1);
    }
    b.storeFloats(b.constant(b.builder.getF32VectorAttr(numbers)), sides, {b.index(first)}, lanes);
  }
}

void SpreadRow::fill(Value row) {
  Type f32 = b.builder.getF32Type();
  Span span = emitter.spanOf(op.getInput());
  Value input = b.scratch({span.columns + 2 * margin()}, f32);
  emitter.forColumns(row, span.first, span.columns, [&](Place place) {
    b.storeFloats(emitter.pull(op.getInput(), place), input, {b.add(b.sub(place.column, span.first), margin())}, place.active);
  });
  int64_t reach = llvm::alignTo(dim + emitter.lanes, emitter.lanes);
  Value cosines = b.scratch({reach}, f32), sines = b.scratch({reach}, f32), sides = b.scratch({reach}, f32);
  fillAngles(row, cosines, sines);
  fillSides(sides);
  // A vector that begins near the end of a head goes on in the next one.
  for (Value factors : {cosines, sines})
    b.loop(b.index(0), b.index(emitter.lanes), 1, [&](Value i) { b.store(b.load(factors, {b.rem(i, dim)}), factors, {b.add(i, dim)}); });
  for (auto [number, buffer] : llvm::enumerate(std::array<Value, 4>{input, cosines, sines, sides}))
    emitter.setStatistic(op, row, number, buffer);
}

Value Rotation::spread() {
  SpreadRow spread{emitter, op};
  Value row = emitter.getScratch(op, place.row, spreadInput);
  if (!row)
    return b.splat(0, emitter.lanes);
  Value local = b.sub(place.column, emitter.spanOf(op.getInput()).first), inHead = b.rem(local, dim);
  auto element = [&](int64_t offset) { return b.loadFloats(row, {b.add(local, spread.margin() + offset)}, emitter.lanes, emitter.lanes); };
  auto factor = [&](SpreadStatistic number) {
    return b.loadFloats(emitter.getScratch(op, place.row, number), {inHead}, emitter.lanes, emitter.lanes);
  };
  Value x = element(0), sides = factor(spreadSides), zero = b.splat(0, emitter.lanes);
  Value isFirst = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OGT, sides, zero);
  Value isRotated = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::ONE, sides, zero);
  Value other = arith::SelectOp::create(b.builder, b.loc, isFirst, element(spread.distance()), element(-spread.distance()));
  Value turned = b.fma(other, factor(spreadSines), b.fmul(x, factor(spreadCosines)));
  return arith::SelectOp::create(b.builder, b.loc, isRotated, turned, x);
}

//===----------------------------------------------------------------------===//
// The rule
//===----------------------------------------------------------------------===//

Value Rotation::emit() {
  if (rotated == 0)
    return input(place.column);
  if (emitter.lanes != 1 && !fitsVectors(op, emitter.lanes))
    return emitter.team ? emitter.wantSingleLane() : spread();
  Value inHead = b.rem(place.column, dim);
  bool isHalf = op.getPairing() == nn::Pairing::half;
  auto rotate = [&] { return emitter.lanes == 1 ? singleLane(inHead) : isHalf ? halves(inHead) : interleaved(inHead); };
  if (rotated == dim)
    return rotate();
  return b.either(b.less(inHead, b.index(rotated)), rotate, [&] { return input(place.column); });
}

static void prepareRope(ElementEmitter &emitter, Operation *op, Value row) {
  auto rope = cast<nn::RopeOp>(op);
  emitter.prepare(rope.getInput(), row);
  emitter.prepare(rope.getTable(), row);
  if (!emitter.team && emitter.lanes != 1 && !fitsVectors(rope, emitter.lanes) &&
      cast<RankedTensorType>(rope.getTable().getType()).getDimSize(1) > 0)
    SpreadRow{emitter, rope}.fill(row);
}

static Value pullRope(ElementEmitter &emitter, Operation *op, Place place) {
  auto rope = cast<nn::RopeOp>(op);
  int64_t dim = cast<RankedTensorType>(rope.getInput().getType()).getDimSize(2);
  int64_t rotated = cast<RankedTensorType>(rope.getTable().getType()).getDimSize(1);
  return Rotation{emitter, rope, place, dim, rotated}.emit();
}

void tenon::codegen::addRopeRules(ElementRules &rules) {
  rules.add<nn::RopeTableOp>({pullRopeTable, nullptr, nullptr});
  rules.add<nn::RopeOp>({pullRope, prepareRope, [](Operation *op) { return tile::headAtHand(op) == 0; }});
}
