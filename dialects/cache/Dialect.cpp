//===- Dialect.cpp - registration of cache's types and ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "tenon/dialects/cache/Cache.h"
#include "llvm/ADT/TypeSwitch.h"

#include "tenon/dialects/cache/Dialect.cpp.inc"
#include "tenon/dialects/cache/SlotTypeInterface.cpp.inc"
#include "tenon/dialects/cache/StatefulInterface.cpp.inc"

/// `16x1536xf32`.
static mlir::ParseResult parseShape(mlir::AsmParser &parser, llvm::SmallVector<int64_t> &shape, mlir::Type &elementType) {
  return mlir::failure(parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(elementType));
}

static void printShape(mlir::AsmPrinter &printer, llvm::ArrayRef<int64_t> shape, mlir::Type elementType) {
  for (int64_t size : shape)
    printer << size << 'x';
  printer << elementType;
}

#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/cache/Types.cpp.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/cache/Ops.cpp.inc"

using namespace tenon::cache;

void CacheDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "tenon/dialects/cache/Types.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/cache/Ops.cpp.inc"
      >();
}
