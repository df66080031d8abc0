//===- Schedule.cpp - candidates and the choice among them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/schedule/Schedule.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

int64_t tenon::codegen::registersOfVector(const Target &target) {
  return std::max<int64_t>(1, 64 / target.vectorBytes);
}

int64_t tenon::codegen::excessRegisters(const Target &target, int64_t needed) {
  return std::max<int64_t>(0, needed - target.vectorRegisters);
}

/// A row at a time leaves nothing to choose.
static SmallVector<ScheduleCandidate> rowwiseCandidates(tile::KernelOp kernel) {
  return {{tile::ScheduleAttr::get(kernel.getContext(), /*width=*/16, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0}};
}

SmallVector<ScheduleCandidate> tenon::codegen::scheduleCandidates(tile::KernelOp kernel, const Target &target) {
  SmallVector<ScheduleCandidate> candidates;
  if (kernel.getFamily() == tile::Family::contraction || kernel.getFamily() == tile::Family::grouped)
    candidates = contractionCandidates(kernel, target);
  else if (kernel.getFamily() == tile::Family::attention)
    candidates = attentionCandidates(kernel, target);
  else if (kernel.getFamily() == tile::Family::scan)
    candidates = scanCandidates(kernel, target);
  else
    candidates = rowwiseCandidates(kernel);
  llvm::sort(candidates, [](const ScheduleCandidate &a, const ScheduleCandidate &b) {
    return std::make_tuple(a.cost, a.registers) < std::make_tuple(b.cost, b.registers);
  });
  return candidates;
}
