//===- KernelGroup.h - ops of one block that will be one kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/graph/Dependences.h"
#include "llvm/ADT/SetVector.h"

#include <list>

namespace tenon {

using OpSet = llvm::SmallSetVector<mlir::Operation *, 8>;

/// What fusion decides on: ops that one kernel computes. Nothing outside lies between two of them.
struct KernelGroup {
  tile::Family family;
  int64_t rows; ///< of every value in it but its sources' inputs
  OpSet ops;
};

/// Moves the ops of each group into a `tile.group`. The block's order changes as little as that needs, and keeps all dependences.
void buildKernelGroups(mlir::Block &block, const Dependences &dependences, std::list<KernelGroup> &groups);

/// Copies what a block returns without a kernel or a call having made it for that: arguments, parameters, constants, and a value's second
/// return. A result has a buffer of its own, which only a kernel can fill.
void copyReturned(mlir::Block &block);

} // namespace tenon
