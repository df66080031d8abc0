//===- Dialect.cpp - registration of moe's type, attributes and ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "tenon/dialects/moe/Moe.h"
#include "llvm/ADT/TypeSwitch.h"

#include "tenon/dialects/moe/Dialect.cpp.inc"
#include "tenon/dialects/moe/Enums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/moe/Attrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/moe/Types.cpp.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/moe/Ops.cpp.inc"

using namespace mlir;
using namespace tenon::moe;

void MoeDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tenon/dialects/moe/Attrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "tenon/dialects/moe/Types.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/moe/Ops.cpp.inc"
      >();
}

LogicalResult RoutingType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t experts, int64_t used) {
  if (experts < 1 || used < 1) // routing_c1
    return emitError() << "expects a positive number of experts and of experts used, but got " << experts << " and " << used;
  if (used > experts) // routing_c2
    return emitError() << "expects at most " << experts << " experts used, but got " << used;
  return success();
}

int64_t RoutingType::getRecordBytes() const {
  return getUsed() * static_cast<int64_t>(sizeof(int32_t) + sizeof(float));
}
