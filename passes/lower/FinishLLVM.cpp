//===- FinishLLVM.cpp - tells LLVM what the lowering to it cannot ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's function lowering keeps visibility as an attribute and drops the attributes of arguments that become several. A memref becomes
// two pointers to the same memory, but of them only the aligned one is used, so both may be marked.
//
//===----------------------------------------------------------------------===//

#include "tenon/passes/lower/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_FINISHLLVMPASS
#include "tenon/passes/lower/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

static void markBuffers(LLVM::LLVMFuncOp kernel) {
  for (BlockArgument argument : kernel.getArguments())
    if (isa<LLVM::LLVMPointerType>(argument.getType()))
      kernel.setArgAttr(argument.getArgNumber(), LLVM::LLVMDialect::getNoAliasAttrName(), UnitAttr::get(kernel.getContext()));
}

namespace {
struct FinishLLVMPass : tenon::impl::FinishLLVMPassBase<FinishLLVMPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      if (function.isExternal())
        continue;
      if (function->removeAttr("tenon.kernel"))
        markBuffers(function);
      if (SymbolTable::getSymbolVisibility(function) == SymbolTable::Visibility::Private) {
        function.setLinkage(LLVM::Linkage::Internal);
        SymbolTable::setSymbolVisibility(function, SymbolTable::Visibility::Public);
      }
    }
  }
};
} // namespace
