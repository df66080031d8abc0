//===- GpuTeam.h - a block or a warp that takes a row together ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/nvptx/GpuKernelFrame.h"

namespace tenon::codegen::nvptx {

/// The lanes of a warp.
class WarpTeam : public RowTeam {
public:
  explicit WarpTeam(GpuStage &stage);
  Value across(Value scalar, Combine combine) override { return stage.acrossLanes(scalar, size, combine); }
  Value acrossNeighbours(Value scalar, int64_t count, Combine combine) override { return stage.acrossLanes(scalar, count, combine); }
  Value scratch(llvm::ArrayRef<int64_t> shape, mlir::Type element) override { return stage.shared(shape, element); }
  void barrier() override;

private:
  GpuStage &stage;
};

/// The threads of a block of one dimension, which are whole warps.
class BlockTeam : public RowTeam {
public:
  explicit BlockTeam(GpuStage &stage);
  Value across(Value scalar, Combine combine) override;
  Value acrossNeighbours(Value scalar, int64_t count, Combine combine) override { return stage.acrossLanes(scalar, count, combine); }
  Value scratch(llvm::ArrayRef<int64_t> shape, mlir::Type element) override;
  void barrier() override { stage.barrier(); }
  /// Whether the threads had to work together on the statistics of a row.
  bool wasUsed() const { return isUsed; }

private:
  GpuStage &stage;
  WarpTeam warp;
  bool isUsed = false;
};

} // namespace tenon::codegen::nvptx
