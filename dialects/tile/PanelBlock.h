//===- PanelBlock.h - quantised blocks in a panel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where sixteen channels of one block lie in a panel, derived from the numbers of the block's form.
//
// Integers are stored 32 k at a time, a "part". A vector has 64 bytes, four k of each channel: byte 4 * channel + j is k = 4 s + j of
// step s. Integers of 2, 4 and 8 bits make one plane, those of 3, 5 and 6 bits a plane of their low 2 or 4 bits and one of the bits
// above. In a plane of b bits a vector has 8 / b steps, the first in the lowest bits, so that a step is one shift and one mask of a
// vector:
//
//   bits   2   3       4   5       6       8
//   planes 2   2 + 1   4   4 + 1   4 + 2   8
//   bytes  128 128+64  256 256+64  256+128 512
//
// A block of 32 is its part, then 16 scales (halfs, or bytes of exponents), then 16 minima (halfs). A block of 256 is 16 halfs of scales,
// 16 of minima, 16 bytes for each span's scales, then for each span's minima (when both have four bits, one byte has both), filled up to
// 64 bytes; then its eight parts. A panel is read once from front to back.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/dialects/nn/BlockCodec.h"

namespace tenon::tile {

/// Output channels of a panel.
constexpr int64_t panelChannels = 16;
/// k of a part of a block; also the elements of a block of rounded activations.
constexpr int64_t blockPart = 32;
/// The bytes of a vector of integers: four k of each channel.
constexpr int64_t panelVector = 4 * panelChannels;

/// Offsets are in bytes from the block's begin; -1: the form has no such part.
struct PanelBlock {
  int64_t blockElements = 1; ///< k of one block; 1 for floats
  int64_t blockBytes = 0;    ///< of the 16 channels of one block
  int64_t scales = -1;       ///< halfs
  int64_t minima = -1;       ///< halfs
  int64_t spanScales = -1;   ///< bytes, 16 for each span
  int64_t spanMinima = -1;   ///< likewise; where the scales are when they share bytes
  int64_t integers = 0;      ///< of the first part
  int64_t partBytes = 0;     ///< of the integers of one part
  int64_t lowBits = 0;       ///< of the first plane
  int64_t highBits = 0;      ///< of the second plane, or 0

  /// Vectors of a plane in a part; the second plane follows the first.
  static constexpr int64_t vectors(int64_t bits) { return bits; }
  /// Steps in a vector of a plane.
  static constexpr int64_t stepsOfVector(int64_t bits) { return 8 / bits; }
};

PanelBlock panelBlock(const BlockForm &form, int64_t blockElements);
/// Whether a span's scale and minimum are the two nibbles of one byte.
bool sharesBytes(const BlockForm &form);

} // namespace tenon::tile
