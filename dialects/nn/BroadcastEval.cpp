//===- BroadcastEval.cpp - evaluator of broadcast ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// Copies the part of the input that dimension `dim` of the result and those after it read.
static void repeat(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, size_t dim, const double *from, double *&to) {
  if (dim + 1 == shape.size() && strides[dim] == 1) {
    to = std::copy_n(from, shape[dim], to);
    return;
  }
  for (int64_t i = 0; i < shape[dim]; ++i) {
    if (dim + 1 == shape.size())
      *to++ = from[i * strides[dim]];
    else
      repeat(shape, strides, dim + 1, from + i * strides[dim], to);
  }
}

LogicalResult BroadcastOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  SmallVector<int64_t> shape(cast<RankedTensorType>(getResult().getType()).getShape()), strides(shape.size(), 0);
  int64_t stride = 1;
  for (int64_t d = input.rank() - 1; d >= 0; stride *= input.dim(d--)) {
    shape[getDims()[d]] = input.dim(d);
    strides[getDims()[d]] = stride;
  }
  for (int64_t &size : shape)
    if (ShapedType::isDynamic(size))
      size = operands[1].tensor().dim(0);
  EvalTensor result = EvalTensor::dense(shape);
  double *to = result.values().data();
  if (shape.empty())
    *to = input.at(0);
  else
    repeat(shape, strides, 0, std::as_const(input).values().data(), to);
  results.push_back(std::move(result));
  return success();
}
