//===- GpuPlan.h - the times to expect of a model on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernel by kernel: what codegen/schedule/GpuTime.h predicts for the kernels as they would be launched. No code is made.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_GPUPLAN_H
#define TENON_CODEGEN_PACKAGE_GPUPLAN_H

#include "tenon/codegen/package/Facts.h"
#include "tenon/codegen/schedule/GpuTime.h"
#include "llvm/Support/Error.h"

namespace tenon::codegen {

/// All launches of one kernel in a call.
struct GpuKernelPlan {
  std::string kernel;
  std::string path; ///< of its first launch
  int64_t launches = 0;
  KernelWork work; ///< of one launch
  GpuLaunchShape shape;
  bool onTensorCores = false;
  GpuTime time; ///< of one launch
};

/// One call of an entry.
struct GpuCallPlan {
  std::string entry;
  int64_t rows, positions;
  std::vector<GpuKernelPlan> kernels; ///< in the order of their first launches
  double seconds() const;
  double bytes() const;
};

struct GpuPlan {
  Target target;
  std::vector<GpuCallPlan> calls;
};

/// Plans a step of one token and a prompt, or a call of each entry where the model is no language model. `planned` is the text of a planned
/// module with the facts `facts`.
llvm::Expected<GpuPlan> planForGpu(llvm::StringRef planned, const ModuleFacts &facts, const Target &target);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_GPUPLAN_H
