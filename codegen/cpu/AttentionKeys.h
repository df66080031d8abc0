//===- AttentionKeys.h - where attention finds keys and values ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/Buffer.h"

namespace tenon::codegen {

/// Keys and values by blocks of 64 positions: read from a key/value slot, whose layout is made for it, or pulled from tensors, whose keys
/// are transposed to scratch memory block by block.
class AttentionKeys {
public:
  AttentionKeys(ElementEmitter &emitter, nn::AttentionOp op);
  mlir::LogicalResult check();

  int64_t heads();
  /// The number of positions.
  Value count();
  /// Chooses the key/value head for what follows.
  void setHead(Value head) { this->head = head; }
  void beginBlock(Value block);
  /// Element `d` of the keys 16 v ... 16 v + 15 of the block begun.
  Value keys(Value d, int64_t v);
  /// Whether values are the leading elements of the keys, which lie as [element][key]: `keys` gives 16 of a row at once.
  bool isLatent() const { return slotType && slotType.getLatent() != 0; }
  /// Elements `column ... column + active` of the value at `key` of a block, unless they are latent.
  Value values(Value block, Value key, int64_t column, int64_t active);

private:
  ElementEmitter &emitter;
  LoopBuilder &b;
  nn::AttentionOp op;
  cache::KvType slotType; ///< null when keys and values are tensors
  Value slot;
  Value head;
  Value blockAddress;
  Value transposed; ///< [dim][64]
};

} // namespace tenon::codegen
