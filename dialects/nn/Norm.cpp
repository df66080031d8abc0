//===- Norm.cpp - verifiers of normalisations ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

/// What both normalisations ask of `eps`.
static LogicalResult verifyEps(Operation *op, const APFloat &eps) {
  if (!eps.isFinite() || eps.isNegative())
    return op->emitOpError("expects a finite eps of at least 0, but got ") << eps.convertToDouble();
  return success();
}

/// What both normalisations ask of the size of the weight, if there is one.
static LogicalResult verifyWeightSize(Operation *op, Value input, Value weight) {
  if (!weight)
    return success();
  int64_t last = shapeOf(input).back(), size = shapeOf(weight)[0];
  if (!dimsAgree(last, size))
    return op->emitOpError("expects the weight to have the size of the last input dimension (")
           << dimText(last) << "), but got " << dimText(size);
  return success();
}

LogicalResult RmsNormOp::verify() {
  if ((getWeight() && failed(expectRank(*this, "weight", getWeight(), 1))) || // rms_norm_c1
      failed(expectRankAtLeast(*this, "input", getInput(), 1)))
    return failure();
  if (failed(verifyWeightSize(*this, getInput(), getWeight()))) // rms_norm_c2
    return failure();
  return verifyEps(*this, getEps()); // rms_norm_c3
}

LogicalResult LayerNormOp::verify() {
  if (getBias() && !getWeight()) // layer_norm_c4
    return emitOpError("expects a bias to stand with a weight");
  if ((getWeight() && failed(expectRank(*this, "weight", getWeight(), 1))) || // layer_norm_c1
      failed(expectRankAtLeast(*this, "input", getInput(), 1)) ||
      (getBias() && failed(expectShape(*this, "bias", getBias(), shapeOf(getWeight())))))
    return failure();
  if (failed(verifyWeightSize(*this, getInput(), getWeight()))) // layer_norm_c2
    return failure();
  return verifyEps(*this, getEps()); // layer_norm_c3
}

LogicalResult SoftmaxOp::verify() {
  return expectRankAtLeast(*this, "input", getInput(), 1); // softmax_c1
}
