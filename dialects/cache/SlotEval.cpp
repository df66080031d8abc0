//===- SlotEval.cpp - evaluators of state slots ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/cache/Cache.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::cache;

std::shared_ptr<EvalState> cache::emptyState(SlotTypeInterface type) {
  auto state = std::make_shared<EvalState>();
  for (int64_t elements : type.getPlaneRowSizes())
    state->planes.emplace_back(type.growsWithPositions() ? 0 : elements);
  return state;
}

LogicalResult DeclareOp::evaluate(EvalContext &, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  results.push_back(emptyState(cast<SlotTypeInterface>(getType())));
  return success();
}

LogicalResult GetOp::evaluate(EvalContext &context, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  FailureOr<EvalValue> slot = context.lookupSymbol(*this, getSlotAttr().getAttr());
  if (failed(slot))
    return failure();
  results.push_back(*slot);
  return success();
}

LogicalResult LengthOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  results.push_back(operands[0].state().length);
  return success();
}

LogicalResult AppendOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &) {
  EvalState &state = operands[0].state();
  int64_t positions = operands[1].tensor().dim(0);
  if (getValue() && operands[2].tensor().dim(0) != positions)
    return emitOpError("expects ") << positions << " values, but got " << operands[2].tensor().dim(0);
  for (auto [plane, operand] : llvm::zip_equal(state.planes, operands.drop_front())) {
    EvalTensor rows = operand.tensor().toDense();
    for (double value : rows.values())
      plane.push_back(roundToType(value, getSlot().getType().getElementType()));
  }
  state.length += positions;
  return success();
}

LogicalResult ViewOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  const EvalState &state = operands[0].state();
  KvType type = getSlot().getType();
  for (const std::vector<double> &plane : state.planes)
    results.push_back(EvalTensor::dense({state.length, type.getHeads(), type.getDim()}, plane));
  if (type.getLatent()) { // The values are the first elements of the keys.
    const std::vector<double> &keys = state.planes.front();
    EvalTensor values = EvalTensor::dense({state.length, type.getHeads(), type.getLatent()});
    for (int64_t i = 0; i < values.size(); ++i)
      values.at(i) = keys[i / type.getLatent() * type.getDim() + i % type.getLatent()];
    results.push_back(std::move(values));
  }
  return success();
}

LogicalResult ReadOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  results.push_back(EvalTensor::dense(getSlot().getType().getShape(), operands[0].state().planes.front()));
  return success();
}

LogicalResult WriteOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &) {
  EvalTensor value = operands[1].tensor().toDense();
  EvalState &state = operands[0].state();
  state.planes.front().assign(value.values().begin(), value.values().end());
  state.isReplaced = true;
  return success();
}

/// A mark is a copy of the state: exact for any kind of slot, whatever happens afterwards.
LogicalResult MarkOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  results.push_back(std::make_shared<EvalState>(operands[0].state()));
  return success();
}

LogicalResult RewindOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &) {
  operands[0].state() = operands[1].state();
  return success();
}

LogicalResult ForkOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  results.push_back(std::make_shared<EvalState>(operands[0].state()));
  return success();
}
