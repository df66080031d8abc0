//===- QuantizeSink.cpp - rounds 32 columns to a block of integers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The definition is nn.quantize's: for !nn.a8, q = round(x * (1 / d)) with d = amax / 127, in f32, halves away from zero, and the scale is
// d rounded to f16. For !nn.a16, q = round(x / d) with d = amax / 32512, split into a high and a low byte.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/Sinks.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;

static int64_t lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
}

/// Numbers as integers, halves rounded away from zero.
static Value roundToInt(LoopBuilder &b, Value numbers) {
  Value rounded = math::RoundOp::create(b.builder, b.loc, numbers);
  return arith::FPToSIOp::create(b.builder, b.loc, b.ints(lanesOf(numbers)), rounded);
}

static void storeBytes(LoopBuilder &b, Value ints, Value buffer, Value row, Value byte) {
  Value bytes = arith::TruncIOp::create(b.builder, b.loc, b.bytes(lanesOf(ints)), ints);
  b.storeAs(bytes, buffer, {row, byte});
}

/// 1 / d, and 0 for 0.
static Value inverseScale(LoopBuilder &b, Value d) {
  Value isZero = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, d, b.scalar(0));
  return arith::SelectOp::create(b.builder, b.loc, isZero, b.scalar(0), b.fdiv(b.scalar(1), d));
}

/// d, and 1 for 0.
static Value divisorOf(LoopBuilder &b, Value d) {
  Value isZero = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, d, b.scalar(0));
  return arith::SelectOp::create(b.builder, b.loc, isZero, b.scalar(1), d);
}

/// Integers in [-32512, 32512] as high bytes and low bytes, both signed.
static std::pair<Value, Value> splitBytes(LoopBuilder &b, Value q) {
  int64_t count = lanesOf(q);
  Value high = arith::ShRSIOp::create(b.builder, b.loc, b.iadd(q, b.splatInt(128, count)), b.splatInt(8, count));
  return {high, arith::SubIOp::create(b.builder, b.loc, q, b.imul(high, b.splatInt(256, count)))};
}

static void storeWord(LoopBuilder &b, Value scalar, Value buffer, Value row, int64_t part, Value block) {
  b.storeAs(b.broadcast(scalar, 1), buffer, {row, b.add(b.mul(block, 4), part)});
}

static void quantizeToOnePlane(LoopBuilder &b, Value low, Value high, Value amax, const tile::ActivationRow &parts, Value buffer, Value row,
                               Value column, Value block) {
  Value d = b.fdiv(amax, b.scalar(127));
  Value factor = b.broadcast(inverseScale(b, d), lanes);
  Value q0 = roundToInt(b, b.fmul(low, factor)), q1 = roundToInt(b, b.fmul(high, factor));
  storeBytes(b, q0, buffer, row, b.add(column, parts.values));
  storeBytes(b, q1, buffer, row, b.add(column, parts.values + lanes));
  storeWord(b, b.widen(b.narrow(d, b.builder.getF16Type())), buffer, row, parts.scales, block);
  storeWord(b, b.reduceAdd(b.iadd(q0, q1)), buffer, row, parts.sums, block);
  storeWord(b, b.reduceAdd(q0), buffer, row, parts.firstSums, block);
}

static void quantizeToTwoPlanes(LoopBuilder &b, Value low, Value high, Value amax, const tile::ActivationRow &parts, Value buffer,
                                Value row, Value column, Value block) {
  Value d = b.fdiv(amax, b.scalar(32512));
  Value divisor = b.broadcast(divisorOf(b, d), lanes);
  Value highSum = b.splatInt(0, lanes), lowSum = highSum;
  for (auto [number, half] : llvm::enumerate(std::array<Value, 2>{low, high})) {
    Value q = roundToInt(b, b.fdiv(half, divisor));
    auto [highByte, lowByte] = splitBytes(b, q);
    storeBytes(b, highByte, buffer, row, b.add(column, parts.values + number * lanes));
    storeBytes(b, lowByte, buffer, row, b.add(column, parts.low + number * lanes));
    highSum = b.iadd(highSum, highByte);
    lowSum = b.iadd(lowSum, lowByte);
    if (number == 0) {
      storeWord(b, b.reduceAdd(highSum), buffer, row, parts.firstSums, block);
      storeWord(b, b.reduceAdd(lowSum), buffer, row, parts.lowFirstSums, block);
    }
  }
  storeWord(b, d, buffer, row, parts.scales, block);
  storeWord(b, b.reduceAdd(highSum), buffer, row, parts.sums, block);
  storeWord(b, b.reduceAdd(lowSum), buffer, row, parts.lowSums, block);
}

void tenon::codegen::quantizeBlock(LoopBuilder &b, Value low, Value high, RankedTensorType type, Value buffer, Value row, Value column) {
  tile::ActivationRow parts = *tile::activationRow(type);
  Value block = b.div(column, tile::activationBlock);
  Value amax = b.reduceMax(b.fmax(b.fabs(low), b.fabs(high)));
  if (isa<nn::A16Type>(type.getElementType()))
    quantizeToTwoPlanes(b, low, high, amax, parts, buffer, row, column, block);
  else
    quantizeToOnePlane(b, low, high, amax, parts, buffer, row, column, block);
}

//===----------------------------------------------------------------------===//
// By neighbours of a team
//===----------------------------------------------------------------------===//

namespace {
/// The threads that hold a block, `lanes` columns each.
struct Neighbours {
  ElementEmitter &emitter;
  int64_t count = tile::activationBlock / emitter.lanes;
  LoopBuilder &b = emitter.b;

  Value largest(Value magnitudes) {
    return emitter.team->acrossNeighbours(b.reduceMax(magnitudes), count, [&](Value x, Value y) { return b.fmax(x, y); });
  }
  /// The sums of the block and of the first half; the latter for threads of the first half.
  std::pair<Value, Value> sums(Value ints) {
    auto add = [&](Value x, Value y) { return b.iadd(x, y); };
    Value own = b.reduceAdd(ints);
    return {emitter.team->acrossNeighbours(own, count, add), emitter.team->acrossNeighbours(own, count / 2, add)};
  }
  /// What the first of them does.
  void first(function_ref<void()> body) { b.when(b.same(b.rem(emitter.team->rank, count), 0), body); }
};
} // namespace

void tenon::codegen::quantizeTogether(ElementEmitter &emitter, Value value, RankedTensorType type, Value buffer, Place place) {
  LoopBuilder &b = emitter.b;
  Neighbours neighbours{emitter};
  tile::ActivationRow parts = *tile::activationRow(type);
  Value block = b.div(place.column, tile::activationBlock), row = place.row;
  Value x = emitter.pull(value, place), amax = neighbours.largest(b.fabs(x));
  if (isa<nn::A16Type>(type.getElementType())) {
    Value d = b.fdiv(amax, b.scalar(32512));
    auto [high, low] = splitBytes(b, roundToInt(b, b.fdiv(x, b.broadcast(divisorOf(b, d), emitter.lanes))));
    storeBytes(b, high, buffer, row, b.add(place.column, parts.values));
    storeBytes(b, low, buffer, row, b.add(place.column, parts.low));
    auto [sum, firstSum] = neighbours.sums(high);
    auto [lowSum, lowFirstSum] = neighbours.sums(low);
    neighbours.first([&, sum = sum, firstSum = firstSum, lowSum = lowSum, lowFirstSum = lowFirstSum] {
      storeWord(b, d, buffer, row, parts.scales, block);
      storeWord(b, sum, buffer, row, parts.sums, block);
      storeWord(b, lowSum, buffer, row, parts.lowSums, block);
      storeWord(b, firstSum, buffer, row, parts.firstSums, block);
      storeWord(b, lowFirstSum, buffer, row, parts.lowFirstSums, block);
    });
    return;
  }
  Value d = b.fdiv(amax, b.scalar(127));
  Value q = roundToInt(b, b.fmul(x, b.broadcast(inverseScale(b, d), emitter.lanes)));
  storeBytes(b, q, buffer, row, b.add(place.column, parts.values));
  auto [sum, firstSum] = neighbours.sums(q);
  neighbours.first([&, sum = sum, firstSum = firstSum] {
    storeWord(b, b.widen(b.narrow(d, b.builder.getF16Type())), buffer, row, parts.scales, block);
    storeWord(b, sum, buffer, row, parts.sums, block);
    storeWord(b, firstSum, buffer, row, parts.firstSums, block);
  });
}
