//===- RowwiseEmitter.cpp - kernels that take a row at a time, on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block takes a row: its threads compute the statistics together, then every sink is walked by all of them, neighbours taking
// neighbouring vectors of 16 bytes. Where no statistic needs the whole row, several blocks share it. Sinks with different numbers of rows
// are stages of their own.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/nvptx/GpuTeam.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

/// Threads of a block at most: more take longer to meet than a row takes to be read.
static constexpr int64_t mostThreads = 512;
/// Floats that a thread reads at once.
static constexpr int64_t vectorLanes = 4;

static int64_t threadsFor(int64_t columns, int64_t lanes) {
  return std::clamp<int64_t>(llvm::alignTo(llvm::divideCeil(columns, lanes), warpThreads), warpThreads, mostThreads);
}

/// The sinks' numbers of rows, in order.
static SmallVector<int64_t> rowCounts(ArrayRef<Sink> sinks) {
  SmallVector<int64_t> counts;
  for (const Sink &sink : sinks)
    if (int64_t rows = Matrix::of(sink.value.getType()).rows; !llvm::is_contained(counts, rows))
      counts.push_back(rows);
  return counts;
}

/// Writes the sinks with `rows` rows; the block's threads are chosen by them.
static LogicalResult writeRows(GpuStage &stage, int64_t rows) {
  LoopBuilder &b = stage.b;
  ElementEmitter &emitter = stage.emitter;
  SmallVector<const Sink *> sinks;
  int64_t columns = 1;
  for (const Sink &sink : stage.sinks)
    if (Matrix::of(sink.value.getType()).rows == rows) {
      sinks.push_back(&sink);
      columns = std::max(columns, sink.columns);
    }
  stage.shape.threads = {threadsFor(columns, emitter.lanes), 1, 1};
  bool isDynamic = ShapedType::isDynamic(rows);
  stage.shape.grid = {isDynamic ? 1 : std::max<int64_t>(rows, 1), 1, 1};
  stage.shape.rows = {isDynamic ? 1 : 0, 0, 0};

  BlockTeam team(stage);
  emitter.team = &team;
  Value row = stage.block(0);
  for (const Sink *sink : sinks)
    emitter.prepare(sink->value, row);
  if (!team.wasUsed()) {
    // Blocks of the second dimension are as if they were more threads of a larger team.
    int64_t blocks = llvm::divideCeil(columns, team.size * emitter.lanes);
    stage.shape.grid[1] = blocks;
    team.rank = b.add(b.mul(stage.block(1), team.size), team.rank);
    team.size *= blocks;
  }
  for (const Sink *sink : sinks)
    writeRow(emitter, *sink, row);
  emitter.team = nullptr;
  return success();
}

LogicalResult tenon::codegen::nvptx::emitRowwise(GpuKernelFrame &frame) {
  SmallVector<int64_t> counts;
  auto writeFirst = [&](GpuStage &stage) {
    counts = rowCounts(stage.sinks);
    return counts.empty() ? success() : writeRows(stage, counts.front());
  };
  if (failed(frame.stage({}, vectorLanes, writeFirst)))
    return failure();
  for (size_t number = 1; number < counts.size(); ++number) {
    StageShape shape{"_" + std::to_string(number)};
    if (failed(frame.stage(shape, vectorLanes, [&](GpuStage &stage) { return writeRows(stage, counts[number]); })))
      return failure();
  }
  return success();
}
