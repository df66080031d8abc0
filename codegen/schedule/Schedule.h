//===- Schedule.h - candidates and the choice among them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family lists the schedules that it can emit a kernel by, each with its cost on a target; the cheapest is chosen. Costs are vector
// instructions for a unit of work, so only their order matters. A schedule never changes results, the form of a scan apart.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/tile/Tile.h"

namespace tenon::codegen {

struct ScheduleCandidate {
  tile::ScheduleAttr schedule;
  double cost;
  int64_t registers; ///< vector registers that its innermost loop keeps alive; what the target lacks of them is in the cost
};

/// The candidates, the best first; at least one.
llvm::SmallVector<ScheduleCandidate> scheduleCandidates(tile::KernelOp kernel, const Target &target);

/// The families' lists, unsorted.
llvm::SmallVector<ScheduleCandidate> contractionCandidates(tile::KernelOp kernel, const Target &target);
llvm::SmallVector<ScheduleCandidate> attentionCandidates(tile::KernelOp kernel, const Target &target);
llvm::SmallVector<ScheduleCandidate> scanCandidates(tile::KernelOp kernel, const Target &target);
/// Of a recurrence whose state is a matrix for each head; none for any other.
llvm::SmallVector<ScheduleCandidate> matrixScanCandidates(ssm::RecurrenceOpInterface op, const Target &target);

/// Registers that a 16-lane vector of f32 takes.
int64_t registersOfVector(const Target &target);

/// Registers that a loop needs beyond those of the target: each is stored and loaded once a pass.
int64_t excessRegisters(const Target &target, int64_t needed);

} // namespace tenon::codegen
