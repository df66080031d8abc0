//===- Route.cpp - verifier of the choice of experts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/moe/Moe.h"

using namespace mlir;
using namespace tenon::moe;

LogicalResult RouteOp::verify() {
  auto logits = cast<RankedTensorType>(getLogits().getType());
  int64_t experts = getType().getExperts(), used = getType().getUsed();
  if (logits.getRank() != 2) // route_c1
    return emitOpError("expects logits of rank 2, but got ") << logits;
  if (logits.getDimSize(1) != experts) // route_c2
    return emitOpError("expects logits of ") << experts << " experts, but got " << logits;
  if (getBias() && cast<RankedTensorType>(getBias().getType()).getShape() != ArrayRef(experts)) // route_c3
    return emitOpError("expects a bias of ") << experts << " elements, but got " << getBias().getType();
  int64_t groups = getGroups(), groupsUsed = getGroupsUsed();
  if (groups < 1 || experts % groups != 0) // route_c4
    return emitOpError("expects a number of groups that divides ") << experts << ", but got " << groups;
  if (groupsUsed < 1 || groupsUsed > groups) // route_c5
    return emitOpError("expects at least 1 and at most ") << groups << " groups to stay, but got " << groupsUsed;
  if (used > groupsUsed * (experts / groups)) // route_c6
    return emitOpError("expects at least ") << used << " experts in the groups that stay, but got " << groupsUsed * (experts / groups);
  if (getGroupScore() == GroupScore::top2 && experts / groups < 2) // route_c7
    return emitOpError("expects groups of at least 2 experts for top2, but got groups of ") << experts / groups;
  return success();
}
