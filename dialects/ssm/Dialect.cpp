//===- Dialect.cpp - registration of ssm's attributes and ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "llvm/ADT/TypeSwitch.h"

#include "tenon/dialects/ssm/Dialect.cpp.inc"
#include "tenon/dialects/ssm/Enums.cpp.inc"
#include "tenon/dialects/ssm/RecurrenceInterface.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/ssm/Attrs.cpp.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/ssm/Ops.cpp.inc"

using namespace mlir;
using namespace tenon::ssm;

void SSMDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tenon/dialects/ssm/Attrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/ssm/Ops.cpp.inc"
      >();
}

Operation *SSMDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  return getContext()->getLoadedDialect<tenon::nn::NNDialect>()->materializeConstant(builder, value, type, loc);
}
