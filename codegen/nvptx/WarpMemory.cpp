//===- WarpMemory.cpp - vectors that a thread reads and writes at once ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/WarpMemory.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace tenon::codegen;

static llvm::MaybeAlign sizeOf(VectorType type) {
  return llvm::Align(type.getNumElements() * type.getElementTypeBitWidth() / 8);
}

Value nvptx::loadWhole(LoopBuilder &b, VectorType type, Value buffer, ValueRange indices) {
  return vector::LoadOp::create(b.builder, b.loc, type, buffer, indices, /*nontemporal=*/false, sizeOf(type));
}

Value nvptx::loadWholeAs(LoopBuilder &b, VectorType type, Value buffer, Value byte) {
  auto bytes = VectorType::get({type.getNumElements() * type.getElementTypeBitWidth() / 8}, b.builder.getI8Type());
  return b.bitcast(loadWhole(b, bytes, buffer, byte), type);
}

void nvptx::storeWhole(LoopBuilder &b, Value vector, Value buffer, ValueRange indices) {
  vector::StoreOp::create(b.builder, b.loc, vector, buffer, indices, /*nontemporal=*/false, sizeOf(cast<VectorType>(vector.getType())));
}
