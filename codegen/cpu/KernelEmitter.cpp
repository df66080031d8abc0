//===- KernelEmitter.cpp - a tile.kernel as loops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/KernelEmitter.h"
#include "mlir/IR/Remarks.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
/// The arguments that every kernel function begins with.
enum FixedArgument { threadArgument, threadsArgument, tokensArgument, positionArgument, fixedArguments };
} // namespace

static LogicalResult emitFamily(KernelFrame &frame, ElementEmitter &emitter) {
  switch (frame.kernel.getFamily()) {
  case tile::Family::contraction:
    return frame.kernel.getBlock().getOps<nn::HeadLinearOp>().empty() ? emitContraction(frame, emitter) : emitHeadLinears(frame, emitter);
  case tile::Family::grouped:
    return emitGrouped(frame, emitter);
  case tile::Family::attention:
    return emitAttention(frame, emitter);
  case tile::Family::rowwise:
    return emitRowwise(frame, emitter);
  case tile::Family::scan:
    return emitScan(frame, emitter);
  }
  llvm_unreachable("every family has an emitter");
}

static FailureOr<FunctionType> functionType(tile::KernelOp kernel) {
  Builder builder(kernel.getContext());
  SmallVector<Type> inputs(fixedArguments, builder.getIndexType());
  FunctionType signature = kernel.getFunctionType();
  for (Type type : llvm::concat<const Type>(signature.getInputs(), signature.getResults())) {
    Type buffer = tile::bufferType(type);
    if (!buffer)
      return kernel.emitError("kernel for a CPU: no buffer holds a value of type ") << type;
    inputs.push_back(buffer);
  }
  return builder.getFunctionType(inputs, {});
}

/// Writes the body with vectors of `lanes`; true when it turned out to need a single lane.
static FailureOr<bool> emitBody(func::FuncOp func, tile::KernelOp kernel, const Target &target, int64_t lanes) {
  Block *entry = func.addEntryBlock();
  OpBuilder builder = OpBuilder::atBlockEnd(entry);
  func::ReturnOp::create(builder, kernel.getLoc());
  builder.setInsertionPoint(entry->getTerminator());
  LoopBuilder loops(builder, kernel.getLoc(), entry);
  ElementEmitter emitter(loops, lanes, entry->getArgument(tokensArgument), entry->getArgument(positionArgument));
  unsigned inputs = kernel.getFunctionType().getNumInputs();
  for (auto [argument, buffer] : llvm::zip(kernel.getBlock().getArguments(), entry->getArguments().drop_front(fixedArguments)))
    emitter.setArgument(argument, buffer);
  auto sinks = collectSinks(kernel, emitter, ValueRange(entry->getArguments().drop_front(fixedArguments + inputs)));
  if (failed(sinks))
    return failure();
  tile::ScheduleAttr schedule = kernel.getScheduleAttr();
  KernelFrame frame{kernel, target, schedule, entry->getArgument(threadArgument), entry->getArgument(threadsArgument), std::move(*sinks)};
  if (failed(emitFamily(frame, emitter)))
    return failure();
  if (emitter.wantsSingleLane())
    return true;
  return emitter.failed() ? FailureOr<bool>(failure()) : FailureOr<bool>(false);
}

FailureOr<func::FuncOp> tenon::codegen::emitKernel(OpBuilder &builder, tile::KernelOp kernel, const Target &target) {
  FailureOr<FunctionType> type = functionType(kernel);
  if (failed(type))
    return failure();
  auto make = [&] {
    auto func = func::FuncOp::create(builder, kernel.getLoc(), kernel.getSymName(), *type);
    func.setPrivate();
    func->setAttr("tenon.kernel", builder.getUnitAttr());
    return func;
  };
  func::FuncOp func = make();
  FailureOr<bool> wantsSingleLane = emitBody(func, kernel, target, 16);
  if (succeeded(wantsSingleLane) && *wantsSingleLane) {
    remark::missed(kernel.getLoc(), remark::RemarkOpts::name("EmitCpuKernels").category("tenon-emit-cpu-kernels"))
        << ("'" + kernel.getSymName() + "' computes one element at a time, because groups of 16 columns do not stay together in it").str();
    func.erase();
    func = make();
    wantsSingleLane = emitBody(func, kernel, target, 1);
  }
  if (succeeded(wantsSingleLane) && !*wantsSingleLane)
    return func;
  func.erase();
  return failure();
}
