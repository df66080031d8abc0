//===- Lookup.cpp - bytes of a small table ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/tile/Tile.h"

using namespace mlir;
using namespace tenon::tile;

// The element types and ranks (lookup_c1) are checked by the operands' constraints.
LogicalResult LookupOp::verify() {
  int64_t entries = cast<VectorType>(getTable().getType()).getDimSize(0);
  if (entries != 16) // lookup_c2
    return emitOpError("expects a table of 16 bytes, but got ") << entries;
  return success();
}
