//===- GpuStage.cpp - threads, shared memory and shuffles ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "tenon/codegen/nvptx/GpuKernelFrame.h"

using namespace mlir;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

/// The address space of shared memory.
static constexpr unsigned sharedSpace = 3;
/// Where dynamic shared memory begins: what swizzled tiles of TMA ask for.
static constexpr int64_t sharedAlignment = 1024;

template <typename OpTy> static Value readRegister(LoopBuilder &b) {
  return OpTy::create(b.builder, b.loc, b.builder.getI32Type());
}

Value GpuStage::special(std::array<Value, 3> &known, unsigned dim, bool ofGrid) {
  if (known[dim])
    return known[dim];
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(b.entryBlock());
  using namespace NVVM;
  Value read;
  if (ofGrid)
    read = dim == 0 ? readRegister<BlockIdXOp>(b) : dim == 1 ? readRegister<BlockIdYOp>(b) : readRegister<BlockIdZOp>(b);
  else
    read = dim == 0 ? readRegister<ThreadIdXOp>(b) : dim == 1 ? readRegister<ThreadIdYOp>(b) : readRegister<ThreadIdZOp>(b);
  return known[dim] = arith::IndexCastUIOp::create(b.builder, b.loc, b.builder.getIndexType(), read);
}

Value GpuStage::lane() {
  return b.rem(thread(), warpThreads);
}
Value GpuStage::warp() {
  return b.div(thread(), warpThreads);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// What a memref becomes in the LLVM dialect.
static Type descriptorType(LLVM::LLVMPointerType pointer, int64_t rank) {
  Type i64 = IntegerType::get(pointer.getContext(), 64);
  SmallVector<Type> fields{pointer, pointer, i64};
  if (rank > 0)
    fields.append(2, LLVM::LLVMArrayType::get(i64, rank));
  return LLVM::LLVMStructType::getLiteral(pointer.getContext(), fields);
}

Value nvptx::bufferAt(LoopBuilder &b, Value pointer, MemRefType type, Value size) {
  Type i64 = b.builder.getI64Type();
  Value made = LLVM::PoisonOp::create(b.builder, b.loc, descriptorType(cast<LLVM::LLVMPointerType>(pointer.getType()), type.getRank()));
  auto insert = [&](Value value, ArrayRef<int64_t> place) {
    made = LLVM::InsertValueOp::create(b.builder, b.loc, made, value, place);
  };
  auto number = [&](int64_t value) -> Value { return LLVM::ConstantOp::create(b.builder, b.loc, i64, b.builder.getI64IntegerAttr(value)); };
  insert(pointer, {0});
  insert(pointer, {1});
  insert(number(0), {2});
  int64_t stride = 1;
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    // Of further dynamic dimensions, as those of a bias, only the kernel knows the size: it takes the buffer as one row.
    bool isDynamic = type.isDynamicDim(dim);
    Value extent = isDynamic ? Value(arith::IndexCastOp::create(b.builder, b.loc, i64, size)) : number(type.getDimSize(dim));
    insert(extent, {3, dim});
    insert(number(stride), {4, dim});
    stride *= isDynamic ? 1 : type.getDimSize(dim);
  }
  return UnrealizedConversionCastOp::create(b.builder, b.loc, type, made).getResult(0);
}

LLVM::GlobalOp GpuStage::sharedSymbol() {
  auto device = b.entryBlock()->getParentOp()->getParentOfType<gpu::GPUModuleOp>();
  if (auto found = device.lookupSymbol<LLVM::GlobalOp>("shared"))
    return found;
  OpBuilder builder = OpBuilder::atBlockBegin(device.getBody());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  return LLVM::GlobalOp::create(builder, device.getLoc(), type, /*isConstant=*/false, LLVM::Linkage::External, "shared", Attribute(),
                                sharedAlignment, sharedSpace);
}

Value GpuStage::shared(ArrayRef<int64_t> shape, Type element, int64_t alignment) {
  assert(alignment <= sharedAlignment && "shared memory begins at a multiple of 1024 bytes");
  usedShared = llvm::alignTo(usedShared, alignment);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(b.entryBlock());
  Value base = LLVM::AddressOfOp::create(b.builder, b.loc, sharedSymbol());
  LLVM::GEPArg offset = int32_t(usedShared);
  Value place = LLVM::GEPOp::create(b.builder, b.loc, base.getType(), b.builder.getI8Type(), base, ArrayRef(offset));
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  usedShared += llvm::divideCeil(elements * element.getIntOrFloatBitWidth(), 8);
  auto type = MemRefType::get(shape, element, MemRefLayoutAttrInterface(), b.builder.getI64IntegerAttr(sharedSpace));
  return bufferAt(b, place, type, {});
}

Value GpuStage::pointer(Value buffer, ValueRange indices) {
  auto type = cast<MemRefType>(buffer.getType());
  auto space = dyn_cast_or_null<IntegerAttr>(type.getMemorySpace());
  auto pointerType = LLVM::LLVMPointerType::get(b.builder.getContext(), space ? space.getInt() : 0);
  Type descriptor = descriptorType(pointerType, type.getRank());
  Value base = LLVM::ExtractValueOp::create(
      b.builder, b.loc, UnrealizedConversionCastOp::create(b.builder, b.loc, descriptor, buffer).getResult(0), ArrayRef<int64_t>{1});
  Value offset = b.index(0);
  for (auto [dim, index] : llvm::enumerate(indices))
    offset = b.add(dim == 0 ? offset : b.mul(offset, type.getDimSize(dim)), index);
  Value place = arith::IndexCastOp::create(b.builder, b.loc, b.builder.getI64Type(), offset);
  return LLVM::GEPOp::create(b.builder, b.loc, pointerType, type.getElementType(), base, ArrayRef<LLVM::GEPArg>{place});
}

//===----------------------------------------------------------------------===//
// Between threads
//===----------------------------------------------------------------------===//

void GpuStage::barrier() {
  NVVM::Barrier0Op::create(b.builder, b.loc);
}

static Value shuffle(LoopBuilder &b, NVVM::ShflKind kind, Value scalar, Value offset, Value mask) {
  if (!mask)
    mask = b.scalarInt(-1);
  return NVVM::ShflOp::create(b.builder, b.loc, scalar.getType(), mask, scalar, offset, b.scalarInt(warpThreads - 1), kind, UnitAttr());
}

Value GpuStage::shuffleXor(Value scalar, int64_t distance, Value mask) {
  return shuffle(b, NVVM::ShflKind::bfly, scalar, b.scalarInt(distance), mask);
}

Value GpuStage::shuffleFrom(Value scalar, Value from) {
  return shuffle(b, NVVM::ShflKind::idx, scalar, from, {});
}

Value GpuStage::acrossLanes(Value scalar, int64_t count, RowTeam::Combine combine) {
  Value mask;
  if (count < warpThreads) {
    // The lanes of the group, which may be the only ones here.
    Value first = arith::IndexCastUIOp::create(b.builder, b.loc, b.builder.getI32Type(), b.mul(b.div(lane(), count), count));
    mask = arith::ShLIOp::create(b.builder, b.loc, b.scalarInt((int64_t(1) << count) - 1), first);
  }
  for (int64_t distance = count / 2; distance > 0; distance /= 2)
    scalar = combine(scalar, shuffleXor(scalar, distance, mask));
  return scalar;
}
