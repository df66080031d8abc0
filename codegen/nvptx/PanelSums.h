//===- PanelSums.h - rows times a panel by the lanes of a warp ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Four lanes take four of a panel's sixteen channels each, 16 bytes of every vector; eight such groups share out the parts of k, and
// several warps may share them further. The numbers are those of a CPU but for the order in which the parts' sums are added: products of
// rounded activations are exact integers for each 32 k, or each half of them when the weights' spans are 16.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ContractionTile.h"
#include "tenon/codegen/nvptx/GpuKernelFrame.h"

namespace tenon::codegen::nvptx {

/// How a warp's lanes stand to a panel.
struct PanelLanes {
  static constexpr int64_t channels = 4;                            ///< of a lane
  static constexpr int64_t groups = tile::panelChannels / channels; ///< lanes that have a panel's channels together
  static constexpr int64_t slices = warpThreads / groups;           ///< of k, in a warp
  Value firstChannel;                                               ///< of the lane, in its panel
  Value slice;                                                      ///< of the lane
  Value warpSlice;                                                  ///< of the warp, among `warpSlices` that share a panel
  int64_t warpSlices = 1;
};

/// The sums of some rows with a panel over the lane's part of k: a vector of four channels a row. Rows are given by number.
Values panelSums(LoopBuilder &b, const PanelLanes &lanes, const ContractionInput &input, mlir::ValueRange rows, PanelReader &weight,
                 Value panel);

} // namespace tenon::codegen::nvptx
