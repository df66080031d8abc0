//===- GpuKernelFrame.cpp - the functions of a kernel on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/GpuKernelFrame.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

/// What the runtime and the packer promise of every buffer.
static constexpr int64_t pointerAlignment = 16;

LLVM::LLVMFuncOp GpuKernelFrame::makeFunction(StringRef name) {
  OpBuilder builder = OpBuilder::atBlockEnd(device.getBody());
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> parameters{pointer};
  FunctionType signature = kernel.getFunctionType();
  parameters.append(signature.getNumInputs() + signature.getNumResults() + hasWorkspace(), pointer);
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()), parameters);
  auto function = LLVM::LLVMFuncOp::create(builder, kernel.getLoc(), name, type);
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  for (size_t number = 0; number < parameters.size(); ++number) {
    // Numbers stand side by side behind the call's.
    if (number > 0 && number <= signature.getNumInputs() && isa<IndexType>(signature.getInput(number - 1)))
      continue;
    // Buffers do not overlap, apart from operands that are only read: the arena's plan and the runtime's checks see to that.
    function.setArgAttr(number, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
    function.setArgAttr(number, LLVM::LLVMDialect::getAlignAttrName(), builder.getI64IntegerAttr(pointerAlignment));
  }
  return function;
}

/// The 64-bit number in `place` behind a pointer.
static Value readNumber(LoopBuilder &b, Value pointer, int32_t place) {
  Type i64 = b.builder.getI64Type();
  Value address = LLVM::GEPOp::create(b.builder, b.loc, pointer.getType(), i64, pointer, ArrayRef<LLVM::GEPArg>{place});
  Value word = LLVM::LoadOp::create(b.builder, b.loc, i64, address, /*alignment=*/8);
  return arith::IndexCastOp::create(b.builder, b.loc, b.builder.getIndexType(), word);
}

GpuKernelFrame::Outcome GpuKernelFrame::write(StageShape shape, int64_t lanes, function_ref<LogicalResult(GpuStage &)> body) {
  auto name = StringAttr::get(kernel.getContext(), kernel.getSymName() + shape.suffix);
  LLVM::LLVMFuncOp function = makeFunction(name);
  Block *entry = function.addEntryBlock(*std::make_unique<OpBuilder>(kernel.getContext()));
  OpBuilder builder = OpBuilder::atBlockEnd(entry);
  LLVM::ReturnOp::create(builder, kernel.getLoc(), ValueRange());
  builder.setInsertionPoint(entry->getTerminator());
  LoopBuilder b(builder, kernel.getLoc(), entry);
  b.hasMasks = false;
  ElementEmitter emitter(b, lanes, readNumber(b, entry->getArgument(0), 0), readNumber(b, entry->getArgument(0), 1));
  GpuStage stage(b, emitter, std::move(shape));

  auto giveUp = [&](Outcome outcome) {
    function.erase();
    return outcome;
  };
  FunctionType signature = kernel.getFunctionType();
  Values results;
  for (auto [number, type] : llvm::enumerate(llvm::concat<const Type>(signature.getInputs(), signature.getResults()))) {
    Value parameter = entry->getArgument(number + 1);
    Type buffer = tile::bufferType(type);
    if (!buffer) {
      kernel.emitError("kernel for a GPU: no buffer holds a value of type ") << type;
      return giveUp(Outcome::failed);
    }
    Value value = isa<IndexType>(type) ? readNumber(b, parameter, 0)
                                       : bufferAt(b, parameter, cast<MemRefType>(buffer), emitter.tokens);
    if (number < signature.getNumInputs())
      emitter.setArgument(kernel.getBlock().getArgument(number), value);
    else
      results.push_back(value);
  }
  if (hasWorkspace()) {
    auto bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    stage.workspace = bufferAt(b, entry->getArguments().back(), bytes, b.index(0));
  }
  FailureOr<SmallVector<Sink>> sinks = collectSinks(kernel, emitter, results);
  if (failed(sinks))
    return giveUp(Outcome::failed);
  stage.sinks = std::move(*sinks);
  LogicalResult emitted = body(stage);
  if (emitter.wantsSingleLane())
    return giveUp(lanes == 1 ? Outcome::failed : Outcome::wantsSingleLane);
  if (failed(emitted) || emitter.failed())
    return giveUp(Outcome::failed);

  SmallVector<int32_t> threads(stage.shape.threads.begin(), stage.shape.threads.end());
  function->setAttr(NVVM::NVVMDialect::getReqntidAttrName(), builder.getDenseI32ArrayAttr(threads));
  functions.push_back(function);
  written.push_back(
      tile::StageAttr::get(kernel.getContext(), name, stage.shape.threads, stage.shape.grid, stage.shape.rows, stage.sharedBytes()));
  return Outcome::done;
}

LogicalResult GpuKernelFrame::stage(StageShape shape, int64_t lanes, function_ref<LogicalResult(GpuStage &)> body) {
  Outcome outcome = write(shape, lanes, body);
  if (outcome == Outcome::wantsSingleLane)
    outcome = write(shape, 1, body);
  return success(outcome == Outcome::done);
}

tile::StagesAttr GpuKernelFrame::stages() const {
  return tile::StagesAttr::get(kernel->getContext(), workspaceBytes, workspacePerToken, written);
}

void GpuKernelFrame::erase() {
  for (LLVM::LLVMFuncOp function : functions)
    function.erase();
  functions.clear();
  written.clear();
}
