//===- Dependences.h - what must come before what in a block ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

namespace tenon {

/// The ops of a block that each op must follow: those that make its operands, and earlier ops on a state slot that may be the
/// same, where one of the two changes it.
class Dependences {
public:
  explicit Dependences(mlir::Block &block);

  llvm::ArrayRef<mlir::Operation *> of(mlir::Operation *op) const {
    auto found = before.find(op);
    return found == before.end() ? llvm::ArrayRef<mlir::Operation *>() : llvm::ArrayRef(found->second);
  }

private:
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Operation *>> before;
};

} // namespace tenon
