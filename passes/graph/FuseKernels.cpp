//===- FuseKernels.cpp - which ops are computed together ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Greedy, from anchors. Each anchor opens a group of its family, linears of the same input one together; users of a group's values
// join it while the family has a part for them. Then values that are needed outside as well push their users out again, so that what
// a kernel yields is a leaf of it. Ops that only a group needs are drawn in. What is left becomes rowwise kernels in the same way.
// A group must stay convex: nothing outside may lie between two of its ops, neither by values nor by the order on state slots.
// Each step asks that by a search over the block, so the whole is quadratic in the ops of a block, of which there are tens.
//

#include "tenon/passes/graph/Passes.h"

#include "mlir/IR/Remarks.h"
#include "tenon/dialects/tile/KernelPart.h"
#include "tenon/passes/graph/KernelGroup.h"

namespace tenon {
#define GEN_PASS_DEF_FUSEKERNELSPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;
using tile::Family;
using tile::KernelPart;

namespace {
using Group = KernelGroup;

class BlockFusion {
public:
  BlockFusion(Block &block, StringRef category) : block(block), category(category), dependences(block) {}

  void run() {
    for (Family family : {Family::contraction, Family::grouped, Family::attention, Family::scan})
      growAnchors(family);
    growRowwise(/*views=*/false);
    growRowwise(/*views=*/true);
    for (const Group &group : groups)
      report(group);
    buildKernelGroups(block, dependences, groups);
  }

private:
  Block &block;
  StringRef category;
  Dependences dependences;
  std::list<Group> groups;
  DenseMap<Operation *, Group *> groupOf;

  void growAnchors(Family family);
  void growRowwise(bool views);
  void addSiblings(Group &group, Operation *anchor);
  void addUsers(Group &group);
  void dropEscapes(Group &group);
  void addMakers(Group &group);
  bool joins(Operation *op, const Group &group, std::string &reason);
  bool staysConvex(const Group &group, Operation *added);
  Group &openGroup(Family family, Operation *op);
  void add(Group &group, Operation *op) { group.ops.insert(op), groupOf[op] = &group; }
  void drop(Group &group, Operation *op);

  void report(const Group &group);
};
} // namespace

/// The rows of what an op makes, or of what it stores.
static int64_t rowsOfOp(Operation *op) {
  auto isTensor = [](Type type) { return isa<RankedTensorType, RecordTypeInterface>(type); };
  if (auto result = llvm::find_if(op->getResultTypes(), isTensor); result != op->result_type_end())
    return tile::rowsOf(*result);
  auto operand = llvm::find_if(op->getOperandTypes(), isTensor);
  return operand == op->operand_type_end() ? 1 : tile::rowsOf(*operand);
}

static bool usesResultOf(Operation *op, const OpSet &ops) {
  return llvm::any_of(op->getOperands(), [&](Value operand) { return ops.contains(operand.getDefiningOp()); });
}

//===----------------------------------------------------------------------===//
// Growing
//===----------------------------------------------------------------------===//

Group &BlockFusion::openGroup(Family family, Operation *op) {
  groups.push_back({family, rowsOfOp(op), {}});
  add(groups.back(), op);
  return groups.back();
}

void BlockFusion::growAnchors(Family family) {
  SmallVector<Group *> opened;
  for (Operation &op : block) {
    if (groupOf.contains(&op) || tile::kernelPart(&op, family) != KernelPart::Anchor)
      continue;
    Group &group = openGroup(family, &op);
    opened.push_back(&group);
    addSiblings(group, &op);
  }
  for (Group *group : opened) {
    addUsers(*group);
    dropEscapes(*group);
  }
  for (Group *group : opened)
    addMakers(*group);
}

/// Rowwise groups begin at ops that compute something; a reshape begins one only when no other op has drawn it in.
void BlockFusion::growRowwise(bool views) {
  for (Operation &op : block) {
    if (groupOf.contains(&op) || !tile::isKernelOp(&op))
      continue;
    KernelPart part = tile::kernelPart(&op, Family::rowwise);
    if (part == KernelPart::None || (part == KernelPart::View) != views)
      continue;
    Group &group = openGroup(Family::rowwise, &op);
    addUsers(group);
    dropEscapes(group);
    addMakers(group);
  }
}

/// Contractions of the same input are one kernel: the input is read once and one barrier serves all.
void BlockFusion::addSiblings(Group &group, Operation *anchor) {
  if (group.family != Family::contraction && group.family != Family::grouped)
    return;
  Value input = anchor->getOperand(0);
  for (Operation *user : llvm::reverse(SmallVector<Operation *>(input.getUsers()))) {
    bool isSibling = user->getBlock() == &block && !groupOf.contains(user) && user->getOperand(0) == input &&
                     tile::kernelPart(user, group.family) == KernelPart::Anchor && rowsOfOp(user) == group.rows;
    if (isSibling && staysConvex(group, user))
      add(group, user);
  }
}

/// Lets the users of the group's values join, and theirs, whoever else needs the values.
void BlockFusion::addUsers(Group &group) {
  for (bool changed = true; std::exchange(changed, false);) {
    for (Operation &op : block) {
      std::string reason;
      if (!groupOf.contains(&op) && usesResultOf(&op, group.ops) && joins(&op, group, reason)) {
        add(group, &op);
        changed = true;
      }
    }
  }
}

/// Whether an op may be computed in the group.
bool BlockFusion::joins(Operation *op, const Group &group, std::string &reason) {
  KernelPart part = tile::kernelPart(op, group.family, &reason);
  if (part != KernelPart::Inner && part != KernelPart::View && part != KernelPart::State)
    return false;
  reason = "its rows are not those of the kernel";
  if (part != KernelPart::State && rowsOfOp(op) != group.rows)
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    bool isInside = group.ops.contains(operand.get().getDefiningOp());
    reason = "it needs the value as an argument";
    if (isInside && !tile::takesInside(operand))
      return false;
    // What an effect stores is computed beside an anchor, or it is not this kernel's work.
    reason = "it stores another value too, which is made elsewhere";
    if (!isInside && tile::takesInside(operand) && op->getNumResults() == 0 && group.family != Family::rowwise)
      return false;
  }
  reason = "it needs something that another kernel makes from this one's results";
  return staysConvex(group, op);
}

/// Whether a rowwise group may give out values that it uses: their users compute them again, which is not more than loading them would be.
static bool givesUsedValues(const Group &group) {
  auto isCheap = [&](Operation *op) {
    bool isNorm = isa<nn::RmsNormOp, nn::LayerNormOp>(op);
    return isNorm || isa<ElementwiseOpInterface>(op) || tile::kernelPart(op, group.family) == KernelPart::View;
  };
  auto isRounding = [](Operation *op) { return isa<nn::QuantizeOp>(op); };
  return group.family == Family::rowwise && llvm::all_of(group.ops, [&](Operation *op) { return isCheap(op) || isRounding(op); });
}

/// Takes users of a value out of the group when the value has users outside too, with all that depends on them.
void BlockFusion::dropEscapes(Group &group) {
  for (bool changed = !givesUsedValues(group); std::exchange(changed, false);) {
    for (Operation *op : SmallVector<Operation *>(group.ops.getArrayRef())) {
      for (Value result : op->getResults()) {
        auto isInside = [&](Operation *user) { return group.ops.contains(user); };
        if (llvm::all_of(result.getUsers(), isInside) || llvm::none_of(result.getUsers(), isInside))
          continue;
        for (Operation *user : SmallVector<Operation *>(result.getUsers()))
          drop(group, user);
        changed = true;
      }
    }
  }
}

void BlockFusion::drop(Group &group, Operation *op) {
  if (!group.ops.remove(op))
    return;
  groupOf.erase(op);
  for (Operation *user : SmallVector<Operation *>(op->getUsers()))
    drop(group, user);
}

/// Whether the part of an op lets it come into a group as the maker of an operand of `user`. An anchor takes sources only, a recurrence
/// also what makes its sequences; beside an anchor only cheap ops come in, which would not be worth a kernel.
static bool isDrawnIn(Operation *maker, Operation *user, const Group &group) {
  KernelPart part = tile::kernelPart(maker, group.family);
  if (part == KernelPart::State)
    return true;
  if (rowsOfOp(maker) != group.rows)
    return false;
  if (part == KernelPart::Source)
    return true;
  if (group.family != Family::scan && tile::kernelPart(user, group.family) == KernelPart::Anchor)
    return false;
  bool isCheap = part == KernelPart::View || isa<ElementwiseOpInterface>(maker);
  return isCheap || (part == KernelPart::Inner && group.family == Family::rowwise);
}

/// Draws in the makers of operands that nothing else needs.
void BlockFusion::addMakers(Group &group) {
  for (unsigned i = 0; i < group.ops.size(); ++i) { // The set grows at its end.
    for (OpOperand &operand : group.ops[i]->getOpOperands()) {
      Operation *maker = operand.get().getDefiningOp();
      if (!maker || maker->getBlock() != &block || groupOf.contains(maker) || !tile::takesInside(operand))
        continue;
      auto isInside = [&](OpOperand &use) { return group.ops.contains(use.getOwner()) && tile::takesInside(use); };
      bool isAlone = llvm::all_of(maker->getUses(), isInside);
      if (isAlone && isDrawnIn(maker, operand.getOwner(), group) && staysConvex(group, maker))
        add(group, maker);
    }
  }
}

/// Whether no op outside lies between ops of the group with `added`: a search from what they depend on must not come back to them. A group
/// on the way counts as one op.
bool BlockFusion::staysConvex(const Group &group, Operation *added) {
  SmallVector<Operation *> work;
  DenseSet<Operation *> seen;
  auto isInside = [&](Operation *op) { return op == added || group.ops.contains(op); };
  auto follow = [&](Operation *op) {
    for (Operation *earlier : dependences.of(op))
      if (!isInside(earlier) && seen.insert(earlier).second)
        work.push_back(earlier);
  };
  llvm::for_each(group.ops, follow);
  follow(added);
  while (!work.empty()) {
    Operation *op = work.pop_back_val();
    Group *unit = groupOf.lookup(op);
    ArrayRef<Operation *> members = unit ? unit->ops.getArrayRef() : ArrayRef<Operation *>(op);
    for (Operation *member : members) {
      if (llvm::any_of(dependences.of(member), isInside))
        return false;
      follow(member);
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Telling
//===----------------------------------------------------------------------===//

/// Remarks what was fused, and each user of the group's results that became a kernel of its own.
void BlockFusion::report(const Group &group) {
  OpSet told;
  if (group.ops.size() > 1)
    remark::passed(group.ops.front()->getLoc(), remark::RemarkOpts::name("FuseKernels").category(category))
        << ("computes " + Twine(group.ops.size()) + " ops in one " + tile::stringifyFamily(group.family) + " kernel").str();
  for (Operation *op : group.ops) {
    for (Operation *user : op->getUsers()) {
      Group *other = groupOf.lookup(user);
      bool isFusedElsewhere = other && other->family != Family::rowwise;
      if (user->getBlock() != &block || group.ops.contains(user) || !tile::isKernelOp(user) || isFusedElsewhere || !told.insert(user))
        continue;
      std::string reason;
      if (joins(user, group, reason))
        reason = "the value is needed outside the kernel as well";
      std::string text =
          llvm::formatv("{0} does not join the {1} kernel before it: {2}", user->getName(), tile::stringifyFamily(group.family), reason);
      remark::missed(user->getLoc(), remark::RemarkOpts::name("FuseKernels").category(category)) << text;
    }
  }
}

namespace {
struct FuseKernelsPass : tenon::impl::FuseKernelsPassBase<FuseKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isDeclaration())
        continue;
      Block &block = function.getBody().front();
      removeUnused(block);
      BlockFusion(block, getArgument()).run();
      copyReturned(block);
    }
  }

private:
  /// A kernel without results would be made for ops that nothing uses.
  static void removeUnused(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }
};
} // namespace
