//===- Dialect.cpp - registration of decode's ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "tenon/dialects/decode/Decode.h"

#include "tenon/dialects/decode/Dialect.cpp.inc"

#define GET_OP_CLASSES
#include "tenon/dialects/decode/Ops.cpp.inc"

using namespace tenon::decode;

void DecodeDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/decode/Ops.cpp.inc"
      >();
}
