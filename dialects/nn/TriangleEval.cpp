//===- TriangleEval.cpp - evaluators of lower_triangle and triangular_solve ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

LogicalResult LowerTriangleOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense(), result = EvalTensor::dense(input.shape());
  int64_t rows = input.dim(0), columns = input.dim(1), diagonal = getDiagonal();
  int64_t run = input.size() == 0 ? 0 : input.size() / (rows * columns);
  double fill = getFill().convertToDouble();
  for (int64_t i = 0; i < rows; ++i) {
    int64_t kept = std::clamp<int64_t>(i + diagonal + 1, 0, columns) * run, begin = i * columns * run;
    std::copy_n(input.values().begin() + begin, kept, result.values().begin() + begin);
    std::fill_n(result.values().begin() + begin + kept, columns * run - kept, fill);
  }
  return yield(*this, std::move(result), results);
}

LogicalResult TriangularSolveOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor matrix = operands[0].tensor().toDense(), rhs = operands[1].tensor().toDense();
  int64_t size = matrix.rowSize(), width = rhs.rowSize();
  if (matrix.rows() != rhs.rows() || rhs.dim(rhs.rank() - 2) != size)
    return emitOpError("expects operands whose sizes agree");
  EvalTensor result = EvalTensor::dense(rhs.shape(), std::vector<double>(rhs.values()));
  MutableArrayRef<double> x = result.values();
  for (int64_t row = 0; row < result.rows(); ++row)
    for (int64_t j = 0; j < row % size; ++j)
      for (int64_t v = 0; v < width; ++v)
        x[row * width + v] -= matrix.at(row * size + j) * x[(row - row % size + j) * width + v];
  return yield(*this, std::move(result), results);
}
