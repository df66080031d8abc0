//===- Scan.cpp - verifiers and builders of the primitives ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/IRMapping.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

/// The type of what a region sees of rows of a value: one row, or any number.
static RankedTensorType sliceOf(Type type, int64_t chunk) {
  return withRows(type, chunk == 1 ? 1 : ShapedType::kDynamic);
}

/// Whether all values have rank 1 at least and as many rows, as far as that is known.
static bool haveEqualRows(ValueRange values) {
  int64_t rows = ShapedType::kDynamic;
  for (Value value : values) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getRank() == 0)
      return false;
    int64_t own = type.getDimSize(0);
    if (!ShapedType::isDynamic(own) && !ShapedType::isDynamic(rows) && own != rows)
      return false;
    rows = ShapedType::isDynamic(own) ? rows : own;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// ssm.scan
//===----------------------------------------------------------------------===//

void ScanOp::build(OpBuilder &builder, OperationState &state, TypeRange outputs, ValueRange sequences, ValueRange fixed, ValueRange states,
                   int64_t chunk, llvm::function_ref<Step(OpBuilder &, ValueRange, ValueRange, ValueRange)> body) {
  build(builder, state, outputs, states.getTypes(), sequences, fixed, states, builder.getI64IntegerAttr(chunk));
  SmallVector<Type> types = llvm::map_to_vector(sequences.getTypes(), [&](Type type) -> Type { return sliceOf(type, chunk); });
  llvm::append_range(types, fixed.getTypes());
  llvm::append_range(types, states.getTypes());
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(state.regions.front().get(), {}, types, SmallVector<Location>(types.size(), state.location));
  ValueRange arguments = block->getArguments();
  Step step = body(builder, arguments.take_front(sequences.size()), arguments.slice(sequences.size(), fixed.size()),
                   arguments.take_back(states.size()));
  YieldOp::create(builder, state.location, step.outputs, step.states);
}

LogicalResult ScanOp::verify() {
  SmallVector<Value> rows(getSequenceOperands());
  llvm::append_range(rows, getOutputs());
  if (getSequenceOperands().empty() || !haveEqualRows(rows)) // scan_c1
    return emitOpError("expects a sequence, and as many rows of every sequence and output");
  if (getChunk() < 1) // scan_c2
    return emitOpError("expects chunk to be at least 1, but got ") << getChunk();
  SmallVector<Type> expected;
  for (Value sequence : getSequenceOperands())
    expected.push_back(sliceOf(sequence.getType(), getChunk()));
  llvm::append_range(expected, getFixedOperands().getTypes());
  llvm::append_range(expected, getStateOperands().getTypes());
  if (!llvm::equal(getBody().getArgumentTypes(), expected)) // scan_c3
    return emitOpError("expects a region of arguments ") << expected << ", but got " << getBody().getArgumentTypes();
  auto yield = dyn_cast<YieldOp>(getBody().front().getTerminator());
  SmallVector<Type> outputs = llvm::map_to_vector(getOutputs(), [&](Value value) -> Type { return sliceOf(value.getType(), getChunk()); });
  if (!yield || !llvm::equal(yield.getOutputs().getTypes(), outputs) ||
      !llvm::equal(yield.getStates().getTypes(), getStateOperands().getTypes()) ||
      !llvm::equal(getNextStates().getTypes(), getStateOperands().getTypes())) // scan_c4
    return emitOpError("expects a region that yields outputs of ") << outputs << " and states of " << getStateOperands().getTypes();
  return success();
}

SmallVector<NamedOperand> ScanOp::getNamedOperands() {
  SmallVector<NamedOperand> operands;
  for (auto [role, values] : {std::pair(Role::sequence, getSequenceOperands()), std::pair(Role::fixed, getFixedOperands()),
                              std::pair(Role::state, getStateOperands())})
    for (Value value : values)
      operands.push_back({"", {}, role, value});
  return operands;
}

/// The region as it is. Regions of many rows have no graph of one row.
Step ScanOp::buildStep(OpBuilder &builder, Location, ValueRange slices, ValueRange fixed, ValueRange states) {
  IRMapping mapping;
  SmallVector<Value> arguments(slices);
  llvm::append_range(arguments, fixed);
  llvm::append_range(arguments, states);
  mapping.map(getBody().getArguments(), arguments);
  for (Operation &op : getBody().front().without_terminator())
    builder.clone(op, mapping);
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  auto mapped = [&](ValueRange values) { return llvm::map_to_vector(values, [&](Value value) { return mapping.lookup(value); }); };
  return {mapped(yield.getOutputs()), mapped(yield.getStates())};
}

//===----------------------------------------------------------------------===//
// ssm.prefix
//===----------------------------------------------------------------------===//

void PrefixOp::build(OpBuilder &builder, OperationState &state, ValueRange elements,
                     llvm::function_ref<SmallVector<Value>(OpBuilder &, ValueRange, ValueRange)> combine) {
  build(builder, state, elements.getTypes(), elements);
  SmallVector<Type> types;
  for (int side = 0; side < 2; ++side)
    for (Type type : elements.getTypes())
      types.push_back(sliceOf(type, ShapedType::kDynamic));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(state.regions.front().get(), {}, types, SmallVector<Location>(types.size(), state.location));
  ValueRange arguments = block->getArguments();
  SmallVector<Value> combined = combine(builder, arguments.take_front(elements.size()), arguments.take_back(elements.size()));
  YieldOp::create(builder, state.location, combined, ValueRange());
}

LogicalResult PrefixOp::verify() {
  if (getElements().empty() || !haveEqualRows(getElements())) // prefix_c1
    return emitOpError("expects an element, and as many rows of each");
  SmallVector<Type> once =
      llvm::map_to_vector(getElements(), [](Value value) -> Type { return sliceOf(value.getType(), ShapedType::kDynamic); });
  SmallVector<Type> twice(once);
  llvm::append_range(twice, once);
  if (!llvm::equal(getCombine().getArgumentTypes(), twice)) // prefix_c2
    return emitOpError("expects a region of arguments ") << twice << ", but got " << getCombine().getArgumentTypes();
  auto yield = dyn_cast<YieldOp>(getCombine().front().getTerminator());
  if (!yield || !yield.getStates().empty() || !llvm::equal(yield.getOutputs().getTypes(), once)) // prefix_c3
    return emitOpError("expects a region that yields outputs of ") << once << " and no states";
  return success();
}
