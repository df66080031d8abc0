//===- GpuTeam.cpp - a block or a warp that takes a row together ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/GpuTeam.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

WarpTeam::WarpTeam(GpuStage &stage) : stage(stage) {
  rank = stage.lane();
  size = warpThreads;
}

void WarpTeam::barrier() {
  NVVM::SyncWarpOp::create(stage.b.builder, stage.b.loc, stage.b.scalarInt(-1));
}

BlockTeam::BlockTeam(GpuStage &stage) : stage(stage), warp(stage) {
  rank = stage.thread();
  size = stage.shape.threads[0];
  part = &warp;
  partRank = stage.warp();
  parts = size / warpThreads;
}

Value BlockTeam::scratch(ArrayRef<int64_t> shape, Type element) {
  isUsed = true;
  return stage.shared(shape, element);
}

/// Within the warps, then every thread combines what the warps have, in their order.
Value BlockTeam::across(Value scalar, Combine combine) {
  isUsed = true;
  LoopBuilder &b = stage.b;
  Value ofWarp = warp.across(scalar, combine);
  if (parts == 1)
    return ofWarp;
  Value all = stage.shared({parts}, scalar.getType());
  // In a loop a thread may still be reading what the round before it left.
  if (b.builder.getInsertionBlock() != b.entryBlock())
    stage.barrier();
  b.when(b.same(warp.rank, 0), [&] { b.store(ofWarp, all, {partRank}); });
  stage.barrier();
  Value result = b.load(all, {b.index(0)});
  for (int64_t number = 1; number < parts; ++number)
    result = combine(result, b.load(all, {b.index(number)}));
  return result;
}
