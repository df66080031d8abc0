//===- AttentionCost.cpp - query rows that share the keys ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For each element of a head and four vectors of keys: the loads (and conversions) are shared by the tile's rows, each row has a broadcast
// and four multiply-adds. The products with the values have the same form. Registers that are lacking outweigh what more rows share.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/schedule/Schedule.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

SmallVector<ScheduleCandidate> tenon::codegen::attentionCandidates(tile::KernelOp kernel, const Target &target) {
  SmallVector<ScheduleCandidate> candidates;
  int64_t vector = registersOfVector(target);
  for (int64_t rows : {1, 2, 4, 6}) {
    int64_t registers = vector * (4 * rows + 4) + 1;
    double cost = vector * (5.0 + 8.0 / rows) + 16.0 * excessRegisters(target, registers);
    auto schedule = tile::ScheduleAttr::get(kernel.getContext(), /*width=*/16, 0, 0, 0, 0, 0, /*kv_block=*/64, /*query_rows=*/rows, 0);
    candidates.push_back({schedule, cost, registers});
  }
  return candidates;
}
