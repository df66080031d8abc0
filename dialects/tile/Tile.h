//===- Tile.h - fused kernels, schedules and packed layouts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/common/Eval.h"
#include "tenon/dialects/common/RecordTypeInterface.h"

#include "tenon/dialects/tile/Dialect.h.inc"
#include "tenon/dialects/tile/Enums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/tile/Attrs.h.inc"
namespace tenon::tile {
/// A family's keyword in the text of kernels and groups.
mlir::ParseResult parseFamily(mlir::OpAsmParser &parser, FamilyAttr &family);
void printFamily(mlir::OpAsmPrinter &printer, mlir::Operation *op, FamilyAttr family);
} // namespace tenon::tile

#define GET_OP_CLASSES
#include "tenon/dialects/tile/Ops.h.inc"
