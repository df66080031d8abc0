//===- GroupedEmitter.cpp - grouped kernels on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/GpuKernelFrame.h"

using namespace mlir;
using namespace tenon::codegen;

LogicalResult nvptx::emitGrouped(GpuKernelFrame &frame) {
  return frame.kernel.emitError("kernel for a GPU: linears that rows choose from (mixtures of experts) are not supported yet");
}
