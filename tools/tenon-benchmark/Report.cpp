//===- Report.cpp - lines as text or JSON ----------------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

using namespace tenon::benchmark;

namespace {

/// The unit of a roof's rate in 1e9 a second.
const char *unit(Roof roof) {
  switch (roof) {
  case Roof::dramRead:
    return "GB/s";
  case Roof::int8Dot:
  case Roof::int8Tile:
    return "GOPS";
  case Roof::f32Fma:
  case Roof::bf16Dot:
  case Roof::bf16Tile:
    return "GFLOPS";
  case Roof::exp2:
    return "G/s";
  }
  return "";
}

nlohmann::json toJson(const Spread &spread) {
  return {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}};
}

nlohmann::json intervalsOf(const KernelTable &table) {
  nlohmann::json out = nlohmann::json::array();
  for (const KernelLine &line : table.lines) {
    nlohmann::json kernels = nlohmann::json::array();
    for (const Launch *launch : line.launches)
      kernels.push_back({{"kernel", launch->kernel}, {"path", launch->path}});
    out.push_back({{"seconds", line.seconds},
                   {"weight_bytes", line.work.weightBytes},
                   {"operations", line.work.operations},
                   {"share_of_step", line.seconds / table.wholeSeconds},
                   {"share_of_roof", std::max(0.0, shareOf(table, line))},
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
    std::printf("  %5.1f %% (%.1f to %.1f) of %s by %s (%.1f %s)", 100 * line.share.median, 100 * line.share.min, 100 * line.share.max,
                roofName(line.roof), roofInstruction(line.roof), line.roofRate.median / 1e9, unit(line.roof));
  if (line.discarded)
    std::printf("  [%d of %d samples discarded, %d kept disturbed]", line.discarded, line.discarded + line.kept, line.disturbed);
  std::printf("\n");
  std::fflush(stdout);
}

void tenon::benchmark::printText(const RoofRates &roofs) {
  std::printf("roofs %s, threads %d:", roofs.when, roofs.threads);
  const char *separator = " ";
  for (auto [roof, rate] : roofs.rates) {
    std::printf("%s%s %.1f %s (%s)", separator, roofName(roof), rate / 1e9, unit(roof), roofInstruction(roof));
    separator = ", ";
  }
  std::printf("\n");
  std::fflush(stdout);
}

void tenon::benchmark::printJson(const tenon_module_info &module, const std::vector<RoofRates> &roofs, const std::vector<Line> &lines,
                                 const std::vector<KernelTable> &tables) {
  nlohmann::json out = {{"model", module.name}, {"code", module.code}, {"target", module.target}};
  for (const RoofRates &sample : roofs)
    for (auto [roof, rate] : sample.rates)
      out["roofs"].push_back({{"roof", roofName(roof)},
                              {"instruction", roofInstruction(roof)},
                              {"rate", rate},
                              {"threads", sample.threads},
                              {"when", sample.when}});
  for (const Line &line : lines)
    out["lines"].push_back({{"entry", line.workload.name()},
                            {"context", line.context},
                            {"threads", line.threads},
                            {"tokens_per_second", toJson(line.tokensPerSecond)},
                            {"seconds", toJson(line.seconds)},
                            {"roof", roofName(line.roof)},
                            {"instruction", roofInstruction(line.roof)},
                            {"roof_rate", toJson(line.roofRate)},
                            {"share_of_roof", toJson(line.share)},
                            {"samples", line.kept},
                            {"discarded", line.discarded},
                            {"disturbed", line.disturbed}});
  for (const KernelTable &table : tables)
    out["kernels"].push_back({{"entry", table.workload.name()},
                              {"context", table.context},
                              {"threads", table.threads},
                              {"seconds", table.wholeSeconds},
                              {"roof", roofName(table.roof)},
                              {"roof_rate", table.roofRate},
                              {"instruction", roofInstruction(table.roof)},
                              {"discarded", table.discarded},
                              {"accounted", table.accounted()},
                              {"intervals", intervalsOf(table)}});
  std::printf("%s\n", out.dump(2).c_str());
}
