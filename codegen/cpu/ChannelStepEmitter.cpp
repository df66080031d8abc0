//===- ChannelStepEmitter.cpp - recurrences whose step keeps to channels ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The step is built as a graph and written once for a vector of channels, which goes through the rows of a chunk with its states and what
// is fixed in registers.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ChannelGraph.h"
#include "tenon/codegen/cpu/ScanFrame.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
class ChannelSteps {
public:
  explicit ChannelSteps(ScanFrame &scan) : scan(scan), emitter(scan.emitter), b(scan.b), graph(emitter, scan.channels()) {}
  LogicalResult emit();

private:
  LogicalResult check();
  void emitVector(const ScanBlock &block, Place place, Value column);
  Values emitRow(const ScanBlock &block, Place place, Value column, Value at, ValueRange states);
  ChannelGraph::Tensor pull(Value value, Value firstRow, int64_t rows, Place place);

  ScanFrame &scan;
  ElementEmitter &emitter;
  LoopBuilder &b;
  ChannelGraph graph;
  Block body; ///< the step's ops; the arguments are slices, fixed operands and states
  ssm::Step step;
  MutableArrayRef<BlockArgument> slices, fixed, states;
  Values outputs; ///< scratch memory of each
  LogicalResult result = success();
};
} // namespace

/// All outputs and states have the channels as their last dimension.
LogicalResult ChannelSteps::check() {
  for (Value output : scan.op.getOutputs())
    if (!graph.mayHaveChannels(output) || Matrix::of(output.getType()).columns != scan.planes() * scan.channels())
      return scan.op->emitError("kernel: expects outputs of the same channels");
  for (Value state : scan.op.getStates())
    if (!graph.mayHaveChannels(state))
      return scan.op->emitError("kernel: expects states whose last dimension are the channels");
  return success();
}

LogicalResult ChannelSteps::emit() {
  if (failed(check()))
    return failure();
  step = ssm::buildStepIn(body, scan.op);
  MutableArrayRef<BlockArgument> arguments = body.getArguments();
  slices = arguments.take_front(scan.op.getSequences().size());
  fixed = arguments.slice(slices.size(), scan.op.getFixed().size());
  states = arguments.drop_front(slices.size() + fixed.size());
  for (unsigned i = 0; i < scan.op.getOutputs().size(); ++i)
    outputs.push_back(scan.scratch(scan.planes()));
  scan.moveStates();
  scan.forChunks([&](Value firstRow, Value rows) {
    scan.forBlocks(firstRow, rows, [&](const ScanBlock &block) {
      scan.forVectors(block, [&](Place place, Value column) { emitVector(block, place, column); });
      scan.writeOutputs(block, outputs);
    });
  });
  return result;
}

/// The elements of a tensor whose first dimension has `rows` rows from `firstRow` on: vectors of channels, or equal lanes.
ChannelGraph::Tensor ChannelSteps::pull(Value value, Value firstRow, int64_t rows, Place place) {
  ChannelGraph::Tensor tensor{graph.mayHaveChannels(value), {}};
  int64_t columns = Matrix::of(value.getType()).columns, step = tensor.hasChannels ? scan.channels() : 1;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; column += step) {
      if (tensor.hasChannels) {
        tensor.elements.push_back(emitter.pull(value, {b.add(firstRow, row), b.add(place.column, column), place.active}));
        continue;
      }
      Value vector = emitter.pull(value, {b.add(firstRow, row), b.index(column), 1});
      tensor.elements.push_back(b.broadcast(b.extract(vector, 0), emitter.lanes));
    }
  return tensor;
}

void ChannelSteps::emitVector(const ScanBlock &block, Place place, Value column) {
  for (auto [argument, operand] : llvm::zip_equal(fixed, scan.op.getFixed()))
    graph.set(argument, pull(operand, b.index(0), Matrix::of(operand.getType()).rows, place));
  Values carried;
  SmallVector<std::pair<unsigned, Place>> places;
  for (auto [number, argument] : llvm::enumerate(states)) {
    Matrix matrix = Matrix::of(argument.getType());
    for (int64_t row = 0; row < matrix.rows; ++row)
      for (int64_t first = 0; first < matrix.columns; first += scan.channels()) {
        places.push_back({unsigned(number), {b.index(row), b.add(place.column, first), place.active}});
        carried.push_back(scan.loadState(number, places.back().second));
      }
  }
  carried =
      b.loop(b.index(0), block.rows, 1, carried, [&](Value at, ValueRange before) { return emitRow(block, place, column, at, before); });
  for (auto [vector, at] : llvm::zip_equal(carried, places))
    scan.storeState(at.first, vector, at.second);
}

/// One row of a vector of channels: from states to states.
Values ChannelSteps::emitRow(const ScanBlock &block, Place place, Value column, Value at, ValueRange before) {
  Value row = b.add(block.firstRow, at);
  for (auto [argument, operand] : llvm::zip_equal(slices, scan.op.getSequences())) {
    emitter.prepare(operand, row);
    graph.set(argument, pull(operand, row, 1, place));
  }
  for (BlockArgument state : states) {
    int64_t count = cast<RankedTensorType>(state.getType()).getNumElements() / scan.channels();
    graph.set(state, {true, Values(before.take_front(count))});
    before = before.drop_front(count);
  }
  Values after;
  for (Operation &op : body)
    if (succeeded(result))
      result = graph.emit(&op);
  auto elementsOf = [&](Value value, Type like) {
    size_t count = cast<RankedTensorType>(like).getNumElements() / scan.channels();
    if (failed(result))
      return Values(count, b.splat(0, emitter.lanes));
    // Equal elements are kept once.
    Values elements = graph.get(value).elements;
    return elements.size() == count ? elements : Values(count, elements.front());
  };
  for (auto [value, buffer] : llvm::zip_equal(step.outputs, outputs))
    for (auto [plane, vector] : llvm::enumerate(elementsOf(value, value.getType())))
      b.storeFloats(vector, buffer, {at, b.add(column, plane * scan.blockChannels())}, place.active);
  for (auto [value, state] : llvm::zip_equal(step.states, states))
    after.append(elementsOf(value, state.getType()));
  return after;
}

LogicalResult tenon::codegen::emitChannelSteps(ScanFrame &scan) {
  return ChannelSteps(scan).emit();
}
