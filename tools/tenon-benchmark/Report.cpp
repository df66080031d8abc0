//===- Report.cpp - lines as text or JSON ----------------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Report.h"

#include <nlohmann/json.hpp>

#include <cstdio>

using namespace tenon::benchmark;

namespace {

/// The unit of a roof's rate in 1e9 a second.
const char *unit(Roof roof) {
  switch (roof) {
  case Roof::dramRead:
    return "GB/s";
  case Roof::int8Dot:
    return "GOPS";
  case Roof::f32Fma:
  case Roof::bf16Dot:
    return "GFLOPS";
  case Roof::exp2:
    return "G/s";
  }
  return "";
}

nlohmann::json toJson(const Spread &spread) {
  return {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}};
}

nlohmann::json toJson(const std::vector<KernelLine> &lines) {
  nlohmann::json out = nlohmann::json::array();
  for (const KernelLine &line : lines) {
    nlohmann::json kernels = nlohmann::json::array();
    for (const Launch *launch : line.launches)
      kernels.push_back({{"kernel", launch->kernel}, {"path", launch->path}});
    out.push_back({{"seconds", line.seconds},
                   {"weight_bytes", line.work.weightBytes},
                   {"operations", line.work.operations},
                   {"kernels", std::move(kernels)}});
  }
  return out;
}

} // namespace

void tenon::benchmark::printText(const Line &line) {
  std::printf("%-12s context %-5lld threads %d  ", line.workload.name().c_str(), (long long)line.context, line.threads);
  if (line.workload.countsTokens())
    std::printf("%8.1f tok/s (%.1f to %.1f)", line.tokensPerSecond.median, line.tokensPerSecond.min, line.tokensPerSecond.max);
  else
    std::printf("%8.4f ms (%.4f to %.4f)", 1e3 * line.seconds.median, 1e3 * line.seconds.min, 1e3 * line.seconds.max);
  if (line.share.median > 0)
    std::printf("  %5.1f %% of %s (%.1f %s)", 100 * line.share.median, roofName(line.roof), line.roofRate.median / 1e9, unit(line.roof));
  if (line.discarded)
    std::printf("  [%d of %d samples discarded]", line.discarded, line.discarded + line.kept);
  std::printf("\n");
  std::fflush(stdout);
}

void tenon::benchmark::printJson(const tenon_module_info &module, const std::vector<Line> &lines,
                                 const std::vector<KernelTable> &tables) {
  nlohmann::json out = {{"model", module.name}, {"code", module.code}, {"target", module.target}};
  for (const Line &line : lines)
    out["lines"].push_back({{"entry", line.workload.name()},
                            {"context", line.context},
                            {"threads", line.threads},
                            {"tokens_per_second", toJson(line.tokensPerSecond)},
                            {"seconds", toJson(line.seconds)},
                            {"roof", roofName(line.roof)},
                            {"roof_rate", toJson(line.roofRate)},
                            {"share_of_roof", toJson(line.share)},
                            {"samples", line.kept},
                            {"discarded", line.discarded}});
  for (const KernelTable &table : tables)
    out["kernels"].push_back({{"entry", table.workload.name()},
                              {"context", table.context},
                              {"threads", table.threads},
                              {"seconds", table.wholeSeconds},
                              {"roof", roofName(table.roof)},
                              {"roof_rate", table.roofRate},
                              {"intervals", toJson(table.lines)}});
  std::printf("%s\n", out.dump(2).c_str());
}
