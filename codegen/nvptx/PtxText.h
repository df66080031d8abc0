//===- PtxText.h - the LLVM dialect to PTX text ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/Support/Error.h"
#include "tenon/codegen/target/Target.h"
#include <functional>

namespace tenon::codegen::nvptx {

/// PTX of a device module in the LLVM dialect, optimised, in the lowest PTX version that the kernels need. Instructions that the target
/// does not have are an error. `inspect`, if given, sees the optimised LLVM IR. Nothing of a CUDA toolkit is needed.
llvm::Expected<std::string> ptxText(mlir::gpu::GPUModuleOp device, const Target &target,
                                    const std::function<llvm::Error(llvm::Module &)> &inspect = nullptr);

/// The tool that makes machine code of PTX, in PATH or in /usr/local/cuda/bin; empty when there is none.
std::string findPtxas();

} // namespace tenon::codegen::nvptx
