//===- GpuTime.h - how long a kernel should take on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A prediction from a data sheet and from what a kernel must do; nothing here was measured on a card. A run takes as long as the slowest
// of four things: moving its bytes, multiplying on tensor cores, issuing instructions of the vector units, and being launched at all.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/schedule/KernelWork.h"
#include "tenon/codegen/target/Target.h"

namespace tenon::codegen {

/// What a launch in a recorded graph costs (docs/gpu.md has the source).
constexpr double gpuLaunchSeconds = 1.3e-6;

/// One PTX entry of a run.
struct GpuLaunchShape {
  int64_t blocks = 1;
  int64_t threads = 128;   ///< of a block
  int64_t sharedBytes = 0; ///< of a block
  int64_t registers = 64;  ///< of a thread; what the emitters aim at, unless an assembler has said it
};

struct GpuTime {
  double seconds = 0;
  llvm::StringRef bound; ///< "bandwidth", "tensor", "issue" or "launch"
  double occupancy = 0;  ///< resident threads over those that a processor can hold, when all blocks wait
  double processors = 0; ///< share of the processors that have a block
  double memorySeconds = 0, tensorSeconds = 0, issueSeconds = 0;
};

/// Blocks of this shape that are resident on one processor; 0 if none fits.
int64_t residentBlocks(const GpuLaunchShape &shape, const GpuFacts &gpu);

/// The time of a run with that work and that shape. `onTensorCores` says whether its products of bytes and halfs are fragments.
GpuTime predictTime(const KernelWork &work, const GpuLaunchShape &shape, bool onTensorCores, const GpuFacts &gpu);

} // namespace tenon::codegen
