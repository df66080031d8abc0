//===- Options.h - what tenon-benchmark is asked for -----------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_OPTIONS_H
#define TENON_TOOLS_BENCHMARK_OPTIONS_H

#include "Roof.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenon::benchmark {

/// What one line of the report measures: `tokens` tokens in one call after `context` earlier ones, a fork of a session that has read as
/// many, the first token of such a fork, or a call of an entry whose symbolic dimensions are `tokens`.
struct Workload {
  enum class Kind { decode, prefill, verify, fork, forked, call };
  Kind kind = Kind::decode;
  int64_t tokens = 1;
  std::string entry; ///< of a call

  /// "decode", "prefill:512", "verify:8", "fork", "forked" or "call:scan:512".
  std::string name() const;
  /// Whether tokens a second say how fast it is.
  bool countsTokens() const { return kind != Kind::fork && kind != Kind::call; }
};

/// Where the numbers of an input lie.
struct Range {
  double low, high;
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
  /// Most tokens that a session feeds at once; 0: the runtime's choice.
  int64_t chunk = 0;
  /// What calls of entries are set against, the operations of that roof in one of them, and the ranges of their inputs.
  std::optional<Roof> roof;
  double work = 0;
  std::map<std::string, Range> ranges;
  /// Take one sample for each line of standard input.
  bool turns = false;
  bool json = false;
  /// Also what each kernel takes.
  bool kernels = false;

  /// Tokens that a workload finds in the state.
  int64_t contextOf(const Workload &workload) const {
    return workload.kind == Workload::Kind::prefill || workload.kind == Workload::Kind::call ? 0 : context;
  }
};

/// Parses the command line. Returns -1 to go on, else the exit code, having printed help or what is
/// wrong.
int parseOptions(int argc, char **argv, Options &options);

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_OPTIONS_H
