//===- RopeRules.cpp - rotary embedding at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Interleaved pairs lie in one vector: its lanes are swapped and multiplied by the table's row. The halves of a pair of the other
// kind lie apart, so their pull needs two places and only a kernel that has whole rows can make it.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/ElementRules.h"

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
  return byParity(emitter, place.column, cosine, sine);
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
  Value interleavedByLane();
  Value halves(Value inHead);
  Value singleLane(Value inHead);
  Value emit();
};
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

/// Pairs within the vector, which holds parts of several heads: the angles are gathered lane by lane.
Value Rotation::interleavedByLane() {
  Value buffer = emitter.getArgument(op.getTable());
  if (!buffer)
    return emitter.wantSingleLane();
  Value cosine = b.splat(1, emitter.lanes), sine = b.splat(0, emitter.lanes);
  for (int64_t lane = 0; lane < place.active; ++lane) {
    Value inHead = b.rem(b.add(place.column, lane), dim);
    Value pair = b.mul(b.div(b.min(inHead, b.index(rotated - 1)), 2), 2);
    Value isRotated = b.less(inHead, b.index(rotated));
    Value c = b.load(buffer, {place.row, pair}), s = b.load(buffer, {place.row, b.add(pair, 1)});
    cosine = b.insert(arith::SelectOp::create(b.builder, b.loc, isRotated, c, b.scalar(1)), cosine, lane);
    sine = b.insert(arith::SelectOp::create(b.builder, b.loc, isRotated, s, b.scalar(0)), sine, lane);
  }
  SmallVector<int64_t> swap;
  for (int64_t lane = 0; lane < emitter.lanes; ++lane)
    swap.push_back(lane ^ 1);
  Value x = input(place.column);
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

Value Rotation::emit() {
  if (rotated == 0)
    return input(place.column);
  Value inHead = b.rem(place.column, dim);
  bool isHalf = op.getPairing() == nn::Pairing::half;
  bool fits = dim % emitter.lanes == 0 && rotated % emitter.lanes == 0 && (!isHalf || rotated / 2 % emitter.lanes == 0);
  if (emitter.lanes != 1 && !fits)
    return isHalf || dim % 2 != 0 ? emitter.wantSingleLane() : interleavedByLane();
  auto rotate = [&] { return emitter.lanes == 1 ? singleLane(inHead) : isHalf ? halves(inHead) : interleaved(inHead); };
  if (rotated == dim)
    return rotate();
  return b.either(b.less(inHead, b.index(rotated)), rotate, [&] { return input(place.column); });
}

static Value pullRope(ElementEmitter &emitter, Operation *op, Place place) {
  auto rope = cast<nn::RopeOp>(op);
  int64_t dim = cast<RankedTensorType>(rope.getInput().getType()).getDimSize(2);
  int64_t rotated = cast<RankedTensorType>(rope.getTable().getType()).getDimSize(1);
  return Rotation{emitter, rope, place, dim, rotated}.emit();
}

void tenon::codegen::addRopeRules(ElementRules &rules) {
  rules.add<nn::RopeTableOp>({pullRopeTable, nullptr, nullptr});
  // Interleaved pairs stay within a vector as long as heads have an even number of elements.
  auto keepsPlace = [](Operation *op) {
    auto rope = cast<nn::RopeOp>(op);
    return rope.getPairing() == nn::Pairing::interleaved && cast<RankedTensorType>(rope.getType()).getDimSize(2) % 2 == 0;
  };
  rules.add<nn::RopeOp>({pullRope, nullptr, keepsPlace});
}
