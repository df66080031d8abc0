//===- ScanEmitter.cpp - kernels of recurrences ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/MatrixScan.h"
#include "tenon/codegen/cpu/ScanFrame.h"
#include "tenon/dialects/cache/Cache.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

//===----------------------------------------------------------------------===//
// States and outputs
//===----------------------------------------------------------------------===//

LogicalResult ScanFrame::prepare() {
  if (frame.schedule.getForm() == tile::ScanForm::unchosen || frame.schedule.getChunk() == 0)
    return frame.kernel.emitError("kernel: expects a schedule with a form and a chunk");
  for (Value state : op.getStates()) {
    auto read = state.getDefiningOp<cache::ReadOp>();
    sources.push_back(emitter.getArgument(read ? read.getSlot() : state));
    if (!sources.back())
      return op->emitError("kernel: expects states that are arguments or read from slots");
    if (cast<MemRefType>(sources.back().getType()).getRank() != 2)
      return op->emitError("kernel: expects states of two dimensions or more");
  }
  targets.resize(sources.size());
  int64_t columns = Matrix::of(op->getResult(0).getType()).columns;
  for (const Sink &sink : frame.sinks) {
    auto next = llvm::find(op.getNextStates(), sink.value);
    if (next != op.getNextStates().end()) {
      targets[next - op.getNextStates().begin()].push_back(sink.buffer);
      continue;
    }
    FailureOr<Anchors> anchors = collectAnchors(sink.value, op->getName().getTypeID());
    if (failed(anchors))
      return failure();
    if (anchors->ops.empty() || anchors->panels > 0 || sink.columns != columns)
      return frame.kernel.emitError("kernel: expects results that the recurrence makes, as wide as its own");
    // A block of rounded activations is made of channels that are at hand together.
    if (sink.step == tile::activationBlock && columns > blockChannels() && channels() % sink.step != 0)
      return frame.kernel.emitError("kernel: expects blocks of rounded activations within the channels of a plane");
    outputs.push_back(sink);
  }
  return success();
}

void ScanFrame::storeState(unsigned state, Value vector, Place place) {
  for (Value target : targets[state])
    b.storeFloats(vector, target, {place.row, place.column}, place.active);
}

void ScanFrame::moveState(unsigned state, function_ref<void(function_ref<void(Place)>)> forPlaces) {
  Matrix matrix = Matrix::of(op.getStates()[state].getType());
  // What nothing takes is kept from chunk to chunk all the same.
  if (targets[state].empty())
    targets[state].push_back(emitter.scratch({matrix.rows, matrix.columns}, b.builder.getF32Type()));
  if (!llvm::is_contained(targets[state], sources[state]) || hasOtherTargets(state))
    forPlaces([&](Place place) { storeState(state, loadState(state, place), place); });
  sources[state] = targets[state].front();
}

void ScanFrame::moveStates() {
  for (auto [number, value] : llvm::enumerate(op.getStates())) {
    Matrix matrix = Matrix::of(value.getType());
    moveState(number, [&](function_ref<void(Place)> move) {
      forBlocks(b.index(0), b.index(matrix.rows), [&](const ScanBlock &block) {
        forRows(block, [&](Value row, Value) {
          for (int64_t first = 0; first < matrix.columns; first += channels())
            emitter.forColumns(row, b.add(block.firstChannel, first), block.channels, move);
        });
      });
    });
  }
}

void ScanFrame::forChunks(function_ref<void(Value first, Value rows)> body) {
  Value all = rows(), chunk = b.index(frame.schedule.getChunk());
  b.loop(b.index(0), all, chunk, [&](Value first) { body(first, b.min(b.sub(all, first), chunk)); });
}

void ScanFrame::forBlocks(Value firstRow, Value rows, function_ref<void(const ScanBlock &)> body) {
  int64_t size = blockChannels(), whole = channels() / size, rest = channels() % size;
  auto [first, last] = b.share(b.index(whole + (rest > 0)), frame.thread, frame.threads);
  b.loop(first, last, 1, [&](Value block) {
    auto emitWhole = [&] { body({firstRow, rows, b.mul(block, size), size}); };
    auto emitRest = [&] { body({firstRow, rows, b.index(whole * size), rest}); };
    if (rest == 0)
      emitWhole();
    else if (whole == 0)
      emitRest();
    else
      b.choose(b.less(block, b.index(whole)), emitWhole, emitRest);
  });
}

void ScanFrame::forRows(const ScanBlock &block, function_ref<void(Value row, Value place)> body) {
  b.loop(b.index(0), block.rows, 1, [&](Value place) { body(b.add(block.firstRow, place), place); });
}

void ScanFrame::forVectors(const ScanBlock &block, function_ref<void(Place place, Value column)> body) {
  emitter.forColumns(block.firstRow, b.index(0), block.channels,
                     [&](Place place) { body({place.row, b.add(block.firstChannel, place.column), place.active}, place.column); });
}

Value ScanFrame::scratch(int64_t planes) {
  return emitter.scratch({frame.schedule.getChunk(), planes * blockChannels()}, b.builder.getF32Type());
}

void ScanFrame::writeColumns(Value firstRow, Value rows, Value first, int64_t columns, ArrayRef<Value> values, int64_t offset) {
  for (auto [output, buffer] : llvm::zip_equal(op.getOutputs(), values))
    emitter.bind(output, [this, firstRow, first, offset, buffer = buffer](Place place) {
      Value row = b.sub(place.row, firstRow), column = b.add(b.sub(place.column, first), offset);
      return b.loadFloats(buffer, {row, column}, emitter.lanes, place.active);
    });
  b.loop(b.index(0), rows, 1, [&](Value at) {
    Value row = b.add(firstRow, at);
    for (const Sink &sink : outputs) {
      emitter.prepare(sink.value, row);
      codegen::writeColumns(emitter, sink, row, first, columns);
    }
  });
}

void ScanFrame::writeOutputs(const ScanBlock &block, ArrayRef<Value> values) {
  for (int64_t plane = 0; plane < planes(); ++plane)
    writeColumns(block.firstRow, block.rows, b.add(block.firstChannel, plane * channels()), block.channels, values,
                 plane * blockChannels());
}

//===----------------------------------------------------------------------===//
// Kinds of recurrences
//===----------------------------------------------------------------------===//

LogicalResult tenon::codegen::emitScan(KernelFrame &frame, ElementEmitter &emitter) {
  auto ops = frame.kernel.getBlock().getOps<ssm::RecurrenceOpInterface>();
  if (ops.empty() || std::next(ops.begin()) != ops.end())
    return frame.kernel.emitError("kernel: expects one recurrence");
  ScanFrame scan(frame, emitter, *ops.begin());
  if (failed(scan.prepare()))
    return failure();
  Operation *op = scan.op;
  if (std::optional<MatrixRecurrence> recurrence = MatrixRecurrence::of(op))
    return emitMatrixScan(scan, *recurrence);
  if (auto selective = dyn_cast<ssm::SelectiveScanOp>(op))
    return emitSelectiveScan(scan, selective), success();
  if (auto conv = dyn_cast<ssm::CausalConvOp>(op))
    return emitCausalConv(scan, conv), success();
  return emitChannelSteps(scan);
}
