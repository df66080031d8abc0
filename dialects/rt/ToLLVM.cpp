//===- ToLLVM.cpp - rt as loads from the call's struct ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each op reads a field of `tenon_abi_call` at the offset that runtime/abi.h gives it. Fields never change during a call, so their loads
// are marked invariant and LLVM keeps one of each.
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/ConvertToLLVM/ToLLVMInterface.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "tenon/dialects/rt/RT.h"
#include "tenon/runtime/abi.h"

using namespace mlir;
using namespace tenon::rt;

namespace {
using Rewriter = ConversionPatternRewriter;

Type pointerType(OpBuilder &builder) { return LLVM::LLVMPointerType::get(builder.getContext()); }

Value addBytes(OpBuilder &builder, Location loc, Value pointer, LLVM::GEPArg bytes) {
  return LLVM::GEPOp::create(builder, loc, pointerType(builder), builder.getI8Type(), pointer, bytes);
}

/// Loads the field at byte `offset` of the call.
Value loadField(OpBuilder &builder, Location loc, Value call, size_t offset, Type type) {
  Value address = addBytes(builder, loc, call, int32_t(offset));
  return LLVM::LoadOp::create(builder, loc, type, address, /*alignment=*/8, /*isVolatile=*/false, /*isNonTemporal=*/false,
                              /*isInvariant=*/true);
}

/// Loads element `index` of the array whose address the field at `offset` holds.
Value loadElement(OpBuilder &builder, Location loc, Value call, size_t offset, int64_t index, Type type) {
  Value array = loadField(builder, loc, call, offset, pointerType(builder));
  return loadField(builder, loc, array, size_t(index) * 8, type);
}

Value constant(OpBuilder &builder, Location loc, int64_t value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), builder.getI64IntegerAttr(value));
}

/// base + place(tokens)
Value addExtent(OpBuilder &builder, Location loc, Value base, ExtentAttr place, Value tokens) {
  Value product = LLVM::MulOp::create(builder, loc, tokens, constant(builder, loc, place.getPerToken()));
  Value sum = LLVM::AddOp::create(builder, loc, product, constant(builder, loc, place.getConstant()));
  return LLVM::AddOp::create(builder, loc, base, sum);
}

/// A row-major descriptor of `type` around `pointer`, its dynamic dimensions given by `sizes`.
Value makeDescriptor(OpBuilder &builder, Location loc, const LLVMTypeConverter &converter, MemRefType type, Value pointer,
                     ValueRange sizes) {
  auto descriptor = MemRefDescriptor::poison(builder, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(builder, loc, pointer);
  descriptor.setAlignedPtr(builder, loc, pointer);
  descriptor.setConstantOffset(builder, loc, 0);
  Value stride = constant(builder, loc, 1);
  SmallVector<Value> dims;
  for (int64_t dim = 0, next = 0; dim < type.getRank(); ++dim)
    dims.push_back(type.isDynamicDim(dim) ? sizes[next++] : constant(builder, loc, type.getDimSize(dim)));
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    descriptor.setSize(builder, loc, dim, dims[dim]);
    descriptor.setStride(builder, loc, dim, stride);
    if (dim > 0)
      stride = LLVM::MulOp::create(builder, loc, stride, dims[dim]);
  }
  return descriptor;
}

/// Tokens and position: a number read from the call.
struct LowerTokens : ConvertOpToLLVMPattern<TokensOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(TokensOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    rewriter.replaceOp(op,
                       loadElement(rewriter, op.getLoc(), adaptor.getCall(), offsetof(tenon_abi_call, symbols), 0, rewriter.getI64Type()));
    return success();
  }
};

struct LowerPosition : ConvertOpToLLVMPattern<PositionOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(PositionOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    rewriter.replaceOp(op, loadField(rewriter, op.getLoc(), adaptor.getCall(), offsetof(tenon_abi_call, position), rewriter.getI64Type()));
    return success();
  }
};

/// Inputs, outputs and states: a pointer out of one of the call's arrays.
template <typename BufferOp, size_t field> struct LowerIndexedBuffer : ConvertOpToLLVMPattern<BufferOp> {
  using ConvertOpToLLVMPattern<BufferOp>::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(BufferOp op, typename BufferOp::Adaptor adaptor, Rewriter &rewriter) const override {
    Value pointer = loadElement(rewriter, op.getLoc(), adaptor.getCall(), field, op.getIndex(), pointerType(rewriter));
    rewriter.replaceOp(op, makeDescriptor(rewriter, op.getLoc(), *this->getTypeConverter(), cast<MemRefType>(op.getType()), pointer,
                                          adaptor.getSizes()));
    return success();
  }
};
using LowerInput = LowerIndexedBuffer<InputOp, offsetof(tenon_abi_call, inputs)>;
using LowerOutput = LowerIndexedBuffer<OutputOp, offsetof(tenon_abi_call, outputs)>;
using LowerState = LowerIndexedBuffer<StateOp, offsetof(tenon_abi_call, states)>;

struct LowerWeight : ConvertOpToLLVMPattern<WeightOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(WeightOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value weights = loadField(rewriter, loc, adaptor.getCall(), offsetof(tenon_abi_call, weights), pointerType(rewriter));
    Value pointer = addBytes(rewriter, loc, weights, constant(rewriter, loc, op.getOffset()));
    rewriter.replaceOp(op, makeDescriptor(rewriter, loc, *getTypeConverter(), cast<MemRefType>(op.getType()), pointer, {}));
    return success();
  }
};

struct LowerArena : ConvertOpToLLVMPattern<ArenaOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(ArenaOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value arena = loadField(rewriter, loc, adaptor.getCall(), offsetof(tenon_abi_call, arena), pointerType(rewriter));
    Value pointer = addBytes(rewriter, loc, arena, addExtent(rewriter, loc, adaptor.getFrame(), op.getPlace(), adaptor.getTokens()));
    rewriter.replaceOp(op, makeDescriptor(rewriter, loc, *getTypeConverter(), cast<MemRefType>(op.getType()), pointer, adaptor.getSizes()));
    return success();
  }
};

struct LowerFrame : ConvertOpToLLVMPattern<FrameOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(FrameOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    rewriter.replaceOp(op, addExtent(rewriter, op.getLoc(), adaptor.getFrame(), op.getPlace(), adaptor.getTokens()));
    return success();
  }
};

struct LowerBarrier : ConvertOpToLLVMPattern<BarrierOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult matchAndRewrite(BarrierOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value function = loadField(rewriter, loc, adaptor.getCall(), offsetof(tenon_abi_call, barrier), pointerType(rewriter));
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(getContext()), {pointerType(rewriter), rewriter.getI64Type()});
    rewriter.replaceOpWithNewOp<LLVM::CallOp>(op, type, ValueRange{function, adaptor.getCall(), adaptor.getThread()});
    return success();
  }
};

struct ToLLVM : ConvertToLLVMPatternInterface {
  using ConvertToLLVMPatternInterface::ConvertToLLVMPatternInterface;
  void loadDependentDialects(MLIRContext *context) const final { context->loadDialect<LLVM::LLVMDialect>(); }
  void populateConvertToLLVMConversionPatterns(ConversionTarget &target, LLVMTypeConverter &converter,
                                               RewritePatternSet &patterns) const final {
    converter.addConversion([](CallType type) -> Type { return LLVM::LLVMPointerType::get(type.getContext()); });
    target.addIllegalDialect<RTDialect>();
    patterns.add<LowerTokens, LowerPosition, LowerInput, LowerOutput, LowerState, LowerWeight, LowerArena, LowerFrame, LowerBarrier>(
        converter);
  }
};
} // namespace

void tenon::rt::registerConvertToLLVM(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, RTDialect *dialect) { dialect->addInterfaces<ToLLVM>(); });
}
