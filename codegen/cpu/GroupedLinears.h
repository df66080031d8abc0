//===- GroupedLinears.h - the linears of a grouped kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What goes to an expert is a pair of a token and one of its K choices; pair p is choice p mod K of token p / K. The linears of a kernel
// have one input and one routing, and their results are read at the same columns.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/Sinks.h"
#include "tenon/dialects/moe/Moe.h"

namespace tenon::codegen {

struct GroupedLinears {
  llvm::SetVector<mlir::Operation *> linears;
  Value routing, input; ///< arguments
  moe::RoutingType routingType;
  mlir::RankedTensorType inputType; ///< of the argument
  bool isDispatched = false;        ///< all pairs of a token read its one row
  int64_t used = 0, depth = 0, columns = 0, panels = 0;

  moe::GroupedLinearOp at(int64_t number) const { return mlir::cast<moe::GroupedLinearOp>(linears[number]); }
};

/// The linears that the sinks are made of. What no emitter takes is reported.
mlir::FailureOr<GroupedLinears> collectGroupedLinears(tile::KernelOp kernel, llvm::ArrayRef<Sink> sinks, ElementEmitter &emitter);

} // namespace tenon::codegen
