//===- Target.h - a machine as a value ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Schedules, emitters and lowerings ask a Target for facts and hard-code no machine. A target is a row of a table
// (Target.cpp) or what the compiling machine reports (HostTarget.cpp).
//
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace tenon::codegen {

/// What one core sustains. Ratios between them steer schedules; their absolute values only have to be of the right kind.
struct Rates {
  double floatGflops; ///< f32 fused multiply-adds, two operations each
  double int8Gops;    ///< u8 x s8 dot products, two operations a product
  double memoryGBs;   ///< sequential reads from memory, a core's share when all cores read
};

/// What a GPU is, by its data sheet: one card stands for all of its architecture.
struct GpuFacts {
  llvm::StringRef card;   ///< "A100 80 GB"
  int64_t processors = 0; ///< streaming multiprocessors
  int64_t clockMHz = 0;   ///< under load
  double memoryGBs = 0;
  double floatTflops = 0;       ///< f32 fused multiply-adds of all processors, two operations each
  double tensorTflops = 0;      ///< f16 or bf16 with f32 sums, dense
  double tensorInt8Tops = 0;    ///< s8 with s32 sums, dense
  int64_t sharedBytes = 0;      ///< that a block may have
  int64_t processorShared = 0;  ///< of a processor
  int64_t registers = 65536;    ///< of a processor, 32 bits each
  int64_t processorThreads = 0; ///< at most, of a processor
  int64_t l2Bytes = 0;
  int64_t minimumPtx = 70; ///< the first PTX version that knows the architecture, ten times it
};

/// One machine that code is compiled for.
struct Target {
  std::string name;   ///< as in `--target` and in the artifact, for example "x86-64-v4"
  std::string triple; ///< LLVM's, for example "x86_64-unknown-linux-gnu"
  std::string cpu;    ///< a CPU name of LLVM's whose features all machines of this target have
  /// Features in LLVM's spelling. Only these are enabled; the runtime checks every one of them before it runs the code.
  llvm::SmallVector<std::string, 24> features;
  int64_t vectorBytes = 32;
  int64_t vectorRegisters = 16;
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;
  Rates rates = {};
  /// Facts of a GPU; those of a CPU above then mean nothing but `vectorBytes`, what a thread reads at once.
  std::optional<GpuFacts> gpu;

  bool isGpu() const { return gpu.has_value(); }
  /// The number in "sm_90a"; of a GPU only.
  int64_t architecture() const;
  bool has(llvm::StringRef feature) const;
  /// Whether it multiplies matrices of bf16 in registers of 16 rows, beside vectors of 16 f32.
  bool hasMatrixRegisters() const { return has("amx-bf16") && has("avx512f"); }

  /// The features as LLVM's subtarget string: "+avx2,+fma,...".
  std::string featureString() const;

  /// n*: the number of rows a step may have before it stops being bound by reading weights of this size.
  double balancedRows(double bytesPerWeight) const;

  /// One of `tableNames()`, or "native" for the compiling machine.
  static std::optional<Target> find(llvm::StringRef name);
  static llvm::SmallVector<llvm::StringRef> tableNames();

  /// The machine this runs on, restricted to features that the runtime can check.
  static Target host();
};

} // namespace tenon::codegen
