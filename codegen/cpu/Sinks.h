//===- Sinks.h - where a kernel's values go ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sink takes one value of the region out of the kernel, some columns of a row at a time: it stores a result, rounds it to blocks
// of integers, appends it to a key/value slot, or makes it the contents of a recurrent one.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/dialects/moe/Moe.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/Tile.h"
#include "llvm/ADT/SetVector.h"

namespace tenon::codegen {

struct Sink {
  Value value;     ///< what is pulled
  int64_t columns; ///< of a row
  int64_t step;    ///< columns that are written together: 16 or 32
  /// Writes `step` columns (or `place.active`, in the last step of a row).
  std::function<void(ElementEmitter &, Place)> write;
  /// Where floats are stored as they are; null for other sinks.
  Value buffer = {};
};

/// The sinks of a kernel whose results go to `buffers`, in an order that follows the region. An op whose effect has no sink is an error.
mlir::FailureOr<llvm::SmallVector<Sink>> collectSinks(tile::KernelOp kernel, ElementEmitter &emitter, ValueRange buffers);

/// Writes a row of a sink, or some columns of it, which begin where the sink's steps do.
void writeRow(ElementEmitter &emitter, const Sink &sink, Value row);
void writeColumns(ElementEmitter &emitter, const Sink &sink, Value row, Value first, int64_t columns);

/// The ops of the kind `anchor` that a value is made of. Of an anchor's result a tile is known at a time, so every op behind it must keep
/// to its place, or to a head where whole heads are at hand; one that does not is reported.
struct Anchors {
  llvm::SetVector<mlir::Operation *> ops;
  /// The panels of whole heads that ops behind the anchors need at hand; 0 if they keep to their places.
  int64_t panels = 0;
};
mlir::FailureOr<Anchors> collectAnchors(Value value, mlir::TypeID anchor);

/// Writes the routing of a row whole, though it pulls the logits only.
Sink routeSink(moe::RouteOp op, Value buffer);

/// Rounds 32 columns to a block of `type`, an !nn.a8 or !nn.a16 tensor whose buffer is `buffer`.
void quantizeBlock(LoopBuilder &b, Value low, Value high, mlir::RankedTensorType type, Value buffer, Value row, Value column);
/// The same of a value by neighbours of a team, each of whom has a few columns of the block: `place`.
void quantizeTogether(ElementEmitter &emitter, Value value, mlir::RankedTensorType type, Value buffer, Place place);

} // namespace tenon::codegen
