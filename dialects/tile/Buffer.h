//===- Buffer.h - how values lie in memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The one place that says how many bytes a tensor or a state slot takes and where its parts are. Kernels,
// the packer and the arena planner read it from here.
//
//   floats      row-major; rank 2 and more are rows of the first dimension
//   !nn.a8      a row: K int8, K/32 f32 scales, K/32 i32 sums of a block's integers, K/32 i32 sums of its first half, filled up to 64 bytes
//   !nn.a16     a row: K int8 high, K int8 low, K/32 f32 scales, then the sums of high, of low, and of the first halves of both
//   records     a row of each token: the bytes that the type says (RecordTypeInterface)
//   weights     panels of 16 channels (#tile.panels), blocks as in PanelBlock.h
//   !cache.kv   blocks of 64 positions; in a block each head's keys [dim][64], then its values [64][dim]; a latent slot has keys only
//   !cache.recurrent   the floats of a tensor of its shape

#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/tile/PanelBlock.h"

#include <optional>

namespace tenon::tile {

/// Positions of a block of a key/value slot.
constexpr int64_t cacheBlockPositions = 64;
/// Elements of a block of rounded activations.
constexpr int64_t activationBlock = 32;
/// Rows of rounded activations and buffers begin at multiples of this many bytes.
constexpr int64_t bufferAlignment = 64;

/// The buffer of a tensor, record or slot; an index stays an index. Null for types that no buffer holds.
mlir::Type bufferType(mlir::Type type);

/// The bytes that every row of the first dimension takes and how many rows there are: bytes = rows * rowBytes, rows dynamic or
/// static. A packed weight is one row. For records, and for tensors whose other dimensions are static.
struct BufferSize {
  int64_t rows;     ///< ShapedType::kDynamic when it is the call's number of tokens
  int64_t rowBytes; ///< not negative
};
std::optional<BufferSize> bufferSize(mlir::Type type);

/// Where the parts of a row of !nn.a8 or !nn.a16 begin, in bytes. For !nn.a8 `low`, `lowSums` and `lowFirstSums` are -1.
struct ActivationRow {
  int64_t values; ///< int8 (the high plane of !nn.a16)
  int64_t low;
  int64_t scales;
  int64_t sums; ///< of `values`
  int64_t lowSums;
  int64_t firstSums;    ///< of the first 16 `values` of each block
  int64_t lowFirstSums; ///< likewise of `low`
  int64_t bytes;        ///< of the whole row, a multiple of 64
};
std::optional<ActivationRow> activationRow(mlir::RankedTensorType type);

/// The form of a weight in panels: its blocks, or single k of floats.
struct PanelLayout : PanelBlock {
  int64_t panels = 0; ///< of a matrix
  int64_t panelBytes = 0;
  int64_t bytes = 0; ///< of the whole weight
};
/// Nothing when the tensor has no #tile.panels encoding or its element type has no panel form.
std::optional<PanelLayout> panelLayout(mlir::RankedTensorType type);
/// Whether a weight of this type (without an encoding) has a panel form.
bool hasPanelForm(mlir::RankedTensorType type);

/// A block of a key/value slot.
struct CacheBlock {
  int64_t headBytes;   ///< a head's keys and values
  int64_t valueOffset; ///< of a head's values, from its keys; a latent slot has none
  int64_t bytes;       ///< of the block
};
CacheBlock cacheBlock(cache::KvType type);

} // namespace tenon::tile
