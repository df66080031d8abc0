//===- RowGroups.h - the groups of columns that an op reads whole ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A norm, a softmax and a reduction read whole groups of columns: the last dimension; a row holds one group or several. They keep a few
// numbers of each group, its statistics, so that a pull needs one place only.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ElementRules.h"

namespace tenon::codegen {

class RowGroups {
public:
  /// The groups of the columns of `input` that are at hand.
  RowGroups(ElementEmitter &emitter, Value input);

  int64_t count; ///< groups at hand
  int64_t size;  ///< columns of each

  /// Combines a function of the elements of the group that begins at column `start`, lane by lane and then across lanes.
  Value combine(Value row, Value start, double initial, llvm::function_ref<Value(Value sum, Place place)> step,
                llvm::function_ref<Value(Value)> across);
  Value sum(Value row, Value start, llvm::function_ref<Value(Value sum, Place place)> step);

  /// Runs `compute` for each group, with its first column, and keeps the numbers that it returns as statistics of the row. Where a vector
  /// may hold parts of two groups the results are kept instead, made by `finish` from the statistics of their group.
  void keep(mlir::Operation *op, Value row, llvm::function_ref<Values(Value start)> compute,
            llvm::function_ref<Value(Place place, Values statistics)> finish);
  void keep(mlir::Operation *op, Value row, llvm::function_ref<Values(Value start)> compute);
  /// The result at a place: kept, or made by `finish`.
  Value pull(mlir::Operation *op, Place place, int64_t statistics, llvm::function_ref<Value(Place place, Values statistics)> finish);

  /// The place in a parameter of one group's size.
  Place inGroup(Place place);

private:
  bool keepsResults() const { return count > 1 && size % emitter.lanes != 0; }
  Value start(Value group);
  /// Calls `body` for each group; the parts of a team take groups in turns.
  void forGroups(llvm::function_ref<void(Value group)> body);
  Value sharedScratch(int64_t elements);

  ElementEmitter &emitter;
  LoopBuilder &b;
  Value first; ///< column of the first group
};

} // namespace tenon::codegen
