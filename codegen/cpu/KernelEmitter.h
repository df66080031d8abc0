//===- KernelEmitter.h - a tile.kernel as loops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU emitters' one entry. A kernel becomes
//
//   func.func private @k(%thread: index, %threads: index, %tokens: index, %position: index, <buffers of the operands>,
//                        <buffers of the results>) attributes {tenon.kernel}
//
// over scf, vector, arith, math and memref ops, and tile.int_dot. Every thread of the team calls it; work is divided by thread without
// any of it depending on how many there are. An index operand stays an index.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/tile/Tile.h"

namespace tenon::codegen {

/// The function of a kernel, made at the builder's insertion point under the kernel's name. The schedule must have been chosen. What cannot
/// be emitted is reported at the op that it is about.
mlir::FailureOr<mlir::func::FuncOp> emitKernel(mlir::OpBuilder &builder, tile::KernelOp kernel, const Target &target);

} // namespace tenon::codegen
