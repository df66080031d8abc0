//===- Passes.h - from launches to the runtime's ABI ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "tenon/dialects/rt/RT.h"

namespace tenon {

#define GEN_PASS_DECL
#include "tenon/passes/lower/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tenon/passes/lower/Passes.h.inc"

/// Whether a function is part of the host program: one over tensors, not an emitted kernel.
bool isHostFunction(mlir::func::FuncOp function);

} // namespace tenon
