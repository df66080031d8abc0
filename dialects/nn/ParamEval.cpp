//===- ParamEval.cpp - evaluators of parameters and constants ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

LogicalResult ParamOp::evaluate(EvalContext &context, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  FailureOr<EvalTensor> tensor = context.mapParameter(*this, getSource(), getOffset(), cast<RankedTensorType>(getType()));
  if (failed(tensor))
    return failure();
  results.push_back(std::move(*tensor));
  return success();
}

LogicalResult GetParamOp::evaluate(EvalContext &context, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  FailureOr<EvalValue> value = context.lookupSymbol(*this, getParamAttr().getAttr());
  if (failed(value))
    return failure();
  results.push_back(std::move(*value));
  return success();
}

LogicalResult ConstantOp::evaluate(EvalContext &, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  EvalTensor tensor = EvalTensor::dense(cast<RankedTensorType>(getValue().getType()).getShape());
  if (auto floats = getValue().tryGetValues<APFloat>())
    for (auto [value, to] : llvm::zip_equal(*floats, tensor.values()))
      to = value.convertToDouble();
  else if (auto integers = getValue().tryGetValues<APInt>())
    for (auto [value, to] : llvm::zip_equal(*integers, tensor.values()))
      to = value.getSExtValue();
  else
    return emitOpError("expects a constant of floats or integers");
  results.push_back(std::move(tensor));
  return success();
}
