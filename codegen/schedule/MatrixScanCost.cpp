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
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Rows that are copied to scratch memory at a time, and that products take at once.
static constexpr int64_t chunkRows = 64;

/// What the cost of products depends on; nothing for a recurrence that has no such form: one whose keys decay apart, or that changes by
/// rank one more.
struct ProductSizes {
  int64_t heads, groups, keys, values;
};

static std::optional<ProductSizes> productSizes(ssm::RecurrenceOpInterface op) {
  Value query;
  if (auto ssd = dyn_cast<ssm::SsdOp>(*op)) {
    query = ssd.getC();
  } else if (auto attention = dyn_cast<ssm::LinearAttentionOp>(*op)) {
    Value decay = attention.getDecay();
    if (decay && cast<RankedTensorType>(decay.getType()).getRank() != (attention.getFixedDecay() ? 1 : 2))
      return std::nullopt;
    query = attention.getQ();
  } else {
    return std::nullopt;
  }
  auto state = cast<RankedTensorType>(op.getStates().front().getType());
  return ProductSizes{state.getDimSize(0), cast<RankedTensorType>(query.getType()).getDimSize(1), state.getDimSize(1), state.getDimSize(2)};
}

static double productCost(const ProductSizes &sizes, const Target &target) {
  double chunk = chunkRows, keys = sizes.keys, values = sizes.values, sharing = double(sizes.heads) / sizes.groups;
  double products = 2 + chunk / (2 * keys) + chunk / (values * sharing), weights = 14 * chunk / (keys * values);
  bool hasTiles = target.has("amx-bf16") && sizes.keys % 32 == 0 && sizes.values % 16 == 0;
  if (!hasTiles)
    return registersOfVector(target) * (1.25 * products + 4 * weights);
  double split = 9 / chunk + 12 / keys + 26 / (values * sharing) + 6 * chunk / (keys * values);
  return 3 * products / 16 + 4 * (weights + split);
}

SmallVector<ScheduleCandidate> tenon::codegen::matrixScanCandidates(ssm::RecurrenceOpInterface op, const Target &target) {
  auto schedule = [&](tile::ScanForm form) { return tile::ScheduleAttr::get(op->getContext(), /*width=*/16, form, chunkRows, 0); };
  int64_t vector = registersOfVector(target), rows = 4, vectors = target.vectorRegisters < 32 ? 1 : 4;
  SmallVector<ScheduleCandidate> candidates;
  if (!isa<ssm::SsdOp, ssm::LinearAttentionOp, ssm::DeltaRuleOp>(*op))
    return candidates;
  candidates.push_back({schedule(tile::ScanForm::sequential), vector * (3 + 2.0 / vectors), vector * (rows * vectors + 2 * vectors) + 3});
  if (std::optional<ProductSizes> sizes = productSizes(op))
    candidates.push_back({schedule(tile::ScanForm::chunked), productCost(*sizes, target), vector * 28});
  return candidates;
}
