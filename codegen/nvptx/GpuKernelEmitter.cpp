//===- GpuKernelEmitter.cpp - a tile.kernel as functions of a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/GpuKernelEmitter.h"
#include "tenon/codegen/nvptx/GpuKernelFrame.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static LogicalResult emitFamily(nvptx::GpuKernelFrame &frame) {
  switch (frame.kernel.getFamily()) {
  case tile::Family::contraction:
    return nvptx::emitContraction(frame);
  case tile::Family::grouped:
    return nvptx::emitGrouped(frame);
  case tile::Family::attention:
    return nvptx::emitAttention(frame);
  case tile::Family::rowwise:
    return nvptx::emitRowwise(frame);
  case tile::Family::scan:
    return nvptx::emitScan(frame);
  }
  llvm_unreachable("every family has an emitter");
}

LogicalResult nvptx::emitGpuKernel(gpu::GPUModuleOp device, tile::KernelOp kernel, const Target &target) {
  GpuKernelFrame frame(device, kernel, target);
  if (failed(emitFamily(frame))) {
    frame.erase();
    return failure();
  }
  kernel.setStagesAttr(frame.stages());
  return success();
}
