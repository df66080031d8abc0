//===- IntDot.cpp - the four-way integer dot product ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/tile/Tile.h"

using namespace mlir;
using namespace tenon::tile;

// The element types and ranks (int_dot_c1) are checked by the operands' constraints.
LogicalResult IntDotOp::verify() {
  int64_t lanes = cast<VectorType>(getAcc().getType()).getDimSize(0);
  int64_t bytes = cast<VectorType>(getLhs().getType()).getDimSize(0);
  if (bytes != 4 * lanes) // int_dot_c2
    return emitOpError("expects four bytes for each of ") << lanes << " sums, but got " << bytes;
  return success();
}
