//===- RT.h - the runtime's ABI as ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

// Before the dialect, whose discardable attributes mention them.
#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/rt/Attrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/rt/Types.h.inc"

#include "tenon/dialects/rt/Dialect.h.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/rt/Ops.h.inc"

namespace tenon::rt {

/// Offsets and sizes in the arena and in the packed weights are multiples of this.
constexpr int64_t bufferAlignment = 64;

/// Lets upstream's convert-to-llvm lower this dialect.
void registerConvertToLLVM(mlir::DialectRegistry &registry);

} // namespace tenon::rt
