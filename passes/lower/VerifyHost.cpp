//===- VerifyHost.cpp - the contract of the host level ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/lower/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_VERIFYHOSTPASS
#include "tenon/passes/lower/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

static bool isAbove(Type type) { return isa<TensorType, cache::SlotTypeInterface>(type); }

static LogicalResult verifyOp(Operation *op) {
  for (Type type : llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (isAbove(type))
      return op->emitOpError("expects no tensors and no state slots at the host level, but got ") << type;
  return success();
}

static LogicalResult verifyFunction(func::FuncOp function) {
  for (Type type : llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes()))
    if (isAbove(type))
      return function.emitOpError("expects no tensors and no state slots at the host level, but got ") << type;
  if (function.isDeclaration() && !SymbolTable::symbolKnownUseEmpty(function, function->getParentOp()))
    return function.emitOpError("expects a body for every function that is called");
  return failure(function.walk([](Operation *op) { return WalkResult(verifyOp(op)); }).wasInterrupted());
}

namespace {
struct VerifyHostPass : tenon::impl::VerifyHostPassBase<VerifyHostPass> {
  using Base::Base;

  void runOnOperation() override {
    bool failedAny = false;
    for (auto kernel : getOperation().getOps<tile::KernelOp>()) {
      kernel.emitOpError("expects to be emitted before the host level");
      failedAny = true;
    }
    for (auto function : getOperation().getOps<func::FuncOp>())
      failedAny |= failed(verifyFunction(function));
    if (failedAny)
      signalPassFailure();
  }
};
} // namespace
