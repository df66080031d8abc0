//===- Dialect.cpp - registration of rt's types, attributes and ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "tenon/dialects/rt/RT.h"

#include "tenon/dialects/rt/Dialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/rt/Attrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/rt/Types.cpp.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/rt/Ops.cpp.inc"

using namespace mlir;
using namespace tenon::rt;

void RTDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tenon/dialects/rt/Attrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "tenon/dialects/rt/Types.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/rt/Ops.cpp.inc"
      >();
}

LogicalResult ExtentAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t constant, int64_t perToken) {
  if (constant < 0 || perToken < 0)
    return emitError() << "expects an extent of at least 0 bytes, but got " << constant << " + " << perToken << " * tokens";
  return success();
}
