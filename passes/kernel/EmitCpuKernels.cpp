//===- EmitCpuKernels.cpp - kernels as functions of loops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/cpu/KernelEmitter.h"
#include "tenon/passes/kernel/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_EMITCPUKERNELSPASS
#include "tenon/passes/kernel/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct EmitCpuKernelsPass : tenon::impl::EmitCpuKernelsPassBase<EmitCpuKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    std::optional<codegen::Target> machine = codegen::Target::find(target);
    if (!machine) {
      getOperation().emitError("unknown target ") << target;
      return signalPassFailure();
    }
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<tile::KernelOp>())) {
      OpBuilder builder(kernel);
      if (failed(codegen::emitKernel(builder, kernel, *machine)))
        signalPassFailure();
      else
        kernel.erase();
    }
  }
};
} // namespace
