//===- Subject.h - what a sample runs --------------------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_SUBJECT_H
#define TENON_TOOLS_BENCHMARK_SUBJECT_H

#include "Options.h"
#include "tenon/runtime/tenon.h"

#include <memory>

namespace tenon::benchmark {

/// Seconds on the wall and of all processors.
struct Time {
  double wall = 0, cpu = 0;
};

/// A workload that is ready to run, again and again from the same state. Ends the runtime's objects in order.
class Subject {
public:
  Subject() = default;
  Subject(const Subject &) = delete;
  virtual ~Subject() { tenon_context_destroy(context); }

  /// Runs it so many times; the time of all of them, without what prepares them.
  virtual tenon_status run(int repeats, Time &out) = 0;

  tenon_context *context = nullptr;
};

/// Makes a workload ready on a team of `threads` (0: the runtime's choice). A status says why it cannot be.
tenon_status openSubject(tenon_module *module, const Options &options, const Workload &workload, int threads,
                         std::unique_ptr<Subject> &out);

/// A status with a sentence.
tenon_status failure(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_SUBJECT_H
