//===- Report.h - lines as text or JSON ------------------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_BENCHMARK_REPORT_H
#define TENON_TOOLS_BENCHMARK_REPORT_H

#include "Kernels.h"

namespace tenon::benchmark {

/// Prints a line as text: the rate, its spread, and the share of the roof of the same seconds.
void printText(const Line &line);

/// Prints what the machine can do, in one line.
void printText(const RoofRates &roofs);

/// Prints all lines as one JSON object.
void printJson(const tenon_module_info &module, const std::vector<RoofRates> &roofs, const std::vector<Line> &lines,
               const std::vector<KernelTable> &tables);

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_REPORT_H
