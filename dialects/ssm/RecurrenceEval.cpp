//===- RecurrenceEval.cpp - the evaluator of recurrences, from their steps ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

EvalTensor tenon::ssm::rowsFrom(const EvalTensor &tensor, int64_t first, int64_t count) {
  SmallVector<int64_t> shape(tensor.shape());
  int64_t size = shape[0] == 0 ? 0 : tensor.size() / shape[0];
  shape[0] = count;
  ArrayRef<double> values = tensor.values().slice(first * size, count * size);
  return EvalTensor::dense(shape, std::vector<double>(values.begin(), values.end()));
}

LogicalResult tenon::ssm::evaluateRows(Operation *op, Region &step, int64_t chunk, EvalContext &context, ArrayRef<EvalValue> sequences,
                                       ArrayRef<EvalValue> fixed, ArrayRef<EvalValue> states, SmallVectorImpl<EvalValue> &results) {
  int64_t rows = sequences.front().tensor().dim(0);
  SmallVector<EvalTensor> dense = llvm::map_to_vector(sequences, [](const EvalValue &value) { return value.tensor().toDense(); });
  for (const EvalTensor &sequence : dense)
    if (sequence.dim(0) != rows)
      return op->emitOpError("expects sequences of ") << rows << " rows, but got " << sequence.dim(0);
  size_t outputCount = op->getNumResults() - states.size();
  SmallVector<std::vector<double>> outputs(outputCount);
  EvalValues current(states);
  for (int64_t first = 0; first < rows; first += chunk) {
    int64_t count = std::min(chunk, rows - first);
    EvalValues arguments;
    for (const EvalTensor &sequence : dense)
      arguments.push_back(rowsFrom(sequence, first, count));
    llvm::append_range(arguments, fixed);
    llvm::append_range(arguments, current);
    FailureOr<EvalValues> made = context.evalRegion(step, arguments);
    if (failed(made))
      return failure();
    for (auto [output, value] : llvm::zip_equal(outputs, ArrayRef(*made).take_front(outputCount)))
      llvm::append_range(output, value.tensor().values());
    current.assign(made->begin() + outputCount, made->end());
  }
  for (auto [result, values] : llvm::zip(op->getResults(), outputs)) {
    SmallVector<int64_t> shape(cast<RankedTensorType>(result.getType()).getShape());
    shape[0] = rows;
    results.push_back(EvalTensor::dense(shape, std::move(values)));
  }
  llvm::append_range(results, current);
  return success();
}

LogicalResult tenon::ssm::evaluateByStep(RecurrenceOpInterface op, EvalContext &context, ArrayRef<EvalValue> operands,
                                         SmallVectorImpl<EvalValue> &results) {
  Location loc = op.getLoc();
  Builder unattached(op.getContext());
  OwningOpRef<func::FuncOp> step = func::FuncOp::create(loc, "step", unattached.getFunctionType({}, {}));
  Block &block = step->getBody().emplaceBlock();
  Step made = buildStepIn(block, op);
  SmallVector<Value> returned = made.outputs;
  llvm::append_range(returned, made.states);
  OpBuilder builder = OpBuilder::atBlockEnd(&block);
  func::ReturnOp::create(builder, loc, returned);

  auto valuesOf = [&](ArrayRef<Value> values) {
    EvalValues found;
    for (Value value : values)
      found.push_back(operands[operandNumber(op, value)].tensor().toDense());
    return found;
  };
  return evaluateRows(op, step->getBody(), /*chunk=*/1, context, valuesOf(op.getSequences()), valuesOf(op.getFixed()),
                      valuesOf(op.getStates()), results);
}
