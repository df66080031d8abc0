//===- KernelPart.h - what a graph op may be in a kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Fusion asks two things of an op: which part it can play in a kernel of a family, and which of its operands
// may be made in the same kernel. The answers for the ops of nn and cache are the rows of KernelPart.cpp, those for moe
// of ExpertParts.cpp, those for ssm of ScanParts.cpp, and together they are the grammar of kernels:
//
//   contraction   anchors: linears of one input, which is an argument. The rest: elementwise ops, reshapes of the
//                 columns, rotations and norms of heads, rounding, appends of what linears make.
//   attention     one anchor; its keys and values are arguments or one view of a slot (a source). The rest: elementwise
//                 ops, reshapes, and rounding within heads.
//   grouped       anchors: grouped linears of one input and one routing; the input is an argument or a dispatch (a source) of one.
//                 The rest: elementwise ops, reshapes of the columns, rounding.
//   scan          one anchor, a recurrence; its states are arguments or read from slots, and written to them. What makes its sequences
//                 and what follows: elementwise ops, reshapes and slices of the columns, rounding.
//   rowwise       no anchor; every op but a source works on one row of its inputs.
//
// A value that is used in the kernel is not a result of it as well, except in rowwise kernels of elementwise ops and norms.

#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "tenon/dialects/tile/Tile.h"

#include <string>

namespace tenon::tile {

enum class KernelPart {
  None,   ///< no emitter of the family takes the op
  Anchor, ///< what the family is made for
  Source, ///< reads arguments only; its rows are not the rows of its inputs
  State,  ///< reads or writes a recurrent slot, whose rows are not those of the kernel
  View,   ///< moves the elements of a row and computes nothing
  Inner,  ///< computes a row of its results from the same row of its inputs
};

} // namespace tenon::tile

#include "tenon/dialects/tile/KernelPart.h.inc"

namespace tenon::tile {

/// The part of any op: by its KernelPartInterface, or as an elementwise op. `reason` gets why it has none.
KernelPart kernelPart(mlir::Operation *op, Family family, std::string *reason = nullptr);
/// Whether the operand may be computed in the same kernel.
bool takesInside(mlir::OpOperand &operand);
/// Whether the op belongs in some kernel, as opposed to a host function.
bool isKernelOp(mlir::Operation *op);

/// The rows that a tensor or a record is seen as in a kernel: the first dimension, or one for a vector of static length.
int64_t rowsOf(mlir::Type type);

/// The size of the heads that an op needs whole to give an element of one, as a rotation of far pairs does; 0 for an op that keeps to its
/// place or needs more than a head.
int64_t headAtHand(mlir::Operation *op);
/// The panels of channels that a contraction takes at once so that they are whole heads: of `size` channels each, `count` in all. 0 when
/// those are too many.
int64_t panelsOfHeads(int64_t count, int64_t size);

/// Attaches the interface to the ops of nn and cache, of moe, and of ssm.
void attachKernelParts(mlir::MLIRContext &context);
void attachExpertParts(mlir::MLIRContext &context);
void attachScanParts(mlir::MLIRContext &context);

} // namespace tenon::tile
