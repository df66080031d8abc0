//===- ScanCost.cpp - forms of recurrences ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counted in vector instructions for one row and one element of the state. A selective scan computes an exponential and three
// multiplications for each; step sizes, inputs and outputs are loaded for all states that are in registers at a time, beside which the
// exponentials' temporaries and coefficients need some.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/schedule/Schedule.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static ScheduleCandidate sequential(MLIRContext *context, int64_t chunk, int64_t states, double cost, int64_t registers) {
  return {tile::ScheduleAttr::get(context, /*width=*/16, tile::ScanForm::sequential, chunk, states), cost, registers};
}

static SmallVector<ScheduleCandidate> selectiveScanCandidates(MLIRContext *context, const Target &target) {
  SmallVector<ScheduleCandidate> candidates;
  double vector = registersOfVector(target), exponential = target.has("avx512f") ? 10 : 16;
  for (int64_t states : {8, 4, 2}) {
    int64_t registers = registersOfVector(target) * (2 * states + 6) + 4;
    double spills = 2.0 * excessRegisters(target, registers) / states;
    candidates.push_back(sequential(context, /*chunk=*/8, states, vector * (exponential + 3 + 4.0 / states) + spills, registers));
  }
  return candidates;
}

SmallVector<ScheduleCandidate> tenon::codegen::scanCandidates(tile::KernelOp kernel, const Target &target) {
  MLIRContext *context = kernel.getContext();
  if (!kernel.getBlock().getOps<ssm::SelectiveScanOp>().empty())
    return selectiveScanCandidates(context, target);
  for (auto op : kernel.getBlock().getOps<ssm::RecurrenceOpInterface>())
    if (SmallVector<ScheduleCandidate> candidates = matrixScanCandidates(op, target); !candidates.empty())
      return candidates;
  return {sequential(context, /*chunk=*/32, 0, 0, 0)};
}
