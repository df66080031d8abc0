//===- Dependences.cpp - what must come before what in a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/Dependences.h"

#include "tenon/dialects/cache/Cache.h"

using namespace mlir;
using namespace tenon;

namespace {
/// An op's use of a state slot.
struct SlotUse {
  Operation *op;
  Value slot;
  bool writes;
};
} // namespace

/// The slots that an op uses. One that does not say how, such as a call, may write.
static void collectSlotUses(Operation *op, SmallVectorImpl<SlotUse> &uses) {
  if (auto stateful = dyn_cast<cache::StatefulOpInterface>(op)) {
    uses.push_back({op, stateful.getStateSlot(), stateful.writesState()});
    return;
  }
  for (Value operand : op->getOperands())
    if (isa<cache::SlotTypeInterface>(operand.getType()))
      uses.push_back({op, operand, true});
}

/// Two slots are different only when they are known by different symbols: arguments may be the same one.
static bool mayBeSame(Value a, Value b) {
  auto getA = a.getDefiningOp<cache::GetOp>(), getB = b.getDefiningOp<cache::GetOp>();
  return !getA || !getB || getA.getSlotAttr() == getB.getSlotAttr();
}

Dependences::Dependences(Block &block) {
  SmallVector<SlotUse> uses;
  for (Operation &op : block) {
    SmallVector<Operation *> &found = before[&op];
    for (Value operand : op.getOperands())
      if (Operation *maker = operand.getDefiningOp(); maker && maker->getBlock() == &block)
        found.push_back(maker);
    size_t earlier = uses.size();
    collectSlotUses(&op, uses);
    for (const SlotUse &use : ArrayRef(uses).drop_front(earlier))
      for (const SlotUse &other : ArrayRef(uses).take_front(earlier))
        if ((use.writes || other.writes) && mayBeSame(use.slot, other.slot))
          found.push_back(other.op);
  }
}
