//===- VectorMemory.cpp - LoopBuilder's vectors and memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/cpu/LoopBuilder.h"

using namespace mlir;
using namespace tenon::codegen;

//===----------------------------------------------------------------------===//
// Between scalars and vectors
//===----------------------------------------------------------------------===//

Value LoopBuilder::broadcast(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(builder, loc, VectorType::get({lanes}, scalar.getType()), scalar);
}
Value LoopBuilder::bitcast(Value vector, VectorType type) {
  return vector.getType() == type ? vector : Value(vector::BitCastOp::create(builder, loc, type, vector));
}
Value LoopBuilder::extract(Value vector, int64_t lane) {
  return vector::ExtractOp::create(builder, loc, vector, lane);
}
Value LoopBuilder::insert(Value scalar, Value vector, int64_t lane) {
  return vector::InsertOp::create(builder, loc, scalar, vector, lane);
}
Value LoopBuilder::shuffle(Value a, Value b, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(builder, loc, a, b, lanes);
}

Value LoopBuilder::lanesBelow(Value first, Value end, int64_t lanes) {
  auto word = [&](Value index) -> Value { return arith::IndexCastOp::create(builder, loc, builder.getI32Type(), index); };
  SmallVector<int32_t> places;
  for (int64_t lane = 0; lane < lanes; ++lane)
    places.push_back(lane);
  Value left = broadcast(arith::SubIOp::create(builder, loc, word(end), word(first)), lanes);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, constant(builder.getI32VectorAttr(places)), left);
}

Value LoopBuilder::distances(Value first, Value origin, int64_t lanes) {
  auto word = [&](Value index) -> Value { return arith::IndexCastOp::create(builder, loc, builder.getI32Type(), index); };
  SmallVector<int32_t> places;
  for (int64_t lane = 0; lane < lanes; ++lane)
    places.push_back(lane);
  Value start = broadcast(arith::SubIOp::create(builder, loc, word(first), word(origin)), lanes);
  return toFloat(iadd(start, constant(builder.getI32VectorAttr(places))));
}

// Sums halve the vector until one lane is left: a fixed tree, the same on every target.
static Value reduceHalves(LoopBuilder &self, Value vector, function_ref<Value(Value, Value)> combine) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  assert(llvm::isPowerOf2_64(lanes) && "a reduced vector has a power of two of lanes");
  while (lanes > 1) {
    lanes /= 2;
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      low.push_back(lane);
      high.push_back(lane + lanes);
    }
    vector = combine(self.shuffle(vector, vector, low), self.shuffle(vector, vector, high));
  }
  return self.extract(vector, 0);
}

Value LoopBuilder::reduceAdd(Value vector) {
  if (cast<VectorType>(vector.getType()).getElementType().isInteger())
    return vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD, vector);
  return reduceHalves(*this, vector, [&](Value a, Value b) { return fadd(a, b); });
}
Value LoopBuilder::reduceMax(Value vector) {
  return reduceHalves(*this, vector, [&](Value a, Value b) { return fmax(a, b); });
}

Value LoopBuilder::reduceMin(Value vector) {
  return reduceHalves(*this, vector, [&](Value a, Value b) { return fmin(a, b); });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value LoopBuilder::mask(int64_t lanes, int64_t active) {
  SmallVector<bool> bits(lanes, false);
  std::fill(bits.begin(), bits.begin() + active, true);
  return constant(DenseElementsAttr::get(VectorType::get({lanes}, builder.getI1Type()), bits));
}

Value LoopBuilder::loadFloats(Value buffer, ValueRange indices, int64_t lanes, Value mask) {
  auto type = VectorType::get({lanes}, cast<MemRefType>(buffer.getType()).getElementType());
  Value zero = constant(cast<TypedAttr>(builder.getZeroAttr(type)));
  return widen(vector::MaskedLoadOp::create(builder, loc, type, buffer, indices, mask, zero));
}

/// The indices of a later element of the last dimension.
static Values indicesOf(LoopBuilder &self, ValueRange indices, int64_t lane) {
  Values moved(indices);
  moved.back() = self.add(moved.back(), lane);
  return moved;
}

Value LoopBuilder::loadFloats(Value buffer, ValueRange indices, int64_t lanes, int64_t active) {
  if (active != lanes && !hasMasks) {
    Value vector = splat(0, lanes);
    for (int64_t lane = 0; lane < active; ++lane)
      vector = insert(widen(load(buffer, indicesOf(*this, indices, lane))), vector, lane);
    return vector;
  }
  if (active != lanes)
    return loadFloats(buffer, indices, lanes, mask(lanes, active));
  auto type = VectorType::get({lanes}, cast<MemRefType>(buffer.getType()).getElementType());
  return widen(vector::LoadOp::create(builder, loc, type, buffer, indices));
}

void LoopBuilder::storeFloats(Value vector, Value buffer, ValueRange indices, int64_t active) {
  Value narrowed = narrow(vector, cast<MemRefType>(buffer.getType()).getElementType());
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (active == lanes)
    vector::StoreOp::create(builder, loc, narrowed, buffer, indices);
  else if (!hasMasks)
    for (int64_t lane = 0; lane < active; ++lane)
      store(extract(narrowed, lane), buffer, indicesOf(*this, indices, lane));
  else
    vector::MaskedStoreOp::create(builder, loc, buffer, indices, mask(lanes, active), narrowed);
}

Value LoopBuilder::load(Value buffer, ValueRange indices) {
  return memref::LoadOp::create(builder, loc, buffer, indices);
}
void LoopBuilder::store(Value scalar, Value buffer, ValueRange indices) {
  memref::StoreOp::create(builder, loc, scalar, buffer, indices);
}

void LoopBuilder::prefetch(Value buffer, ValueRange indices, bool isWritten) {
  memref::PrefetchOp::create(builder, loc, buffer, indices, isWritten, /*localityHint=*/3, /*isDataCache=*/true);
}

/// The vector of i8 with the bits of `type`.
static VectorType byteType(VectorType type) {
  return VectorType::get({type.getNumElements() * type.getElementTypeBitWidth() / 8}, IntegerType::get(type.getContext(), 8));
}

Value LoopBuilder::loadAs(VectorType type, Value buffer, ValueRange indices) {
  return bitcast(vector::LoadOp::create(builder, loc, byteType(type), buffer, indices), type);
}
Value LoopBuilder::loadAligned(VectorType type, Value buffer, ValueRange indices) {
  constexpr int64_t mostAlignment = 16;
  VectorType bytes = byteType(type);
  llvm::Align alignment(std::min<int64_t>(mostAlignment, bytes.getNumElements()));
  return bitcast(vector::LoadOp::create(builder, loc, bytes, buffer, indices, /*nontemporal=*/false, alignment), type);
}
void LoopBuilder::storeAs(Value vector, Value buffer, ValueRange indices) {
  vector::StoreOp::create(builder, loc, bitcast(vector, byteType(cast<VectorType>(vector.getType()))), buffer, indices);
}
Value LoopBuilder::loadAs(Type type, Value buffer, ValueRange indices) {
  return extract(loadAs(VectorType::get({1}, type), buffer, indices), 0);
}

Value LoopBuilder::scratch(ArrayRef<int64_t> shape, Type element) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(entry);
  return memref::AllocaOp::create(builder, loc, MemRefType::get(shape, element), builder.getI64IntegerAttr(64));
}
