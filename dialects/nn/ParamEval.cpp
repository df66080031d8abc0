//===- ParamEval.cpp - evaluators of parameters and constants ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"
#include "tenon/dialects/nn/stored/ParameterReader.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// Reads a parameter that is more than a range of a file; its bytes are kept in the parameter's format.
static FailureOr<EvalTensor> readParameter(EvalContext &context, ParamOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  auto report = [&](llvm::Error error) { return op.emitError("cannot be read: ") << toString(std::move(error)); };
  SourceFiles files;
  llvm::Expected<ParameterReader> reader = ParameterReader::open(op.describe(context.parameterFolder()), files);
  if (!reader)
    return report(reader.takeError());
  auto bytes = std::make_shared<std::vector<uint8_t>>(reader->rows() * reader->rowBytes());
  if (llvm::Error error = reader->read(0, reader->rows(), *bytes))
    return report(std::move(error));
  return EvalTensor::mapped(type.getShape(), type.getElementType(), bytes->data(), bytes->size(), bytes);
}

LogicalResult ParamOp::evaluate(EvalContext &context, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  auto type = cast<RankedTensorType>(getType());
  auto stored =
      getPieces().size() == 1 && !getTransposed() && !getPlus() && !getFunction() ? dyn_cast<StoredAttr>(getPieces()[0]) : StoredAttr();
  bool isPlain = stored && stored.getType().getElementType() == type.getElementType();
  FailureOr<EvalTensor> tensor =
      isPlain ? context.mapParameter(*this, stored.getFile(), stored.getOffset(), type) : readParameter(context, *this);
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
