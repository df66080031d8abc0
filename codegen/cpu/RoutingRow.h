//===- RoutingRow.h - a token's experts in their buffer ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/LoopBuilder.h"
#include "tenon/dialects/moe/Moe.h"

namespace tenon::codegen {

/// One row of the buffer of a routing: K indices of experts in 32 bits, then K weights in f32.
struct RoutingRow {
  LoopBuilder &b;
  Value buffer;
  moe::RoutingType type;
  Value row;

  Value place(Value j, int64_t part) { return b.add(b.mul(j, 4), part * 4 * type.getUsed()); }
  /// The j-th expert, an index.
  Value expert(Value j) {
    Value word = b.loadAs(mlir::Type(b.builder.getI32Type()), buffer, {row, place(j, 0)});
    return mlir::arith::IndexCastUIOp::create(b.builder, b.loc, b.builder.getIndexType(), word);
  }
  Value weight(Value j) { return b.loadAs(mlir::Type(b.builder.getF32Type()), buffer, {row, place(j, 1)}); }
  /// Stores an i32 and an f32.
  void set(Value j, Value expert, Value weight) {
    b.storeAs(b.broadcast(expert, 1), buffer, {row, place(j, 0)});
    b.storeAs(b.broadcast(weight, 1), buffer, {row, place(j, 1)});
  }
};

} // namespace tenon::codegen
