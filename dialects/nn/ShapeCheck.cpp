//===- ShapeCheck.cpp - comparisons of shapes with dynamic dimensions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

std::string tenon::nn::dimText(int64_t dim) {
  return ShapedType::isDynamic(dim) ? "?" : std::to_string(dim);
}

std::string tenon::nn::shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [index, dim] : llvm::enumerate(shape))
    text += (index ? ", " : "") + dimText(dim);
  return text + "]";
}

LogicalResult tenon::nn::expectShape(Operation *op, StringRef what, Value value, ArrayRef<int64_t> expected) {
  ArrayRef<int64_t> shape = shapeOf(value);
  bool agree = shape.size() == expected.size() &&
               llvm::all_of(llvm::zip_equal(shape, expected), [](auto pair) { return dimsAgree(std::get<0>(pair), std::get<1>(pair)); });
  if (!agree)
    return op->emitOpError("expects the ") << what << " shape " << shapeText(expected) << ", but got " << shapeText(shape);
  return success();
}

LogicalResult tenon::nn::expectRank(Operation *op, StringRef what, Value value, int64_t rank) {
  if (rankOf(value) != rank)
    return op->emitOpError("expects a rank-") << rank << ' ' << what << ", but got rank " << rankOf(value);
  return success();
}

LogicalResult tenon::nn::expectRankAtLeast(Operation *op, StringRef what, Value value, int64_t rank) {
  if (rankOf(value) < rank)
    return op->emitOpError("expects the ") << what << " to have rank at least " << rank << ", but got rank " << rankOf(value);
  return success();
}

LogicalResult tenon::nn::expectDim(Operation *op, int64_t dim, int64_t rank) {
  if (dim < 0 || dim >= rank)
    return op->emitOpError("expects a dim of at least 0 and less than the rank ") << rank << ", but got " << dim;
  return success();
}

LogicalResult tenon::nn::expectSameElement(Operation *op, Value input, Value result) {
  if (elementOf(input) != elementOf(result))
    return op->emitOpError("expects the result to have the element type ")
           << elementOf(input) << " of the input, but got " << elementOf(result);
  return success();
}
