//===- ShapeCheckImpl.h - comparisons of shapes with dynamic dimensions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/TypeUtilities.h"

#include <string>

namespace tenon::nn {

/// Whether two dimensions can be equal at run time.
inline bool dimsAgree(int64_t a, int64_t b) {
  return a == b || mlir::ShapedType::isDynamic(a) || mlir::ShapedType::isDynamic(b);
}

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}
inline int64_t rankOf(mlir::Value value) {
  return shapeOf(value).size();
}
inline mlir::Type elementOf(mlir::Value value) {
  return mlir::getElementTypeOrSelf(value.getType());
}

/// A shape or dimension as a diagnostic shows it: `[?, 64]`, `?`.
std::string shapeText(llvm::ArrayRef<int64_t> shape);
std::string dimText(int64_t dim);

/// Emits "expects the <what> shape [...], but got [...]" unless the shapes agree.
llvm::LogicalResult expectShape(mlir::Operation *op, llvm::StringRef what, mlir::Value value, llvm::ArrayRef<int64_t> expected);
/// Emits "expects a rank-N <what>, but got rank M" unless the rank is N.
llvm::LogicalResult expectRank(mlir::Operation *op, llvm::StringRef what, mlir::Value value, int64_t rank);
/// Emits "expects a <what> of rank at least N, but got rank M" unless it is.
llvm::LogicalResult expectRankAtLeast(mlir::Operation *op, llvm::StringRef what, mlir::Value value, int64_t rank);
/// Emits "expects a dim of at least 0 and less than the rank N, but got M" unless it is.
llvm::LogicalResult expectDim(mlir::Operation *op, int64_t dim, int64_t rank);
/// Emits "expects the result to have the element type X of the input, but got Y" unless they are equal.
llvm::LogicalResult expectSameElement(mlir::Operation *op, mlir::Value input, mlir::Value result);

} // namespace tenon::nn
