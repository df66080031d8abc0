//===- KernelGroup.cpp - builds groups from sets of ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/KernelGroup.h"

#include "mlir/Interfaces/CallInterfaces.h"
#include "tenon/passes/graph/ModelPath.h"

#include <map>

using namespace mlir;
using namespace tenon;

namespace {
/// The order of a block whose groups count as one op each, a unit, known by its first op.
class UnitOrder {
public:
  UnitOrder(Block &block, const Dependences &dependences, std::list<KernelGroup> &groups);
  SmallVector<Operation *> sorted();
  KernelGroup *groupOf(Operation *op) const { return groups.lookup(op); }

private:
  Block &block;
  const Dependences &dependences;
  DenseMap<Operation *, KernelGroup *> groups;
  DenseMap<Operation *, int64_t> place;

  Operation *unitOf(Operation *op) const {
    KernelGroup *group = groupOf(op);
    return group ? group->ops.front() : op;
  }
};
} // namespace

UnitOrder::UnitOrder(Block &block, const Dependences &dependences, std::list<KernelGroup> &kernelGroups)
    : block(block), dependences(dependences) {
  int64_t number = 0;
  for (Operation &op : block)
    place[&op] = number++;
  for (KernelGroup &group : kernelGroups) {
    SmallVector<Operation *> ops(group.ops.begin(), group.ops.end());
    llvm::sort(ops, [&](Operation *a, Operation *b) { return place[a] < place[b]; });
    group.ops = OpSet(ops.begin(), ops.end());
    for (Operation *op : ops)
      groups[op] = &group;
  }
}

/// Units after those that they depend on; of several that are ready, the one that came first.
SmallVector<Operation *> UnitOrder::sorted() {
  DenseMap<Operation *, OpSet> waitsFor, releases;
  for (Operation &op : block) {
    Operation *unit = unitOf(&op);
    OpSet &earlierUnits = waitsFor[unit];
    for (Operation *earlier : dependences.of(&op))
      if (Operation *before = unitOf(earlier); before != unit && earlierUnits.insert(before))
        releases[before].insert(unit);
  }
  std::map<int64_t, Operation *> ready;
  for (auto &[unit, earlier] : waitsFor)
    if (earlier.empty())
      ready[place[unit]] = unit;
  SmallVector<Operation *> order;
  while (!ready.empty()) {
    Operation *unit = ready.begin()->second;
    ready.erase(ready.begin());
    order.push_back(unit);
    for (Operation *later : releases[unit]) {
      waitsFor[later].remove(unit);
      if (waitsFor[later].empty())
        ready[place[later]] = later;
    }
  }
  return order;
}

/// Values from outside that the ops read, and values of the ops that others read.
static void collectBorder(const OpSet &ops, SetVector<Value> &inputs, SetVector<Value> &outputs) {
  auto isOutside = [&](Operation *user) { return !ops.contains(user); };
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (!ops.contains(operand.getDefiningOp()))
        inputs.insert(operand);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), isOutside))
        outputs.insert(result);
  }
}

/// Makes the group's op where its ops stand, and moves them into it.
static void buildGroup(const KernelGroup &group) {
  SetVector<Value> inputs, outputs;
  collectBorder(group.ops, inputs, outputs);
  OpBuilder builder(group.ops.front());
  Location loc = fuseLocations(builder.getContext(), llvm::map_to_vector(group.ops, [](Operation *op) { return op->getLoc(); }));
  auto results = llvm::map_to_vector(outputs, [](Value value) { return value.getType(); });
  auto built = tile::GroupOp::create(builder, loc, results, group.family, inputs.getArrayRef());
  Block &body = built.getBody().emplaceBlock();
  for (Value input : inputs)
    body.addArgument(input.getType(), input.getLoc());

  auto isInside = [&](OpOperand &use) { return group.ops.contains(use.getOwner()); };
  for (auto [output, result] : llvm::zip_equal(outputs.getArrayRef(), built.getResults()))
    Value(output).replaceUsesWithIf(result, [&](OpOperand &use) { return !isInside(use); });
  for (auto [input, argument] : llvm::zip_equal(inputs.getArrayRef(), body.getArguments()))
    Value(input).replaceUsesWithIf(argument, isInside);
  for (Operation *op : group.ops)
    op->moveBefore(&body, body.end());
  builder.setInsertionPointToEnd(&body);
  tile::YieldOp::create(builder, loc, outputs.getArrayRef());
}

void tenon::buildKernelGroups(Block &block, const Dependences &dependences, std::list<KernelGroup> &groups) {
  UnitOrder order(block, dependences, groups);
  Operation *terminator = block.getTerminator();
  for (Operation *unit : order.sorted()) {
    if (unit == terminator)
      continue;
    KernelGroup *group = order.groupOf(unit);
    if (!group) {
      unit->moveBefore(terminator);
      continue;
    }
    for (Operation *op : group->ops)
      op->moveBefore(terminator);
    buildGroup(*group);
  }
}

void tenon::copyReturned(Block &block) {
  Operation *terminator = block.getTerminator();
  DenseSet<Value> returned;
  for (OpOperand &operand : terminator->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    bool isMade = isa_and_nonnull<tile::GroupOp, CallOpInterface>(operand.get().getDefiningOp());
    if (!type || !isa<FloatType>(type.getElementType()) || (returned.insert(operand.get()).second && isMade))
      continue;
    OpBuilder builder(terminator);
    Location loc = operand.get().getLoc();
    auto copy = tile::GroupOp::create(builder, loc, type, tile::Family::rowwise, operand.get());
    builder.createBlock(&copy.getBody(), {}, type, loc);
    tile::YieldOp::create(builder, loc, copy.getBody().getArguments());
    operand.set(copy.getResult(0));
  }
}
