//===- Broadcast.cpp - verifier and folder of broadcast ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

LogicalResult BroadcastOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getResult()), dims = getDims();
  int64_t rank = result.size(), last = -1;
  bool isAscending = dims.size() == input.size();
  for (int64_t dim : dims) {
    isAscending &= dim > last && dim < rank;
    last = dim;
  }
  if (!isAscending) // broadcast_c1
    return emitOpError("expects ") << input.size() << " ascending dimensions less than the result's rank " << rank << ", but got "
                                   << shapeText(dims);
  if (failed(expectSameElement(*this, getInput(), getResult()))) // broadcast_c2
    return failure();
  SmallVector<int64_t> expected(result);
  for (auto [dim, size] : llvm::zip_equal(dims, input))
    expected[dim] = size;
  if (failed(expectShape(*this, "result", getResult(), expected))) // broadcast_c2
    return failure();
  if (getRows())
    return expectRankAtLeast(*this, "rows operand", getRows(), 1); // broadcast_c3
  for (int64_t dim = 0; dim < rank; ++dim)
    if (ShapedType::isDynamic(result[dim]) && !llvm::is_contained(dims, dim)) // broadcast_c3
      return emitOpError("expects rows, whose number the new dimension ") << dim << " has, because it is dynamic";
  return success();
}

/// Without a new dimension the result is the input.
OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getInput().getType() == getResult().getType() ? OpFoldResult(getInput()) : nullptr;
}
