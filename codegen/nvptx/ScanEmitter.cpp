//===- ScanEmitter.cpp - recurrences on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where channels do not meet, a warp takes 32 of them through all rows, by the emitters that a CPU has: what those write for a vector of
// channels is written for the one channel of a lane, and blocks of the grid are their threads. So states stay in registers, and rows are
// read and written by whole sectors. Recurrences with a matrix for each head have a form of their own (MatrixScan.cpp).
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ScanFrame.h"
#include "tenon/codegen/nvptx/GpuTeam.h"
#include "tenon/codegen/nvptx/MatrixScan.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

/// Rows that are in shared memory at a time, and states of a channel that a lane has in registers.
static constexpr int64_t chunkRows = 16, mostStates = 16;

LogicalResult tenon::codegen::nvptx::emitScan(GpuKernelFrame &frame) {
  auto ops = frame.kernel.getBlock().getOps<ssm::RecurrenceOpInterface>();
  if (!llvm::hasSingleElement(ops))
    return frame.kernel.emitError("kernel for a GPU: expects one recurrence");
  ssm::RecurrenceOpInterface op = *ops.begin();
  auto schedule = tile::ScheduleAttr::get(frame.kernel.getContext(), /*width=*/1, tile::ScanForm::sequential, chunkRows, mostStates);
  std::optional<ssm::MatrixRecurrence> recurrence = ssm::MatrixRecurrence::of(op);
  if (recurrence)
    return emitMatrixScan(frame, *recurrence, schedule);
  StageShape shape;
  shape.grid[0] = llvm::divideCeil(cast<RankedTensorType>(op->getResult(0).getType()).getShape().back(), warpThreads);
  return frame.stage(shape, /*lanes=*/1, [&](GpuStage &stage) {
    WarpTeam team(stage);
    stage.emitter.team = &team;
    KernelFrame inner{frame.kernel, frame.target, schedule, stage.block(0), stage.b.index(stage.shape.grid[0]), stage.sinks};
    LogicalResult emitted = codegen::emitScan(inner, stage.emitter);
    stage.emitter.team = nullptr;
    return emitted;
  });
}
