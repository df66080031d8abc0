//===- ScanParts.cpp - what an op of ssm may be in a kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/tile/KernelPartImpl.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tile;

namespace {
/// The one recurrence of a scan kernel. Its sequences are made where they are read, its states come out of slots.
template <typename OpTy> struct RecurrencePart : KernelPartInterface::ExternalModel<RecurrencePart<OpTy>, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family != Family::scan)
      return declines(reason, op, family);
    for (Value state : cast<ssm::RecurrenceOpInterface>(op).getStates())
      if (!cast<RankedTensorType>(state.getType()).hasStaticShape())
        return declines(reason, "the shape of a state is static");
    return KernelPart::Anchor;
  }
  bool takesInside(Operation *op, unsigned operand) const {
    return !llvm::is_contained(cast<ssm::RecurrenceOpInterface>(op).getFixed(), op->getOperand(operand));
  }
};

/// A slot is read and written by the kernel of its recurrence.
template <typename OpTy> struct SlotPart : KernelPartInterface::ExternalModel<SlotPart<OpTy>, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    return family == Family::scan ? KernelPart::State : declines(reason, op, family);
  }
  bool takesInside(Operation *, unsigned operand) const { return operand != 0; }
};

template <template <typename> typename Model, typename... OpTys> void attach(MLIRContext &context) {
  (OpTys::template attachInterface<Model<OpTys>>(context), ...);
}
} // namespace

bool tile::followsRecurrence(Value value) {
  SmallVector<Value> open = {value};
  llvm::DenseSet<Operation *> seen;
  while (!open.empty()) {
    Operation *op = open.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    if (isa<ssm::RecurrenceOpInterface>(op))
      return true;
    if (isa<ElementwiseOpInterface, nn::ReshapeOp, nn::SliceOp, nn::BroadcastOp>(op)) // what else is not in a scan kernel
      llvm::append_range(open, op->getOperands());
  }
  return false;
}

void tile::attachScanParts(MLIRContext &context) {
  attach<RecurrencePart, ssm::CausalConvOp, ssm::ShiftOp, ssm::SelectiveScanOp, ssm::WkvOp, ssm::LruOp, ssm::SsdOp, ssm::LinearAttentionOp,
         ssm::DeltaRuleOp, ssm::LtiOp, ssm::ProjectOp, ssm::ProjectWholeOp, ssm::ScanOp>(context);
  attach<SlotPart, cache::ReadOp, cache::WriteOp>(context);
}
