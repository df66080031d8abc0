//===- Measure.cpp - paired samples of a model and of the machine ----------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sample of the roof, then one of the model, then one of the roof again: the model's share is taken
// against the mean of its two neighbours, and a sample in which the process did not get its processors
// (CPU time under 98 % of wall time) is thrown away.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

using namespace tenon::benchmark;

Spread Spread::of(std::vector<double> samples) {
  if (samples.empty())
    return {};
  std::sort(samples.begin(), samples.end());
  size_t n = samples.size();
  double median = n % 2 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
  return {median, samples.front(), samples.back()};
}

tenon_status Model::read(const tenon_module *module, Model &out) {
  const void *data;
  size_t size;
  if (tenon_status s = tenon_module_file(module, "manifest.json", &data, &size); s.code)
    return s;
  tenon_module_info info;
  if (tenon_status s = tenon_module_get_info(module, &info); s.code)
    return s;
  auto text = static_cast<const char *>(data);
  nlohmann::json manifest = nlohmann::json::parse(text, text + size, nullptr, false);
  if (manifest.is_discarded() || !manifest.contains("weights") || !manifest["weights"].is_array())
    return failure(TENON_UNSUPPORTED, "manifest.json: expects a list 'weights', but got none");

  for (const nlohmann::json &weight : manifest["weights"]) {
    std::string format = weight.value("format", std::string());
    out.quantised |= !format.starts_with("f") && !format.starts_with("bf");
    out.halves |= format.starts_with("f16") || format.starts_with("bf16");
  }
  out.stepBytes = manifest.value("step_bytes", 0.0);
  std::string step = manifest["generate"].is_object() ? manifest["generate"].value("step", std::string()) : "";
  for (const nlohmann::json &entry : manifest["entries"])
    for (const nlohmann::json &launch : entry.value("name", std::string()) == step ? entry["launches"] : nlohmann::json::array()) {
      Launch &read = out.launches.emplace_back();
      read.kernel = launch.value("kernel", std::string());
      read.path = launch.value("path", std::string());
      read.barriers = launch.value("barriers", int64_t(0));
      read.weightBytes = launch.value("step_bytes", 0.0);
      read.operationsPerRow = launch.value("operations_per_row", 0.0);
      if (launch.contains("rows") && launch["rows"].is_number())
        read.rows = launch["rows"].get<int64_t>();
    }
  return {};
}

Work Model::work(int64_t tokens) const {
  Work work = {stepBytes, 0};
  for (const Launch &launch : launches)
    work.operations += launch.operationsPerRow * double(launch.rows < 0 ? tokens : launch.rows);
  return work;
}

Roof tenon::benchmark::roofOf(const Model &model, const Options &options, const Workload &workload) {
  if (options.roof || workload.kind == Workload::Kind::call)
    return options.roof.value_or(Roof::f32Fma);
  if (workload.kind != Workload::Kind::prefill || workload.tokens < 32)
    return Roof::dramRead;
  std::vector<Roof> best = {Roof::f32Fma};
  if (model.quantised)
    best = {Roof::int8Tile, Roof::int8Dot, Roof::f32Fma};
  else if (model.halves)
    best = {Roof::bf16Tile, Roof::bf16Dot, Roof::f32Fma};
  return *std::find_if(best.begin(), best.end(), [](Roof roof) { return roof == Roof::f32Fma || RoofMeter::supports(roof); });
}

RoofRates RoofRates::sample(int threads, const char *when) {
  RoofRates out = {threads, when, {}};
  RoofMeter meter(threads);
  for (Roof roof : allRoofs)
    if (RoofMeter::supports(roof)) {
      meter.sample(roof); // warms up
      out.rates.emplace_back(roof, meter.sample(roof));
    }
  return out;
}

/// What one call does of the things that its roof counts.
static double amountOf(const Model &model, const Options &options, const Line &line) {
  if (line.workload.kind == Workload::Kind::call)
    return options.work;
  if (line.workload.kind == Workload::Kind::fork)
    return 0;
  Work work = model.work(line.workload.tokens);
  return line.roof == Roof::dramRead ? work.weightBytes : work.operations;
}

namespace {

/// Samples a workload and its roof in turns.
struct Sampler {
  Subject &subject;
  Line &line;
  double amount; ///< of one call
  RoofMeter meter = RoofMeter(line.threads);
  int repeats = 1;
  double roofBefore = 0;
  std::vector<double> speed = {}, seconds = {}, roofRate = {}, share = {};

  /// A sample lasts at least 50 ms, so that its ends and the clock do not matter.
  tenon_status prepare() {
    Time time;
    if (tenon_status s = subject.run(2, time); s.code)
      return s;
    repeats = int(std::clamp(0.05 / (time.wall / 2), 1.0, 1e4));
    meter.sample(line.roof); // the first one warms up
    roofBefore = meter.sample(line.roof);
    return {};
  }

  /// Takes samples until there are as many as pairs. One during which the threads did not have their processors is discarded, until
  /// three times as many were taken: on a busy machine some numbers are better than none.
  tenon_status samplePairs(int pairs) {
    for (int tries = 0; int(speed.size()) < pairs; ++tries) {
      Time time;
      if (tenon_status s = subject.run(repeats, time); s.code)
        return s;
      double after = meter.sample(line.roof), roof = (roofBefore + after) / 2;
      roofBefore = after;
      bool undisturbed = time.cpu >= 0.98 * time.wall * line.threads || line.workload.kind == Workload::Kind::fork;
      if (!undisturbed && tries < 3 * pairs) {
        ++line.discarded;
        continue;
      }
      line.disturbed += !undisturbed;
      speed.push_back(double(line.workload.tokens) * repeats / time.wall);
      seconds.push_back(time.wall / repeats);
      roofRate.push_back(roof);
      share.push_back(roof > 0 ? amount * repeats / time.wall / roof : 0);
    }
    return {};
  }

  /// One sample for each line of standard input, its numbers on one of standard output: seconds of a call on the wall and of all
  /// processors, the roof's rate beside it, and the share of the roof.
  tenon_status sampleTurns() {
    for (int c = std::getchar(); c != EOF; c = std::getchar()) {
      if (c != '\n')
        continue;
      roofBefore = meter.sample(line.roof);
      Time time;
      if (tenon_status s = subject.run(1, time); s.code) // wakes the threads
        return s;
      if (tenon_status s = subject.run(repeats, time); s.code)
        return s;
      double roof = (roofBefore + meter.sample(line.roof)) / 2;
      std::printf("%.9g %.9g %.9g %.9g\n", time.wall / repeats, time.cpu / repeats, roof,
                  roof > 0 ? amount * repeats / time.wall / roof : 0);
      std::fflush(stdout);
    }
    return {};
  }
};

} // namespace

tenon_status tenon::benchmark::measure(tenon_module *module, const Model &model, const Options &options, const Workload &workload,
                                       int threads, Line &out) {
  out.workload = workload;
  out.context = options.contextOf(workload);
  std::unique_ptr<Subject> subject;
  if (tenon_status s = openSubject(module, options, workload, threads, subject); s.code)
    return s;
  out.threads = tenon_context_threads(subject->context);
  out.roof = roofOf(model, options, workload);
  Sampler sampler = {*subject, out, amountOf(model, options, out)};
  if (tenon_status s = sampler.prepare(); s.code)
    return s;
  if (options.turns)
    return sampler.sampleTurns();
  if (tenon_status s = sampler.samplePairs(options.pairs); s.code)
    return s;
  out.kept = int(sampler.speed.size());
  out.tokensPerSecond = Spread::of(sampler.speed);
  out.seconds = Spread::of(sampler.seconds);
  out.roofRate = Spread::of(sampler.roofRate);
  out.share = Spread::of(sampler.share);
  return {};
}
