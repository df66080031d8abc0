//===- Panels.h - weights as panels of sixteen channels ----------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The packed form of a matrix [channels, k] that `#tile.panels<16>` names. Channels are cut into panels of sixteen (the last is filled up
// with zero channels); a panel is read once from front to back:
//
//   f32, f16, bf16   for each k: 16 values, one a channel
//   q4_0             for each 32 k: 4 x 64 bytes of nibbles, 16 f16 scales                         (288 bytes)
//   q4_1             for each 32 k: 4 x 64 bytes of nibbles, 16 f16 scales, 16 f16 minima          (320 bytes)
//   q8_0             for each 32 k: 8 x 64 bytes, 16 f16 scales                                    (544 bytes)
//
// Byte 4 * channel + j of nibble vector s has element 4s + j of the block in its low half and element 16 + 4s + j in its high half; byte
// 4 * channel + j of byte vector s is element 4s + j of the block plus 128. So each vector is one unsigned operand of a four-way dot
// product.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_PANELS_H
#define TENON_CODEGEN_PACKAGE_PANELS_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace tenon::codegen {

constexpr int64_t panelChannels = 16;

/// How one format of weights is stored in files and in panels: a row of a table, one packing function a layout.
struct PanelFormat {
  llvm::StringLiteral name;
  int64_t blockElements; ///< along k
  int64_t blockBytes;    ///< of one channel in the file
  int64_t packedBytes;   ///< of sixteen channels in a panel
  /// Packs one block column of a panel: `blocks` is the first channel's block, channel c's is `c * stride` further; channels from
  /// `channels` on are filled with zeros.
  void (*pack)(const uint8_t *blocks, int64_t stride, int64_t channels, uint8_t *packed);

  int64_t rowBytes(int64_t columns) const { return columns / blockElements * blockBytes; }
  int64_t panelBytes(int64_t columns) const { return columns / blockElements * packedBytes; }
};

/// The format of this name ("f32", "q4_1", ...), or null.
const PanelFormat *findPanelFormat(llvm::StringRef name);

/// Packs up to sixteen rows of a matrix with `columns` columns, stored one after the other at `rows`, into one panel.
void packPanel(const PanelFormat &format, const uint8_t *rows, int64_t channels, int64_t columns, uint8_t *panel);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_PANELS_H
