//===- Panels.h - weights as panels of sixteen channels ----------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The packed form of a matrix [channels, k] that `#tile.panels<16>` names. Channels are cut into panels of sixteen (the last is filled up
// with zero channels); a panel is read once from front to back:
//
//   f32, f16, bf16   for each k: 16 values, one a channel
//   block formats    for each block: what dialects/tile/PanelBlock.h says of the format's form
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_PANELS_H
#define TENON_CODEGEN_PACKAGE_PANELS_H

#include "tenon/dialects/tile/PanelBlock.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace tenon::codegen {

using tile::panelChannels;

/// How one format of weights is stored in files and in panels.
struct PanelFormat {
  llvm::StringRef name;
  int64_t blockElements;   ///< along k
  int64_t blockBytes;      ///< of one channel in the file
  int64_t packedBytes;     ///< of sixteen channels in a panel
  const BlockCodec *codec; ///< null for floats, which are blocks of one element

  int64_t rowBytes(int64_t columns) const { return columns / blockElements * blockBytes; }
  int64_t panelBytes(int64_t columns) const { return columns / blockElements * packedBytes; }
};

/// The format of this name ("f32", "q4_1", ...), or null. Block formats are those that have a form.
const PanelFormat *findPanelFormat(llvm::StringRef name);

/// Packs up to sixteen rows of a matrix with `columns` columns, stored one after the other at `rows`, into one panel.
void packPanel(const PanelFormat &format, const uint8_t *rows, int64_t channels, int64_t columns, uint8_t *panel);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_PANELS_H
