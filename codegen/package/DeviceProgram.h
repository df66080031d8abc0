//===- DeviceProgram.h - a model's entries as lists of launches ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the descriptor of code for a GPU says besides what every descriptor does (runtime/abi.h): kernels with their stages, and for each
// entry the launches, block functions followed layer by layer.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_DEVICEPROGRAM_H
#define TENON_CODEGEN_PACKAGE_DEVICEPROGRAM_H

#include "tenon/codegen/package/Facts.h"
#include <array>

namespace tenon::codegen {

/// Where a parameter comes from; `kind` is a TENON_ABI_ARGUMENT_*.
struct ArgumentFact {
  int64_t kind = 0, index = 0, constant = 0, perToken = 0, perPosition = 0;
};

struct StageFact {
  std::string name;
  std::array<int64_t, 3> threads, grid, rows;
  int64_t sharedBytes;
};

struct KernelFact {
  std::string name;
  std::vector<StageFact> stages;
  ExtentFact workspace;
  std::vector<std::string> parameters;
};

struct DeviceLaunchFact {
  int64_t kernel;
  std::vector<ArgumentFact> arguments;
  std::string path;
};

struct DeviceProgram {
  std::vector<KernelFact> kernels;
  std::vector<std::vector<DeviceLaunchFact>> entries; ///< in the order of the facts' entries
  std::vector<char> data;
};

/// Reads the lists off a planned module whose kernels have been emitted for a GPU. Failures are reported at the operation concerned.
mlir::FailureOr<DeviceProgram> collectDeviceProgram(mlir::ModuleOp module, const ModuleFacts &facts);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_DEVICEPROGRAM_H
