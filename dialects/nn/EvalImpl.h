//===- EvalImpl.h - what nn's evaluators share ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/NN.h"

namespace tenon::nn {

/// The result element type of an op with one result.
inline mlir::Type resultElement(mlir::Operation *op) {
  return mlir::getElementTypeOrSelf(op->getResult(0).getType());
}

/// Rounds a tensor to an op's result element type and appends it to the results.
inline llvm::LogicalResult yield(mlir::Operation *op, EvalTensor tensor, llvm::SmallVectorImpl<EvalValue> &results) {
  roundToType(tensor, resultElement(op));
  results.push_back(std::move(tensor));
  return llvm::success();
}

} // namespace tenon::nn
