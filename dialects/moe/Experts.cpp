//===- Experts.cpp - verifiers of dispatch, grouped_linear and combine ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/moe/Moe.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::moe;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static LogicalResult expectRank(Operation *op, StringRef what, Value value, int64_t rank) {
  if (typeOf(value).getRank() == rank)
    return success();
  return op->emitOpError("expects ") << what << " of rank " << rank << ", but got " << value.getType();
}

/// Compares a shape with the one that follows from the other operands. Of two dynamic dimensions, or of a dynamic and a static one, nothing
/// is known.
static LogicalResult expectShape(Operation *op, StringRef what, Value value, ArrayRef<int64_t> expected) {
  if (succeeded(verifyCompatibleShape(typeOf(value).getShape(), expected)))
    return success();
  return op->emitOpError("expects ") << what << " of type " << RankedTensorType::get(expected, typeOf(value).getElementType())
                                     << ", but got " << value.getType();
}

LogicalResult DispatchOp::verify() {
  if (failed(expectRank(*this, "an input", getInput(), 2))) // dispatch_c1
    return failure();
  RankedTensorType input = typeOf(getInput());
  if (failed(expectShape(*this, "a result", getResult(), // dispatch_c2
                         {input.getDimSize(0), getRouting().getType().getUsed(), input.getDimSize(1)})))
    return failure();
  if (input.getElementType() != typeOf(getResult()).getElementType()) // dispatch_c3
    return emitOpError("expects a result of the input's elements, ")
           << input.getElementType() << ", but got " << typeOf(getResult()).getElementType();
  if (getWeighted() && nn::getBlockType(input)) // dispatch_c4
    return emitOpError("expects an input of floats to multiply by weights, but got ") << input;
  return success();
}

nn::Activation GroupedLinearOp::getEffectiveActivation() {
  if (!nn::getBlockType(getWeight().getType()) || nn::getBlockType(getInput().getType()))
    return nn::Activation::f32;
  return getActivation();
}

OpOperand &GroupedLinearOp::getRoundedOperand() {
  auto dispatch = getInput().getDefiningOp<DispatchOp>();
  return dispatch && !dispatch.getWeighted() ? dispatch.getInputMutable() : getInputMutable();
}

void GroupedLinearOp::setRounded(Value rounded) {
  auto dispatch = getInput().getDefiningOp<DispatchOp>();
  if (!dispatch || dispatch.getWeighted())
    return getInputMutable().assign(rounded);
  // Linears of one input share the dispatch of its rounded form as well.
  for (Operation *user : rounded.getUsers())
    if (auto known = dyn_cast<DispatchOp>(user); known && known.getRouting() == dispatch.getRouting() && !known.getWeighted())
      return getInputMutable().assign(known.getResult());
  OpBuilder builder(dispatch);
  Type element = getElementTypeOrSelf(rounded.getType());
  auto type = RankedTensorType::get(typeOf(dispatch.getResult()).getShape(), element);
  getInputMutable().assign(DispatchOp::create(builder, dispatch.getLoc(), type, rounded, dispatch.getRouting()));
}

LogicalResult GroupedLinearOp::verify() {
  if (failed(expectRank(*this, "an input", getInput(), 3)) || // grouped_linear_c1
      failed(expectRank(*this, "a weight", getWeight(), 3)))
    return failure();
  ArrayRef<int64_t> input = typeOf(getInput()).getShape(), weight = typeOf(getWeight()).getShape();
  RoutingType routing = getRouting().getType();
  if (input[1] != routing.getUsed() || weight[0] != routing.getExperts()) // grouped_linear_c2
    return emitOpError("expects ") << routing.getUsed() << " rows a token and " << routing.getExperts() << " matrices, but got " << input[1]
                                   << " and " << weight[0];
  if (input[2] != weight[2]) // grouped_linear_c3
    return emitOpError("expects rows of ") << weight[2] << " elements, but got " << input[2];
  if (failed(expectShape(*this, "a result", getResult(), {input[0], input[1], weight[1]}))) // grouped_linear_c4
    return failure();
  if (getBias()) // grouped_linear_c5
    return failure(failed(expectRank(*this, "a bias", getBias(), 2)) ||
                   failed(expectShape(*this, "a bias", getBias(), weight.drop_back())));
  return success();
}

LogicalResult CombineOp::verify() {
  if (failed(expectRank(*this, "an input", getInput(), 3))) // combine_c1
    return failure();
  ArrayRef<int64_t> input = typeOf(getInput()).getShape();
  if (input[1] != getRouting().getType().getUsed()) // combine_c2
    return emitOpError("expects ") << getRouting().getType().getUsed() << " rows a token, but got " << input[1];
  return expectShape(*this, "a result", getResult(), {input[0], input[2]}); // combine_c3
}
