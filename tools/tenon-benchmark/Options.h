//===- Options.h - what tenon-benchmark is asked for -----------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_OPTIONS_H
#define TENON_TOOLS_BENCHMARK_OPTIONS_H

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::benchmark {

/// What one line of the report measures: `tokens` tokens in one call after `context` earlier ones.
struct Workload {
  enum class Kind { decode, prefill, verify };
  Kind kind = Kind::decode;
  int64_t tokens = 1;

  /// "decode", "prefill:512" or "verify:8".
  std::string name() const;
};

struct Options {
  std::string artifact;
  std::vector<Workload> workloads;
  /// Tokens in the state before a decode or verify step.
  int64_t context = 128;
  /// Team sizes, each measured on its own.
  std::vector<int> threads;
  /// Pairs of roof and subject samples per line.
  int pairs = 9;
  bool json = false;
  /// Also what each kernel takes.
  bool kernels = false;
};

/// Parses the command line. Returns -1 to go on, else the exit code, having printed help or what is
/// wrong.
int parseOptions(int argc, char **argv, Options &options);

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_OPTIONS_H
