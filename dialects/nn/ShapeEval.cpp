//===- ShapeEval.cpp - evaluators of ops that move elements ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// The product of the dimensions.
static int64_t product(ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t dim : shape)
    size *= dim;
  return size;
}

LogicalResult ReshapeOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  SmallVector<int64_t> shape(cast<RankedTensorType>(getResult().getType()).getShape());
  auto dynamic = llvm::find_if(shape, ShapedType::isDynamic);
  if (dynamic != shape.end()) {
    *dynamic = 1;
    int64_t known = product(shape);
    *dynamic = known == 0 ? 0 : input.size() / known;
  }
  if (product(shape) != input.size())
    return emitOpError("expects a shape for ") << input.size() << " elements, but got one for " << product(shape);
  results.push_back(input.reshaped(shape));
  return success();
}

LogicalResult TransposeOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  SmallVector<int64_t> shape, stride;
  for (int64_t dim : getPermutation()) {
    shape.push_back(input.dim(dim));
    stride.push_back(product(input.shape().drop_front(dim + 1)));
  }
  EvalTensor result = EvalTensor::dense(shape);
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t rest = i, from = 0;
    for (int64_t d = shape.size() - 1; d >= 0; rest /= shape[d--])
      from += rest % shape[d] * stride[d];
    result.at(i) = input.at(from);
  }
  results.push_back(std::move(result));
  return success();
}

LogicalResult ConcatOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  SmallVector<int64_t> shape(operands[0].tensor().shape());
  int64_t outer = product(ArrayRef(shape).take_front(getDim())), total = 0;
  for (const EvalValue &operand : operands) {
    SmallVector<int64_t> other(operand.tensor().shape());
    total += other[getDim()];
    other[getDim()] = shape[getDim()];
    if (other != shape)
      return emitOpError("expects inputs that differ in dimension ") << getDim() << " only";
  }
  shape[getDim()] = total;
  EvalTensor result = EvalTensor::dense(shape);
  int64_t inner = product(ArrayRef(shape).drop_front(getDim() + 1)), at = 0;
  for (const EvalValue &operand : operands) {
    EvalTensor input = operand.tensor().toDense();
    int64_t run = input.dim(getDim()) * inner;
    for (int64_t i = 0; i < outer; ++i)
      std::copy_n(input.values().begin() + i * run, run, result.values().begin() + i * total * inner + at);
    at += run;
  }
  results.push_back(std::move(result));
  return success();
}

LogicalResult SliceOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  SmallVector<int64_t> shape(input.shape());
  int64_t extent = shape[getDim()], begin = getStart() < 0 ? extent + getStart() : getStart();
  if (begin < 0 || begin > extent || getSize() > extent - begin)
    return emitOpError("expects a slice inside the dimension of ")
           << extent << ", but got start " << getStart() << " and size " << getSize();
  int64_t inner = product(ArrayRef(shape).drop_front(getDim() + 1));
  int64_t outer = product(ArrayRef(shape).take_front(getDim()));
  shape[getDim()] = getSize();
  EvalTensor result = EvalTensor::dense(shape);
  for (int64_t i = 0; i < outer; ++i)
    std::copy_n(input.values().begin() + (i * extent + begin) * inner, getSize() * inner, result.values().begin() + i * getSize() * inner);
  results.push_back(std::move(result));
  return success();
}

LogicalResult GatherOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense(), indices = operands[1].tensor().toDense();
  SmallVector<int64_t> shape(indices.shape());
  llvm::append_range(shape, input.shape().drop_front());
  EvalTensor result = EvalTensor::dense(shape);
  int64_t run = product(input.shape().drop_front());
  for (int64_t i = 0; i < indices.size(); ++i) {
    int64_t index = static_cast<int64_t>(indices.at(i));
    if (index < 0 || index >= input.dim(0))
      return emitOpError("expects indices of at least 0 and less than ") << input.dim(0) << ", but got " << index;
    std::copy_n(input.values().begin() + index * run, run, result.values().begin() + i * run);
  }
  results.push_back(std::move(result));
  return success();
}
