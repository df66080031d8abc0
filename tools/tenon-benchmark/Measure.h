//===- Measure.h - paired samples of a model and of the machine ------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_MEASURE_H
#define TENON_TOOLS_BENCHMARK_MEASURE_H

#include "Options.h"
#include "Subject.h"

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
  Spread seconds; ///< of one call
  /// The roof that bounds this workload, and the share of it reached in the same pair.
  Roof roof = Roof::dramRead;
  Spread roofRate;
  Spread share;
  /// Samples during which the threads did not have their processors: those thrown away, and those kept for want of better ones.
  int kept = 0, discarded = 0, disturbed = 0;
};

/// A kernel of the step's entry, as the artifact's manifest lists it.
struct Launch {
  std::string kernel, path;
  int64_t barriers = 0; ///< before it
  double weightBytes = 0;
  double operationsPerRow = 0;
  int64_t rows = -1; ///< -1: the call's tokens
};

/// What the artifact says of a step.
struct Model {
  /// Reads the artifact's manifest.
  static tenon_status read(const tenon_module *module, Model &out);

  /// What one call of so many tokens moves and computes.
  Work work(int64_t tokens) const;

  double stepBytes = 0; ///< of weights that a call with one token reads, each once
  std::vector<Launch> launches;
  bool quantised = false, halves = false; ///< whether there are weights of blocks, of 16-bit floats
};

/// The roof that bounds a workload, unless the options name one: few tokens stream the weights, many compute by the machine's fastest
/// instruction of the kind.
Roof roofOf(const Model &model, const Options &options, const Workload &workload);

/// One sample of every roof that this machine has.
struct RoofRates {
  int threads = 0;
  const char *when = ""; ///< "before" or "after" the lines of these threads
  std::vector<std::pair<Roof, double>> rates;
  static RoofRates sample(int threads, const char *when);
};

/// Measures one workload on a team of `threads` (0: the runtime's choice).
tenon_status measure(tenon_module *module, const Model &model, const Options &options,
                     const Workload &workload, int threads, Line &out);

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_MEASURE_H
