//===- MatrixScanCost.cpp - forms of recurrences with a matrix a head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counted in vector instructions for one row and 16 elements of the state. Row by row an element decays, changes and is read; numbers of
// the row's key and query are shared by four vectors. By products it is read once and changed once, and the chunk's rows meet each other:
// queries and keys once a group, weights and values for each head. In matrix registers three products of bf16 stand for one of f32, each
// at a sixteenth of its cost, but every factor is split in two parts before. What is not a product goes through memory, and was measured
// to take four times what its instructions do in registers.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/schedule/Schedule.h"
#include "tenon/dialects/ssm/MatrixRecurrence.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Rows that are copied to scratch memory at a time, and that products take at once.
static constexpr int64_t chunkRows = 64;

static double productCost(const ssm::MatrixRecurrence &recurrence, const Target &target) {
  double chunk = chunkRows, keys = recurrence.keys, values = recurrence.values, sharing = recurrence.headsOfGroup();
  double products = 2 + chunk / (2 * keys) + chunk / (values * sharing), weights = 14 * chunk / (keys * values);
  if (!target.hasMatrixRegisters() || !recurrence.fillsTiles())
    return registersOfVector(target) * (1.25 * products + 4 * weights);
  double split = 9 / chunk + 12 / keys + 26 / (values * sharing) + 6 * chunk / (keys * values);
  return 3 * products / 16 + 4 * (weights + split);
}

SmallVector<ScheduleCandidate> tenon::codegen::matrixScanCandidates(ssm::RecurrenceOpInterface op, const Target &target) {
  auto schedule = [&](tile::ScanForm form) { return tile::ScheduleAttr::get(op->getContext(), /*width=*/16, form, chunkRows, 0); };
  int64_t vector = registersOfVector(target), rows = 4, vectors = target.vectorRegisters < 32 ? 1 : 4;
  SmallVector<ScheduleCandidate> candidates;
  std::optional<ssm::MatrixRecurrence> recurrence = ssm::MatrixRecurrence::of(op);
  if (!recurrence)
    return candidates;
  candidates.push_back({schedule(tile::ScanForm::sequential), vector * (3 + 2.0 / vectors), vector * (rows * vectors + 2 * vectors) + 3});
  if (!recurrence->whyNotByProducts())
    candidates.push_back({schedule(tile::ScanForm::chunked), productCost(*recurrence, target), vector * 28});
  return candidates;
}
