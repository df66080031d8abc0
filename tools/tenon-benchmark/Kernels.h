//===- Kernels.h - where the time of a call goes ---------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_KERNELS_H
#define TENON_TOOLS_BENCHMARK_KERNELS_H

#include "Measure.h"

namespace tenon::benchmark {

/// What runs between two barriers of an entry: one kernel, or several that do not wait for each other.
struct KernelLine {
  std::vector<const Launch *> launches;
  double seconds = 0; ///< median over the samples
  Work work;
};

/// The kernels of one call, in order.
struct KernelTable {
  Workload workload;
  int threads = 0;
  int64_t context = 0;
  double wholeSeconds = 0; ///< median time of the call as its caller sees it
  Roof roof = Roof::dramRead;
  double roofRate = 0;
  int discarded = 0; ///< calls during which the threads did not have their processors
  std::vector<KernelLine> lines;

  /// The share of the call that the kernels' times add up to.
  double accounted() const;
};

/// The share of the roof that a kernel reaches; less than nothing where it reads no weights or computes no products.
double shareOf(const KernelTable &table, const KernelLine &line);

/// Profiles a workload: `options.pairs` calls, each beside a sample of the roof.
tenon_status profile(tenon_module *module, const Model &model, const Options &options, const Workload &workload, int threads,
                     KernelTable &out);

/// Prints one line a kernel, layers that run the same kernel together.
void printText(const KernelTable &table);

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_KERNELS_H
