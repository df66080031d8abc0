//===- Quantize.cpp - verifiers of rounding and conversion ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

LogicalResult QuantizeOp::verify() {
  if (failed(expectShape(*this, "result", getResult(), shapeOf(getInput())))) // quantize_c1
    return failure();
  int64_t block = getBlockType(getResult().getType()).getBlockElements();
  int64_t last = rankOf(getResult()) ? shapeOf(getResult()).back() : 1;
  if (!ShapedType::isDynamic(last) && last % block != 0) // quantize_c2
    return emitOpError("expects the last dimension to be a multiple of ") << block << ", but got " << last;
  return success();
}

LogicalResult ConvertOp::verify() {
  return expectShape(*this, "result", getResult(), shapeOf(getInput())); // convert_c1
}

/// A conversion to the type it comes from is nothing; so is one to a wider type and back.
OpFoldResult ConvertOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  auto inner = getInput().getDefiningOp<ConvertOp>();
  bool widened = inner && elementOf(inner.getResult()).isF32();
  return widened && inner.getInput().getType() == getResult().getType() ? OpFoldResult(inner.getInput()) : nullptr;
}
