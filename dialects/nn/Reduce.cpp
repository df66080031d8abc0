//===- Reduce.cpp - verifier of reductions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

LogicalResult ReduceOp::verify() {
  SmallVector<int64_t> shape(shapeOf(getInput()));
  if (failed(expectDim(*this, getDim(), shape.size()))) // reduce_c1
    return failure();
  shape.erase(shape.begin() + getDim());
  if (failed(expectShape(*this, "result", getResult(), shape))) // reduce_c2
    return failure();
  return expectSameElement(*this, getInput(), getResult()); // reduce_c3
}
