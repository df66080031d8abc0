//===- Schedule.cpp - candidates and the choice among them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/schedule/Schedule.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

int64_t tenon::codegen::registersOfVector(const Target &target) {
  return std::max<int64_t>(1, 64 / target.vectorBytes);
}

/// A row at a time leaves nothing to choose.
static SmallVector<ScheduleCandidate> rowwiseCandidates(tile::KernelOp kernel) {
  return {{tile::ScheduleAttr::get(kernel.getContext(), /*width=*/16, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0}};
}

SmallVector<ScheduleCandidate> tenon::codegen::scheduleCandidates(tile::KernelOp kernel, const Target &target) {
  SmallVector<ScheduleCandidate> candidates;
  if (kernel.getFamily() == tile::Family::contraction)
    candidates = contractionCandidates(kernel, target);
  else if (kernel.getFamily() == tile::Family::attention)
    candidates = attentionCandidates(kernel, target);
  else
    candidates = rowwiseCandidates(kernel);
  // What spills comes last; the smallest of it is still a schedule.
  auto excess = [&](const ScheduleCandidate &candidate) { return std::max<int64_t>(0, candidate.registers - target.vectorRegisters); };
  llvm::sort(candidates, [&](const ScheduleCandidate &a, const ScheduleCandidate &b) {
    return std::make_tuple(excess(a), a.cost, a.registers) < std::make_tuple(excess(b), b.cost, b.registers);
  });
  size_t fitting = llvm::count_if(candidates, [&](const ScheduleCandidate &candidate) { return excess(candidate) == 0; });
  candidates.truncate(std::max<size_t>(1, fitting));
  return candidates;
}
