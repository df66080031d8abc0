//===- Measure.h - paired samples of a model and of the machine ------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_MEASURE_H
#define TENON_TOOLS_BENCHMARK_MEASURE_H

#include "Options.h"
#include "Roof.h"
#include "tenon/runtime/tenon.h"

#include <string>
#include <vector>

namespace tenon::benchmark {

/// What a workload moves and computes, by the artifact's own tables.
struct Work {
  /// Bytes of packed weights that one call reads: all of them but embedding rows that are not read.
  double weightBytes = 0;
  /// Multiplications and additions of the matrix products in one call.
  double operations = 0;
};

/// Median, least and largest of a set of samples.
struct Spread {
  double median = 0, min = 0, max = 0;
  static Spread of(std::vector<double> samples);
};

/// One line of the report.
struct Line {
  Workload workload;
  int threads = 0;
  int64_t context = 0;
  Spread tokensPerSecond;
  /// The roof that bounds this workload, and the share of it reached in the same pair.
  Roof roof = Roof::dramRead;
  Spread roofRate;
  Spread share;
  int kept = 0, discarded = 0;
};

/// What the artifact says of its weights.
struct Model {
  /// Reads the weight table in the artifact's manifest.
  static tenon_status read(const tenon_module *module, Model &out);

  Work work(int64_t tokens, int64_t logitRows) const;

  double matrixBytes = 0, matrixParameters = 0;
  double headBytes = 0, headParameters = 0;
  bool quantised = false;
};

/// Measures one workload on a team of `threads` (0: the runtime's choice).
tenon_status measure(tenon_module *module, const Model &model, const Options &options,
                     const Workload &workload, int threads, Line &out);

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_MEASURE_H
