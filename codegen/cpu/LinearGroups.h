//===- LinearGroups.h - linears and the sinks that read them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The linears that one sink of a contraction needs together form a group: gate and up of a gated product are one group, q, k and v are
// three. A group's panels are taken in granules, which hold what its sinks write at once.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/Sinks.h"
#include "tenon/dialects/nn/NN.h"

namespace tenon::codegen {

/// Linears whose results some sinks need at the same columns.
struct LinearGroup {
  llvm::SmallVector<nn::LinearOp> linears;
  llvm::SmallVector<const Sink *> sinks;
  int64_t columns = 0; ///< output channels of each linear
  int64_t panels = 0;
  int64_t granule = 1; ///< panels that are taken together
  int64_t atHand = 0;  ///< panels of whole heads that the sinks need; 0 if they keep to their places
};

/// The argument that a linear reads, through reshapes that keep its rows.
Value inputArgument(nn::LinearOp linear);

/// The groups of a contraction. A granule has `wantedPanels` panels of all its linears together where nothing else decides.
mlir::FailureOr<llvm::SmallVector<LinearGroup>> collectLinearGroups(tile::KernelOp kernel, llvm::ArrayRef<Sink> sinks,
                                                                    ElementEmitter &emitter, int64_t wantedPanels);

} // namespace tenon::codegen
