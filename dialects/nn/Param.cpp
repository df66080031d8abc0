//===- Param.cpp - verifiers of parameters and constants ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

/// Constants are for small tables; anything larger is a parameter.
static constexpr int64_t maxConstantElements = 65536;

LogicalResult ParamOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape()) // param_c1
    return emitOpError("expects a static shape, but got ") << shapeText(type.getShape());
  if (auto block = getBlockType(type)) { // param_c2
    int64_t last = type.getRank() ? type.getShape().back() : 1;
    if (last % block.getBlockElements() != 0)
      return emitOpError("expects the last dimension to be a multiple of ")
             << block.getBlockElements() << " for " << type.getElementType() << ", but got " << last;
  }
  if (getOffset() < 0) // param_c3
    return emitOpError("expects an offset of at least 0, but got ") << getOffset();
  return success();
}

LogicalResult GetParamOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto param = symbols.lookupNearestSymbolFrom<ParamOp>(*this, getParamAttr());
  if (!param) // get_param_c1
    return emitOpError("expects @") << getParam() << " to be an nn.param";
  if (param.getType() != getResult().getType()) { // get_param_c2
    InFlightDiagnostic diagnostic = emitOpError("expects the parameter's type ")
                                    << param.getType() << ", but got " << getResult().getType();
    diagnostic.attachNote(param.getLoc()) << "the parameter is declared here";
    return diagnostic;
  }
  return success();
}

LogicalResult ConstantOp::verify() {
  if (getValue().getNumElements() > maxConstantElements) // constant_c1
    return emitOpError("expects at most ") << maxConstantElements << " elements, but got " << getValue().getNumElements();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) {
  return getValue();
}
