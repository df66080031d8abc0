//===- AttentionBlocks.h - blocks of 64 keys and values, for a warp ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A lane has two keys of a block, and some columns of the values. Keys of a slot lie as [element][64], so that a warp reads an element of
// all 64 at once; keys that are tensors are brought into that form in shared memory, some elements at a time.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/codegen/nvptx/GpuTeam.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Buffer.h"

namespace tenon::codegen::nvptx {

class AttentionBlocks {
public:
  static constexpr int64_t keys = tile::cacheBlockPositions;
  static constexpr int64_t keysOfLane = keys / warpThreads;

  AttentionBlocks(GpuStage &stage, nn::AttentionOp op);
  mlir::LogicalResult check();

  int64_t heads();
  /// The number of keys.
  Value count();
  /// Whether values are the leading elements of the keys.
  bool isLatent() const { return slotType && slotType.getLatent() != 0; }

  /// Chooses the key/value head, then the block, for what follows.
  void setHead(Value head) { this->head = head; }
  void begin(Value block);
  /// The place in the block of key `i` of the lane.
  Value keyOfLane(int64_t i);

  /// Calls `body` for all elements, some neighbouring ones at a time, with the lane's keys of each: of element e key i at
  /// `e * keysOfLane + i`.
  Values forElements(ValueRange carried, llvm::function_ref<Values(Value first, int64_t count, ValueRange keys, ValueRange carried)> body);

  /// Columns of the values that a lane has: `pieces()` times `width()` neighbouring ones.
  int64_t width() const { return columnsTogether; }
  int64_t pieces() const { return llvm::divideCeil(valueDim, columnsTogether * warpThreads); }
  int64_t columnsOfLane() const { return width() * pieces(); }
  Value firstColumn(int64_t piece);
  /// The lane's columns of a key's value.
  Values values(Value key);
  /// Of latent values: the lane's column number `piece` for `count` neighbouring keys. Places that hold no key give 0.
  Values latentValues(int64_t piece, Value key, int64_t count);
  /// Neighbouring keys that are read at once.
  int64_t latentKeys() const { return 16 / elementBytes(); }

private:
  int64_t elementBytes() const { return slotType.getElementType().getIntOrFloatBitWidth() / 8; }
  void stageKeys(Value firstElement, int64_t count);
  Value slotValues(Value key, Value column);
  Value tensorValues(Value key, Value column);
  Value ifColumn(int64_t piece, int64_t count, llvm::function_ref<Value()> load);

  GpuStage &stage;
  WarpTeam warp;
  ElementEmitter &emitter;
  LoopBuilder &b;
  nn::AttentionOp op;
  int64_t dim, valueDim, columnsTogether;
  cache::KvType slotType; ///< null when keys and values are tensors
  Value slot, head, firstKey, address;
  Value staged; ///< [warp][element * stride + key]
};

} // namespace tenon::codegen::nvptx
