//===- KernelFrame.h - what every family's emitter is given ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/cpu/Sinks.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/tile/Tile.h"

namespace tenon::codegen {

/// A kernel whose function is being written.
struct KernelFrame {
  tile::KernelOp kernel;
  const Target &target;
  tile::ScheduleAttr schedule;
  Value thread;
  Value threads;
  llvm::SmallVector<Sink> sinks;
};

/// The emitters of the families. Each writes the whole body; what it declines it has reported.
mlir::LogicalResult emitRowwise(KernelFrame &frame, ElementEmitter &emitter);
mlir::LogicalResult emitContraction(KernelFrame &frame, ElementEmitter &emitter);
/// A contraction whose anchors are products of each head with a matrix of its own.
mlir::LogicalResult emitHeadLinears(KernelFrame &frame, ElementEmitter &emitter);
mlir::LogicalResult emitGrouped(KernelFrame &frame, ElementEmitter &emitter);
mlir::LogicalResult emitAttention(KernelFrame &frame, ElementEmitter &emitter);
mlir::LogicalResult emitScan(KernelFrame &frame, ElementEmitter &emitter);

} // namespace tenon::codegen
