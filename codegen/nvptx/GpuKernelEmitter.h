//===- GpuKernelEmitter.h - a tile.kernel as functions of a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "tenon/codegen/target/Target.h"
#include "tenon/dialects/tile/Tile.h"

namespace tenon::codegen::nvptx {

/// Writes the stages of a kernel into `device` (GpuKernelFrame.h) and sets `stages` of the kernel. What cannot be emitted is reported at
/// the op that it is about, and leaves nothing behind.
mlir::LogicalResult emitGpuKernel(mlir::gpu::GPUModuleOp device, tile::KernelOp kernel, const Target &target);

} // namespace tenon::codegen::nvptx
