//===- Passes.h - from the graph to fused kernels ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Tile.h"

namespace tenon {

#define GEN_PASS_DECL
#include "tenon/passes/graph/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tenon/passes/graph/Passes.h.inc"

} // namespace tenon
