//===- ScanFrame.h - a recurrence whose kernel is being written ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the emitters of recurrences share: where states lie, and where outputs go. A state is read from a slot or an argument and written to
// a slot, a result, or both; where source and target are one slot it changes in place, so that an emitter reads a part of a state before it
// writes that part. An emitter gives the outputs some rows and columns at a time, out of scratch memory; the sinks of the kernel, with all
// that is computed on the way to them, take them from there.
// On a GPU a thread of the team is a block of the grid, and its channels are divided over the threads of the block. Scratch memory is
// shared, but a channel's part of it is one thread's.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/dialects/ssm/Ssm.h"

namespace tenon::codegen {

/// Neighbouring channels of some rows. A row of an output holds all channels once, or several times where it has planes (the real and
/// imaginary parts of complex numbers). `channels` is static.
struct ScanBlock {
  Value firstRow, rows;
  Value firstChannel;
  int64_t channels;
};

class ScanFrame {
public:
  ScanFrame(KernelFrame &frame, ElementEmitter &emitter, ssm::RecurrenceOpInterface op)
      : frame(frame), emitter(emitter), b(emitter.b), op(op) {}
  /// Finds the states and the sinks; what does not fit is reported.
  mlir::LogicalResult prepare();

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;
  ssm::RecurrenceOpInterface op;

  /// Rows of the call.
  Value rows() { return emitter.rowCount(op->getResult(0)); }

  // A state is a matrix: rows of its first dimension, columns of the others.
  Value loadState(unsigned state, Place place) {
    return b.loadFloats(sources[state], {place.row, place.column}, emitter.lanes, place.active);
  }
  void storeState(unsigned state, Value vector, Place place);
  /// Brings the states of the thread's channels where the next ones go, from where they are read from then on: no rows leave them as they
  /// are.
  void moveStates();
  /// The same for one state and the places that `forPlaces` gives, for an emitter that divides states otherwise.
  void moveState(unsigned state, llvm::function_ref<void(llvm::function_ref<void(Place)>)> forPlaces);
  /// Where a state is that was moved. An emitter that changes it there copies it to the other targets, if there are any, at the end.
  Value movedState(unsigned state) { return sources[state]; }
  bool hasOtherTargets(unsigned state) { return targets[state].size() > 1; }

  /// Channels of a row.
  int64_t channels() { return mlir::cast<mlir::RankedTensorType>(op->getResult(0).getType()).getShape().back(); }
  /// Channels of a block: one for each thread of a team; else as long a piece of a row as lets the first cache hold a few rows of all that
  /// a scan reads and writes.
  int64_t blockChannels() { return emitter.team ? emitter.team->size : 128; }
  /// How many times a row holds them.
  int64_t planes() { return Matrix::of(op->getResult(0).getType()).columns / channels(); }
  /// Calls `body` for the call's rows, as many at a time as the schedule says.
  void forChunks(llvm::function_ref<void(Value first, Value rows)> body);
  /// Calls `body` for blocks of channels that cover the thread's share.
  void forBlocks(Value firstRow, Value rows, llvm::function_ref<void(const ScanBlock &)> body);
  /// Calls `body` for each row of a block with its place in scratch memory.
  void forRows(const ScanBlock &block, llvm::function_ref<void(Value row, Value place)> body);
  /// Calls `body` for each vector of channels of a block, a place in its first row, and with the first channel's place in scratch memory.
  void forVectors(const ScanBlock &block, llvm::function_ref<void(Place place, Value column)> body);
  /// Scratch memory for the rows of a chunk, each as many times the channels of a block.
  Value scratch(int64_t planes = 1);
  /// Lets the sinks take columns of every output from scratch memory, where they begin at `offset`.
  void writeColumns(Value firstRow, Value rows, Value first, int64_t columns, llvm::ArrayRef<Value> values, int64_t offset = 0);
  /// Lets the sinks take a block of every output from scratch memory.
  void writeOutputs(const ScanBlock &block, llvm::ArrayRef<Value> values);

private:
  Values sources;                    ///< of each state
  llvm::SmallVector<Values> targets; ///< of each state
  llvm::SmallVector<Sink> outputs;
};

/// The emitters by kind of recurrence. Each writes the whole body; what it declines it has reported.
void emitSelectiveScan(ScanFrame &scan, ssm::SelectiveScanOp op);
void emitCausalConv(ScanFrame &scan, ssm::CausalConvOp op);
/// Any recurrence whose step keeps to channels.
mlir::LogicalResult emitChannelSteps(ScanFrame &scan);

} // namespace tenon::codegen
