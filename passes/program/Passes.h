//===- Passes.h - state and loops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/decode/Decode.h"

namespace tenon {

#define GEN_PASS_DECL
#include "tenon/passes/program/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tenon/passes/program/Passes.h.inc"

} // namespace tenon
