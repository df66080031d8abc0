//===- LoopBuilder.cpp - index arithmetic, loops and float arithmetic ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/LoopBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tenon::codegen;

Value LoopBuilder::constant(TypedAttr value) {
  Value &known = constants[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(entry);
    known = arith::ConstantOp::create(builder, loc, value);
  }
  return known;
}

Value LoopBuilder::index(int64_t value) {
  return constant(builder.getIndexAttr(value));
}
Value LoopBuilder::scalar(double value) {
  return constant(builder.getF32FloatAttr(value));
}
Value LoopBuilder::scalarInt(int64_t value) {
  return constant(builder.getI32IntegerAttr(value));
}
Value LoopBuilder::splat(double value, int64_t lanes) {
  return constant(DenseElementsAttr::get(floats(lanes), builder.getF32FloatAttr(value)));
}
Value LoopBuilder::splatInt(int64_t value, int64_t lanes) {
  return constant(DenseElementsAttr::get(ints(lanes), builder.getI32IntegerAttr(value)));
}

VectorType LoopBuilder::floats(int64_t lanes) {
  return VectorType::get({lanes}, builder.getF32Type());
}
VectorType LoopBuilder::ints(int64_t lanes) {
  return VectorType::get({lanes}, builder.getI32Type());
}
VectorType LoopBuilder::bytes(int64_t lanes) {
  return VectorType::get({lanes}, builder.getI8Type());
}

//===----------------------------------------------------------------------===//
// Index arithmetic
//===----------------------------------------------------------------------===//

/// Makes the op, or the value or constant that it folds to.
template <typename OpTy> static Value fold(LoopBuilder &self, Value a, Value b) {
  OpBuilder scratch(self.builder.getContext());
  OwningOpRef<Operation *> op = OpTy::create(scratch, self.loc, a, b).getOperation();
  SmallVector<OpFoldResult> folded;
  if (succeeded(op->fold(folded)) && !folded.empty()) {
    if (auto value = dyn_cast<Value>(folded.front()))
      return value;
    return self.constant(cast<TypedAttr>(cast<Attribute>(folded.front())));
  }
  return self.builder.insert(op.release())->getResult(0);
}

Value LoopBuilder::add(Value a, Value b) {
  return fold<arith::AddIOp>(*this, a, b);
}
Value LoopBuilder::sub(Value a, Value b) {
  return fold<arith::SubIOp>(*this, a, b);
}
Value LoopBuilder::mul(Value a, Value b) {
  return fold<arith::MulIOp>(*this, a, b);
}
Value LoopBuilder::div(Value a, Value b) {
  return fold<arith::DivUIOp>(*this, a, b);
}
Value LoopBuilder::rem(Value a, int64_t b) {
  return fold<arith::RemUIOp>(*this, a, index(b));
}
Value LoopBuilder::min(Value a, Value b) {
  return fold<arith::MinUIOp>(*this, a, b);
}
Value LoopBuilder::max(Value a, Value b) {
  return fold<arith::MaxUIOp>(*this, a, b);
}
Value LoopBuilder::less(Value a, Value b) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, a, b);
}

Value LoopBuilder::same(Value a, int64_t b) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, a, index(b));
}

std::pair<Value, Value> LoopBuilder::share(Value count, Value thread, Value threads) {
  Value first = div(mul(count, thread), threads);
  Value last = div(mul(count, add(thread, 1)), threads);
  return {first, last};
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

Values LoopBuilder::loop(Value first, Value last, int64_t step, ValueRange carried, function_ref<Values(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(builder, loc, first, last, index(step), carried);
  OpBuilder::InsertionGuard guard(builder);
  if (carried.empty()) {
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    body(loop.getInductionVar(), {});
    return {};
  }
  builder.setInsertionPointToStart(loop.getBody());
  Values next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, next);
  return Values(loop.getResults());
}

void LoopBuilder::loop(Value first, Value last, Value step, function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, loc, first, last, step);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

void LoopBuilder::loop(Value first, Value last, int64_t step, function_ref<void(Value)> body) {
  loop(first, last, index(step), body);
}

void LoopBuilder::cover(int64_t size, int64_t step, function_ref<void(Value, int64_t)> body) {
  int64_t whole = size / step * step;
  if (whole > 0)
    loop(index(0), index(whole), step, [&](Value first) { body(first, step); });
  if (whole < size)
    body(index(whole), size - whole);
}

void LoopBuilder::when(Value condition, function_ref<void()> then) {
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
}

void LoopBuilder::choose(Value condition, function_ref<void()> then, function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
  builder.setInsertionPoint(branch.elseBlock()->getTerminator());
  otherwise();
}

Value LoopBuilder::either(Value condition, function_ref<Value()> then, function_ref<Value()> otherwise) {
  auto branch = scf::IfOp::create(
      builder, loc, condition, [&](OpBuilder &, Location) { scf::YieldOp::create(builder, loc, then()); },
      [&](OpBuilder &, Location) { scf::YieldOp::create(builder, loc, otherwise()); });
  return branch.getResult(0);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value LoopBuilder::fadd(Value a, Value b) {
  return arith::AddFOp::create(builder, loc, a, b);
}
Value LoopBuilder::fsub(Value a, Value b) {
  return arith::SubFOp::create(builder, loc, a, b);
}
Value LoopBuilder::fmul(Value a, Value b) {
  return arith::MulFOp::create(builder, loc, a, b);
}
Value LoopBuilder::fdiv(Value a, Value b) {
  return arith::DivFOp::create(builder, loc, a, b);
}
Value LoopBuilder::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(builder, loc, a, b, c);
}
Value LoopBuilder::iadd(Value a, Value b) {
  return fold<arith::AddIOp>(*this, a, b);
}
Value LoopBuilder::imul(Value a, Value b) {
  return fold<arith::MulIOp>(*this, a, b);
}
Value LoopBuilder::fabs(Value a) {
  return math::AbsFOp::create(builder, loc, a);
}

// One compare and select is one vmaxps, whose second operand wins when the operands are unordered.
Value LoopBuilder::fmax(Value a, Value b) {
  Value greater = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, a, b);
  return arith::SelectOp::create(builder, loc, greater, a, b);
}
Value LoopBuilder::fmin(Value a, Value b) {
  Value less = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, a, b);
  return arith::SelectOp::create(builder, loc, less, a, b);
}

/// The type with `element` in place of the element type.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

Value LoopBuilder::toFloat(Value ints) {
  return arith::SIToFPOp::create(builder, loc, withElement(ints.getType(), builder.getF32Type()), ints);
}

Value LoopBuilder::widen(Value floats) {
  if (getElementTypeOrSelf(floats.getType()).isF32())
    return floats;
  return arith::ExtFOp::create(builder, loc, withElement(floats.getType(), builder.getF32Type()), floats);
}

Value LoopBuilder::narrow(Value floats, Type element) {
  if (element.isF32())
    return floats;
  if (element.isF16())
    return arith::TruncFOp::create(builder, loc, withElement(floats.getType(), element), floats);
  // bf16 in integers, for machines without the conversion: add half of the last place that stays, the lower half for ties to even; a NaN
  // stays one by its quiet bit.
  assert(element.isBF16() && "a float element is f32, f16 or bf16");
  Type word = withElement(floats.getType(), builder.getI32Type());
  auto number = [&](int64_t value) -> Value {
    if (auto vector = dyn_cast<VectorType>(word))
      return splatInt(value, vector.getNumElements());
    return scalarInt(value);
  };
  Value bits = arith::BitcastOp::create(builder, loc, word, floats);
  Value high = arith::ShRUIOp::create(builder, loc, bits, number(16));
  Value odd = arith::AndIOp::create(builder, loc, high, number(1));
  Value rounded = arith::AddIOp::create(builder, loc, bits, iadd(odd, number(0x7fff)));
  Value kept = arith::ShRUIOp::create(builder, loc, rounded, number(16));
  Value quiet = arith::OrIOp::create(builder, loc, high, number(0x40));
  Value unordered = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, floats, floats);
  Value chosen = arith::SelectOp::create(builder, loc, unordered, quiet, kept);
  Value half = arith::TruncIOp::create(builder, loc, withElement(word, builder.getI16Type()), chosen);
  return arith::BitcastOp::create(builder, loc, withElement(word, element), half);
}
