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

/// Sixteen numbers as integers, halves rounded away from zero.
static Value roundToInt(LoopBuilder &b, Value numbers) {
  Value rounded = math::RoundOp::create(b.builder, b.loc, numbers);
  return arith::FPToSIOp::create(b.builder, b.loc, b.ints(lanes), rounded);
}

static void storeBytes(LoopBuilder &b, Value ints, Value buffer, Value row, Value byte) {
  Value bytes = arith::TruncIOp::create(b.builder, b.loc, b.bytes(lanes), ints);
  b.storeAs(bytes, buffer, {row, byte});
}

static void storeWord(LoopBuilder &b, Value scalar, Value buffer, Value row, int64_t part, Value block) {
  b.storeAs(b.broadcast(scalar, 1), buffer, {row, b.add(b.mul(block, 4), part)});
}

static void quantizeToOnePlane(LoopBuilder &b, Value low, Value high, Value amax, const tile::ActivationRow &parts, Value buffer, Value row,
                               Value column, Value block) {
  Value d = b.fdiv(amax, b.scalar(127));
  Value isZero = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, d, b.scalar(0));
  Value inverse = arith::SelectOp::create(b.builder, b.loc, isZero, b.scalar(0), b.fdiv(b.scalar(1), d));
  Value factor = b.broadcast(inverse, lanes);
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
  Value isZero = arith::CmpFOp::create(b.builder, b.loc, arith::CmpFPredicate::OEQ, d, b.scalar(0));
  Value divisor = b.broadcast(arith::SelectOp::create(b.builder, b.loc, isZero, b.scalar(1), d), lanes);
  Value highSum = b.splatInt(0, lanes), lowSum = highSum;
  for (auto [number, half] : llvm::enumerate(std::array<Value, 2>{low, high})) {
    Value q = roundToInt(b, b.fdiv(half, divisor));
    Value rounded = b.iadd(q, b.splatInt(128, lanes));
    Value highByte = arith::ShRSIOp::create(b.builder, b.loc, rounded, b.splatInt(8, lanes));
    Value lowByte = arith::SubIOp::create(b.builder, b.loc, q, b.imul(highByte, b.splatInt(256, lanes)));
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
