//===- Triangle.cpp - verifiers of lower_triangle and triangular_solve ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

LogicalResult LowerTriangleOp::verify() {
  return expectRankAtLeast(*this, "input", getInput(), 2); // lower_triangle_c1
}

LogicalResult TriangularSolveOp::verify() {
  if (failed(expectRankAtLeast(*this, "right side", getRhs(), 2))) // triangular_solve_c1
    return failure();
  if (elementOf(getMatrix()) != elementOf(getRhs())) // triangular_solve_c1
    return emitOpError("expects operands of one element type, but got ") << elementOf(getMatrix()) << " and " << elementOf(getRhs());
  SmallVector<int64_t> square(shapeOf(getRhs()));
  square.back() = square[square.size() - 2];
  return expectShape(*this, "matrix", getMatrix(), square); // triangular_solve_c2
}
