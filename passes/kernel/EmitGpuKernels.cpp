//===- EmitGpuKernels.cpp - kernels as functions of a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "tenon/codegen/nvptx/GpuKernelEmitter.h"
#include "tenon/passes/kernel/Passes.h"

namespace tenon {
#define GEN_PASS_DEF_EMITGPUKERNELSPASS
#include "tenon/passes/kernel/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
struct EmitGpuKernelsPass : tenon::impl::EmitGpuKernelsPassBase<EmitGpuKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::optional<codegen::Target> machine = codegen::Target::find(target);
    if (!machine || !machine->isGpu()) {
      module.emitError("unknown GPU ") << target;
      return signalPassFailure();
    }
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    auto device = gpu::GPUModuleOp::create(builder, module.getLoc(), "device");
    for (auto kernel : module.getOps<tile::KernelOp>())
      if (failed(codegen::nvptx::emitGpuKernel(device, kernel, *machine)))
        signalPassFailure();
  }
};
} // namespace
