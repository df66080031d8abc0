//===- Launches.h - the kernels of an entry, one after another ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an entry launches, with calls of block functions followed layer by layer: the table that a profile's times are read by, and that
// says which weights a call reads.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_LAUNCHES_H
#define TENON_CODEGEN_PACKAGE_LAUNCHES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace tenon::codegen {

/// A weight that a launch reads: whole, or so many of its matrices for one token, if each has experts of its own.
struct WeightRead {
  std::string name;
  int64_t matricesRead = 1, matrices = 1;
  /// The part of `bytes`, the weight's, that a call with one token reads.
  uint64_t stepBytes(uint64_t bytes) const { return bytes / matrices * matricesRead; }
};

struct LaunchFact {
  std::string kernel; ///< its symbol: family, what it fuses, a hash of its contents
  std::string path;   ///< what it computes, by the model's names: "blk.3.attn_q, blk.3.attn_k, blk.3.attn_v"
  /// Barriers that the entry passes before the launch. Launches of one number run between the same two barriers.
  int64_t barriers = 0;
  /// Of tables from which it picks rows none.
  std::vector<WeightRead> weights;
  /// Multiplications and additions of its products with weights, for each row that it computes.
  int64_t operationsPerRow = 0;
  int64_t rows = -1; ///< -1: the call's tokens
};

/// The launches of an entry of a planned module (arena planned, host functions not yet lowered), in order.
std::vector<LaunchFact> collectLaunches(mlir::func::FuncOp entry);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_LAUNCHES_H
