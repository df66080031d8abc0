//===- ExpertParts.cpp - what an op of moe may be in a kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/moe/Moe.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/KernelPartImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tile;

namespace {
/// A routing has a row for each token of the call.
bool hasTokens(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).isDynamicDim(0);
}

struct RoutePart : KernelPartInterface::ExternalModel<RoutePart, moe::RouteOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto route = cast<moe::RouteOp>(op);
    if (family != Family::rowwise)
      return declines(reason, op, family);
    return hasTokens(route.getLogits()) ? KernelPart::Inner : declines(reason, "a routing is of all tokens of a call");
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

/// Beside linears it only says which row is read; alone it is a copy.
struct DispatchPart : KernelPartInterface::ExternalModel<DispatchPart, moe::DispatchOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto dispatch = cast<moe::DispatchOp>(op);
    bool isRead = family == Family::grouped && !dispatch.getWeighted();
    bool isCopied = family == Family::rowwise && isa<FloatType>(cast<RankedTensorType>(dispatch.getType()).getElementType());
    if (!isRead && !isCopied)
      return declines(reason, op, family);
    return isRead ? KernelPart::Source : KernelPart::Inner;
  }
  bool takesInside(Operation *op, unsigned operand) const { return operand == 0 && cast<moe::DispatchOp>(op).getWeighted(); }
};

struct GroupedLinearPart : KernelPartInterface::ExternalModel<GroupedLinearPart, moe::GroupedLinearOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto linear = cast<moe::GroupedLinearOp>(op);
    auto weight = cast<RankedTensorType>(linear.getWeight().getType());
    if (family != Family::grouped)
      return declines(reason, op, family);
    if (!hasTokens(linear.getInput()))
      return declines(reason, "a routing is of all tokens of a call");
    if (!hasPanelForm(weight))
      return declines(reason, "weights of this type have no panels");
    if (linear.getEffectiveActivation() != nn::Activation::f32)
      return declines(reason, "the rounding of the input is not yet an op (tenon-quantize-activations)");
    if (nn::getBlockType(linear.getInput().getType()) && !nn::getBlockType(weight))
      return declines(reason, "a rounded input meets weights that are not quantised");
    return KernelPart::Anchor;
  }
  // The input may be a dispatch.
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

struct CombinePart : KernelPartInterface::ExternalModel<CombinePart, moe::CombineOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    return family == Family::rowwise ? KernelPart::Inner : declines(reason, op, family);
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};
} // namespace

void tile::attachExpertParts(MLIRContext &context) {
  moe::RouteOp::attachInterface<RoutePart>(context);
  moe::DispatchOp::attachInterface<DispatchPart>(context);
  moe::GroupedLinearOp::attachInterface<GroupedLinearPart>(context);
  moe::CombineOp::attachInterface<CombinePart>(context);
}
