//===- Kernels.cpp - where the time of a call goes -------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime notes when each barrier was passed; the manifest says which kernels stand between two of them.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>

using namespace tenon::benchmark;

/// Sorts the launches into the intervals between barriers.
static std::vector<KernelLine> intervals(const Model &model, int64_t tokens) {
  std::vector<KernelLine> lines;
  for (const Launch &launch : model.launches) {
    lines.resize(std::max<size_t>(lines.size(), launch.barriers + 1));
    KernelLine &line = lines[launch.barriers];
    line.launches.push_back(&launch);
    line.work.weightBytes += launch.weightBytes;
    line.work.operations += launch.operationsPerRow * double(launch.rows < 0 ? tokens : launch.rows);
  }
  return lines;
}

tenon_status tenon::benchmark::profile(tenon_module *module, const Model &model, const Options &options, const Workload &workload,
                                       int threads, KernelTable &out) {
  out.workload = workload;
  out.context = options.contextOf(workload);
  out.lines = intervals(model, workload.tokens);
  out.roof = roofOf(model, options, workload);
  std::unique_ptr<Subject> subject;
  if (tenon_status s = openSubject(module, options, workload, threads, subject); s.code)
    return s;
  out.threads = tenon_context_threads(subject->context);

  std::vector<int64_t> ends(out.lines.size());
  tenon_profile profile = {ends.data(), int64_t(ends.size()), 0};
  if (tenon_status s = tenon_context_set_profile(subject->context, &profile); s.code)
    return s;
  RoofMeter meter(out.threads);
  std::vector<std::vector<double>> samples(out.lines.size());
  std::vector<double> whole, roofRate;
  for (int i = 0; int(whole.size()) < options.pairs; ++i) {
    Time time;
    if (tenon_status s = subject->run(1, time); s.code)
      return s;
    if (profile.count != int64_t(ends.size()))
      return failure(TENON_INTERNAL, "expects %zu intervals between barriers, as the manifest lists them, but got %lld", ends.size(),
                     (long long)profile.count);
    double rate = meter.sample(out.roof);
    if (i == 0)
      continue; // warms up
    if (time.cpu < 0.98 * time.wall * out.threads && i <= 3 * options.pairs) {
      ++out.discarded;
      continue;
    }
    whole.push_back(time.wall);
    roofRate.push_back(rate);
    for (size_t at = 0; at < ends.size(); ++at)
      samples[at].push_back(double(ends[at] - (at ? ends[at - 1] : 0)) * 1e-9);
  }
  for (size_t at = 0; at < ends.size(); ++at)
    out.lines[at].seconds = Spread::of(samples[at]).median;
  out.wholeSeconds = Spread::of(whole).median;
  out.roofRate = Spread::of(roofRate).median;
  return {};
}

/// "blk.*.attn_q" of "blk.3.attn_q": the path with * for numbers.
static std::string anyLayer(const std::string &path) {
  std::string result;
  for (size_t at = 0; at < path.size();) {
    bool begins = at == 0 || path[at - 1] == '.' || path[at - 1] == ' ';
    size_t end = at;
    while (begins && end < path.size() && std::isdigit(static_cast<unsigned char>(path[end])))
      ++end;
    if (end > at && (end == path.size() || path[end] == '.')) {
      result += '*';
      at = end;
    } else {
      result += path[at++];
    }
  }
  return result;
}

static std::string pathsOf(const KernelLine &line) {
  std::string text;
  for (const Launch *launch : line.launches)
    text += (text.empty() ? "" : " + ") + anyLayer(launch->path);
  return text;
}

double KernelTable::accounted() const {
  double sum = 0;
  for (const KernelLine &line : lines)
    sum += line.seconds;
  return sum / wholeSeconds;
}

double tenon::benchmark::shareOf(const KernelTable &table, const KernelLine &line) {
  double amount = table.roof == Roof::dramRead ? line.work.weightBytes : line.work.operations;
  return amount > 0 && line.seconds > 0 ? amount / line.seconds / table.roofRate : -1;
}

void tenon::benchmark::printText(const KernelTable &table) {
  std::vector<std::string> order;
  std::map<std::string, std::pair<int, KernelLine>> groups;
  for (const KernelLine &line : table.lines) {
    std::string key = pathsOf(line);
    auto [found, isNew] = groups.try_emplace(key);
    if (isNew)
      order.push_back(key);
    auto &[count, total] = found->second;
    ++count;
    total.launches = line.launches;
    total.seconds += line.seconds;
    total.work.weightBytes += line.work.weightBytes;
    total.work.operations += line.work.operations;
  }
  std::printf("%s context %lld threads %d: %.1f us, kernels %.1f us (%.1f %%), roof %s by %s %.1f [%d calls discarded]\n",
              table.workload.name().c_str(), (long long)table.context, table.threads, 1e6 * table.wholeSeconds,
              1e6 * table.wholeSeconds * table.accounted(), 100 * table.accounted(), roofName(table.roof), roofInstruction(table.roof),
              table.roofRate / 1e9, table.discarded);
  std::printf("  %5s %10s %7s %10s %10s %7s  %s\n", "runs", "us", "share", "MB", "MFLOP", "roof", "what");
  for (const std::string &key : order) {
    const auto &[count, line] = groups.at(key);
    double share = shareOf(table, line);
    std::printf("  %5d %10.1f %6.1f%% %10.2f %10.1f ", count, 1e6 * line.seconds, 100 * line.seconds / table.wholeSeconds,
                line.work.weightBytes / 1e6, line.work.operations / 1e6);
    if (share >= 0)
      std::printf("%6.1f%%", 100 * share);
    else
      std::printf("%7s", "-");
    std::printf("  %s\n", key.c_str());
  }
}
