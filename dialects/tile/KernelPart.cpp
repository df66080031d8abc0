//===- KernelPart.cpp - what a graph op may be in a kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/tile/KernelPart.h"

#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/common/RecordTypeInterface.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/KernelPartImpl.h"

#include <numeric>

#include "tenon/dialects/tile/KernelPart.cpp.inc"

using namespace mlir;
using namespace tenon;
using namespace tenon::tile;

int64_t tile::rowsOf(Type type) {
  if (isa<RecordTypeInterface>(type))
    return ShapedType::kDynamic;
  auto tensor = cast<RankedTensorType>(type);
  bool isRow = tensor.getRank() == 0 || (tensor.getRank() == 1 && !tensor.isDynamicDim(0));
  return isRow ? 1 : tensor.getDimSize(0);
}

KernelPart tile::kernelPart(Operation *op, Family family, std::string *reason) {
  std::string ignored;
  std::string &why = reason ? *reason : ignored;
  if (auto model = dyn_cast<KernelPartInterface>(op))
    return model.getKernelPart(family, why);
  if (isa<ElementwiseOpInterface>(op))
    return KernelPart::Inner;
  why = (Twine("no ") + stringifyFamily(family) + " kernel takes " + op->getName().getStringRef()).str();
  return KernelPart::None;
}

bool tile::takesInside(OpOperand &operand) {
  if (auto model = dyn_cast<KernelPartInterface>(operand.getOwner()))
    return model.takesInside(operand.getOperandNumber());
  return isa<ElementwiseOpInterface>(operand.getOwner());
}

bool tile::isKernelOp(Operation *op) {
  return isa<KernelPartInterface, ElementwiseOpInterface>(op);
}

int64_t tile::headAtHand(Operation *op) {
  auto isOfHeads = [](Value value) { return cast<RankedTensorType>(value.getType()).getRank() == 3; };
  if (isa<nn::RmsNormOp, nn::LayerNormOp>(op) && isOfHeads(op->getOperand(0)))
    return cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(2);
  auto rope = dyn_cast<nn::RopeOp>(op);
  if (!rope)
    return 0;
  int64_t head = cast<RankedTensorType>(rope.getInput().getType()).getDimSize(2);
  int64_t turned = cast<RankedTensorType>(rope.getTable().getType()).getDimSize(1);
  bool isInVectors = rope.getPairing() == nn::Pairing::interleaved && head % panelChannels == 0 && turned % panelChannels == 0;
  return isInVectors || turned == 0 ? 0 : head;
}

int64_t tile::panelsOfHeads(int64_t count, int64_t size) {
  constexpr int64_t mostPanels = 32;
  int64_t granule = std::lcm(size, panelChannels) / panelChannels, all = llvm::divideCeil(count * size, panelChannels);
  if (size < 1 || granule > mostPanels || all % granule != 0)
    granule = all;
  return granule <= mostPanels ? granule : 0;
}

//===----------------------------------------------------------------------===//
// Models: a struct an op, or a template for ops that answer alike
//===----------------------------------------------------------------------===//

namespace {
int64_t lastDim(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape().back();
}
int64_t rankOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getRank();
}

/// Whether a contraction can have the heads of an op's input, [tokens, heads, size], at hand.
bool hasHeads(Operation *op, std::string &reason) {
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  if (type.getRank() == 3 && panelsOfHeads(type.getDimSize(1), type.getDimSize(2)) > 0)
    return true;
  reason = (op->getName().getStringRef() + (type.getRank() == 3 ? " needs too many panels at once" : " needs its whole row")).str();
  return false;
}

/// Needs whole groups of its first operand's row: a rowwise kernel has the row, a contraction its heads.
template <typename OpTy> struct NormPart : KernelPartInterface::ExternalModel<NormPart<OpTy>, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family == Family::rowwise)
      return rankOf(op->getOperand(0)) >= 2 ? KernelPart::Inner : declines(reason, "a row has rank 1 at least, in a tensor of rank 2");
    if (family != Family::contraction)
      return declines(reason, op->getName().getStringRef() + " needs its whole row");
    return hasHeads(op, reason) ? KernelPart::Inner : KernelPart::None;
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

/// Needs the whole row of its first operand, which only a rowwise kernel has.
template <typename OpTy> struct WholeRow : KernelPartInterface::ExternalModel<WholeRow<OpTy>, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family == Family::rowwise)
      return rankOf(op->getOperand(0)) >= 2 ? KernelPart::Inner : declines(reason, "a row has rank 1 at least, in a tensor of rank 2");
    return declines(reason, op->getName().getStringRef() + " needs its whole row");
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

/// Reads rows of an argument by number.
template <typename OpTy> struct RowSource : KernelPartInterface::ExternalModel<RowSource<OpTy>, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    return family == Family::rowwise ? KernelPart::Source : declines(reason, op, family);
  }
  bool takesInside(Operation *, unsigned) const { return false; }
};

/// Nothing emits the op yet.
template <typename OpTy> struct NoPart : KernelPartInterface::ExternalModel<NoPart<OpTy>, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const { return declines(reason, op, family); }
  bool takesInside(Operation *, unsigned) const { return false; }
};

/// An op of rowwise kernels that stays within rows or does not, by a test of the op.
template <typename OpTy, typename Derived> struct MaybeInner : KernelPartInterface::ExternalModel<Derived, OpTy> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family != Family::rowwise)
      return declines(reason, op, family);
    return Derived::keepsRows(cast<OpTy>(op)) ? KernelPart::Inner : KernelPart::Source;
  }
  bool takesInside(Operation *op, unsigned) const { return Derived::keepsRows(cast<OpTy>(op)); }
};

/// Of columns, a slice is also what makes the sequences of a recurrence.
struct SlicePart : KernelPartInterface::ExternalModel<SlicePart, nn::SliceOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    bool isOfColumns = keepsRows(cast<nn::SliceOp>(op));
    if (family == Family::scan && isOfColumns)
      return followsRecurrence(op->getOperand(0)) ? declines(reason, "columns of a recurrence's result stay in their place")
                                                  : KernelPart::View;
    if (family != Family::rowwise)
      return declines(reason, op, family);
    return isOfColumns ? KernelPart::Inner : KernelPart::Source;
  }
  bool takesInside(Operation *op, unsigned) const { return keepsRows(cast<nn::SliceOp>(op)); }
  static bool keepsRows(nn::SliceOp op) { return op.getDim() != 0 && rankOf(op.getInput()) >= 2; }
};

struct ConcatPart : MaybeInner<nn::ConcatOp, ConcatPart> {
  static bool keepsRows(nn::ConcatOp op) { return op.getDim() != 0 && rankOf(op.getResult()) >= 2; }
};

/// Repeats elements of a row within it, or a row that is an argument.
struct BroadcastPart : KernelPartInterface::ExternalModel<BroadcastPart, nn::BroadcastOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family != Family::rowwise && family != Family::scan)
      return declines(reason, op, family);
    auto broadcast = cast<nn::BroadcastOp>(op);
    if (!keepsRows(broadcast) && rankOf(broadcast.getInput()) > 1)
      return declines(reason, "a matrix is not repeated for each row");
    if (family == Family::scan && followsRecurrence(broadcast.getInput()))
      return declines(reason, "columns of a recurrence's result stay in their place");
    return family == Family::scan || keepsRows(broadcast) ? KernelPart::Inner : KernelPart::Source;
  }
  bool takesInside(Operation *op, unsigned operand) const { return operand == 0 && keepsRows(cast<nn::BroadcastOp>(op)); }
  static bool keepsRows(nn::BroadcastOp op) { return !op.getDims().empty() && op.getDims().front() == 0; }
};

/// Multiplies its rows by a number each.
struct PositionScalePart : KernelPartInterface::ExternalModel<PositionScalePart, nn::PositionScaleOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    bool isTaken = family == Family::rowwise || family == Family::contraction;
    return isTaken ? KernelPart::Inner : declines(reason, op, family);
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

struct ReducePart : KernelPartInterface::ExternalModel<ReducePart, nn::ReduceOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto reduce = cast<nn::ReduceOp>(op);
    if (family != Family::rowwise)
      return declines(reason, op, family);
    if (reduce.getDim() == 0)
      return KernelPart::Source;
    if (rankOf(reduce.getInput()) < 2 || static_cast<int64_t>(reduce.getDim()) + 1 != rankOf(reduce.getInput()))
      return declines(reason, "a reduction is over the first dimension, or over the last one of rows");
    return keepsRows(reduce) ? KernelPart::Inner : KernelPart::Source;
  }
  bool takesInside(Operation *op, unsigned) const { return keepsRows(cast<nn::ReduceOp>(op)); }
  static bool keepsRows(nn::ReduceOp op) { return op.getDim() != 0 && rowsOf(op.getInput().getType()) == rowsOf(op.getType()); }
};

struct LinearPart : KernelPartInterface::ExternalModel<LinearPart, nn::LinearOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto linear = cast<nn::LinearOp>(op);
    auto weight = cast<RankedTensorType>(linear.getWeight().getType());
    if (family != Family::contraction)
      return declines(reason, op, family);
    if (rankOf(linear.getInput()) != 2)
      return declines(reason, "a contraction takes an input of rank 2");
    if (!hasPanelForm(weight))
      return declines(reason, "weights of this type have no panels");
    if (linear.getEffectiveActivation() != nn::Activation::f32)
      return declines(reason, "the rounding of the input is not yet an op (tenon-quantize-activations)");
    if (nn::getBlockType(linear.getInput().getType()) && !nn::getBlockType(weight))
      return declines(reason, "a rounded input meets weights that are not quantised");
    return KernelPart::Anchor;
  }
  bool takesInside(Operation *, unsigned) const { return false; }
};

struct HeadLinearPart : KernelPartInterface::ExternalModel<HeadLinearPart, nn::HeadLinearOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto linear = cast<nn::HeadLinearOp>(op);
    auto weight = cast<RankedTensorType>(linear.getWeight().getType());
    if (family != Family::contraction)
      return declines(reason, op, family);
    if (!hasPanelForm(weight))
      return declines(reason, "weights of this type have no panels");
    if (linear.getEffectiveActivation() != nn::Activation::f32)
      return declines(reason, "the rounding of the input is not yet an op (tenon-quantize-activations)");
    if (nn::getBlockType(linear.getInput().getType()) && (linear.getTransposed() || !nn::getBlockType(weight)))
      return declines(reason, "a rounded input meets weights that are transposed or not quantised");
    return KernelPart::Anchor;
  }
  bool takesInside(Operation *, unsigned) const { return false; }
};

/// The left side's row is at hand; the right side is read at all rows.
struct MatmulPart : KernelPartInterface::ExternalModel<MatmulPart, nn::MatmulOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family != Family::rowwise)
      return declines(reason, op, family);
    for (Value operand : op->getOperands())
      if (llvm::any_of(cast<RankedTensorType>(operand.getType()).getShape().drop_front(), ShapedType::isDynamic))
        return declines(reason, "a product has one dynamic dimension at most, the first");
    if (ShapedType::isDynamic(cast<RankedTensorType>(op->getOperand(1).getType()).getDimSize(0)) && rankOf(op->getOperand(1)) == 2)
      return declines(reason, "the depth of a product is static");
    return KernelPart::Inner;
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

struct AttentionPart : KernelPartInterface::ExternalModel<AttentionPart, nn::AttentionOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    return family == Family::attention ? KernelPart::Anchor : declines(reason, op, family);
  }
  // Keys and values may be a view of a slot.
  bool takesInside(Operation *, unsigned operand) const { return operand == 1 || operand == 2; }
};

struct ReshapePart : KernelPartInterface::ExternalModel<ReshapePart, nn::ReshapeOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (keepsRows(op))
      return KernelPart::View;
    return family == Family::rowwise ? KernelPart::Source : declines(reason, "the reshape changes the number of rows");
  }
  bool takesInside(Operation *op, unsigned) const { return keepsRows(op); }
  static bool keepsRows(Operation *op) { return rowsOf(op->getOperand(0).getType()) == rowsOf(op->getResult(0).getType()); }
};

struct RopePart : KernelPartInterface::ExternalModel<RopePart, nn::RopeOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto rope = cast<nn::RopeOp>(op);
    if (family == Family::rowwise)
      return KernelPart::Inner;
    if (family != Family::contraction)
      return declines(reason, op, family);
    if (headAtHand(op) > 0 && !hasHeads(op, reason))
      return KernelPart::None;
    return KernelPart::Inner;
  }
  bool takesInside(Operation *, unsigned operand) const { return operand == 0; }
};

struct QuantizePart : KernelPartInterface::ExternalModel<QuantizePart, nn::QuantizeOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    auto quantize = cast<nn::QuantizeOp>(op);
    if (rankOf(quantize.getInput()) < 2)
      return declines(reason, "rounded activations are rows of rank 2 at least");
    if (family == Family::attention && headSize(quantize.getInput()) % activationBlock != 0)
      return declines(reason, "a block of " + Twine(activationBlock) + " elements would span heads");
    return KernelPart::Inner;
  }
  bool takesInside(Operation *, unsigned) const { return true; }

  /// The elements of a head of the attention that the value is made from.
  static int64_t headSize(Value value) {
    Operation *maker = value.getDefiningOp();
    while (maker && !isa<nn::AttentionOp>(maker) && maker->getNumOperands() > 0)
      maker = maker->getOperand(0).getDefiningOp();
    return maker && isa<nn::AttentionOp>(maker) ? lastDim(maker->getResult(0)) : lastDim(value);
  }
};

struct AppendPart : KernelPartInterface::ExternalModel<AppendPart, cache::AppendOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    if (family == Family::rowwise)
      return KernelPart::Inner;
    if (family != Family::contraction)
      return declines(reason, op, family);
    return KernelPart::Inner;
  }
  bool takesInside(Operation *, unsigned operand) const { return operand != 0; }
};

struct ViewPart : KernelPartInterface::ExternalModel<ViewPart, cache::ViewOp> {
  KernelPart getKernelPart(Operation *op, Family family, std::string &reason) const {
    return family == Family::attention ? KernelPart::Source : declines(reason, op, family);
  }
  bool takesInside(Operation *, unsigned) const { return false; }
};

template <typename OpTy, template <typename> typename Model> void attach(MLIRContext &context) {
  OpTy::template attachInterface<Model<OpTy>>(context);
}
} // namespace

void tile::attachKernelParts(MLIRContext &context) {
  attachExpertParts(context);
  attachScanParts(context);
  nn::LinearOp::attachInterface<LinearPart>(context);
  nn::HeadLinearOp::attachInterface<HeadLinearPart>(context);
  nn::AttentionOp::attachInterface<AttentionPart>(context);
  nn::ReshapeOp::attachInterface<ReshapePart>(context);
  nn::RopeOp::attachInterface<RopePart>(context);
  nn::QuantizeOp::attachInterface<QuantizePart>(context);
  nn::SliceOp::attachInterface<SlicePart>(context);
  cache::AppendOp::attachInterface<AppendPart>(context);
  cache::ViewOp::attachInterface<ViewPart>(context);
  attach<nn::RmsNormOp, NormPart>(context);
  attach<nn::LayerNormOp, NormPart>(context);
  attach<nn::SoftmaxOp, WholeRow>(context);
  attach<nn::EmbeddingOp, RowSource>(context);
  attach<nn::PositionEmbeddingOp, RowSource>(context);
  attach<nn::RopeTableOp, RowSource>(context);
  nn::PositionScaleOp::attachInterface<PositionScalePart>(context);
  nn::ConcatOp::attachInterface<ConcatPart>(context);
  nn::BroadcastOp::attachInterface<BroadcastPart>(context);
  nn::ReduceOp::attachInterface<ReducePart>(context);
  nn::MatmulOp::attachInterface<MatmulPart>(context);
  attach<nn::TransposeOp, RowSource>(context);
  attach<nn::GatherOp, RowSource>(context);
}
