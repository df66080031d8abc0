//===- KernelWork.h - what a kernel reads, writes and multiplies ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The least that any machine must do for one run of a kernel: every byte of its operands and results moved once, every product computed.
// Predictions of time start from it; how a target's code goes about it does not matter here.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/dialects/tile/Tile.h"

namespace tenon::codegen {

/// What multiplies: units of a machine that differ in speed.
enum class Arithmetic { int8, half, single };
constexpr int64_t arithmeticKinds = 3;

struct KernelWork {
  double readBytes = 0;
  double writtenBytes = 0;
  /// Multiplications and additions, by what can do them: products of rounded activations are of bytes, those with f16 and bf16 weights and
  /// of attention of halfs, all others of f32.
  double operations[arithmeticKinds] = {};

  double bytes() const { return readBytes + writtenBytes; }
  double &of(Arithmetic kind) { return operations[int(kind)]; }
  double of(Arithmetic kind) const { return operations[int(kind)]; }
};

/// The work of a run with `rows` rows (the call's tokens) when `positions` positions are in the state before it.
KernelWork workOf(tile::KernelOp kernel, int64_t rows, int64_t positions);

} // namespace tenon::codegen
