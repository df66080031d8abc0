//===- Cache.h - what persists between calls ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "tenon/dialects/common/Eval.h"

#include "tenon/dialects/cache/Dialect.h.inc"
#include "tenon/dialects/cache/SlotTypeInterface.h.inc"
#include "tenon/dialects/cache/StatefulInterface.h.inc"

#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/cache/Types.h.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/cache/Ops.h.inc"

namespace tenon::cache {

/// The state that a slot has at the start of a sequence.
std::shared_ptr<EvalState> emptyState(SlotTypeInterface type);

} // namespace tenon::cache
