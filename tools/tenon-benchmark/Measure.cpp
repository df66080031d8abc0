//===- Measure.cpp - paired samples of a model and of the machine ----------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sample of the roof, then one of the model, then one of the roof again: the model's share is taken
// against the mean of its two neighbours, and a sample in which the process did not get its processors
// (CPU time under 98 % of wall time) is thrown away. Every sample starts from the same state, by mark
// and rewind.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

using namespace tenon::benchmark;

namespace {

double seconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

tenon_status failure(int code, const char *message) {
  tenon_status status = {code, {}};
  std::snprintf(status.msg, sizeof status.msg, "%s", message);
  return status;
}

} // namespace

std::vector<int32_t> tenon::benchmark::spreadTokens(int64_t count, int64_t vocabulary) {
  std::vector<int32_t> tokens(count);
  uint64_t state = 0x9e3779b97f4a7c15;
  for (int32_t &token : tokens) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    token = int32_t((state >> 33) % uint64_t(vocabulary));
  }
  return tokens;
}

Session::~Session() {
  tenon_session_destroy(session);
  tenon_context_destroy(context);
}

tenon_status Session::runOnce(const std::vector<int32_t> &tokens, double &wall, double &cpu) {
  tenon_mark mark;
  if (tenon_status s = tenon_session_mark(session, &mark); s.code)
    return s;
  double wallBegin = seconds(CLOCK_MONOTONIC), cpuBegin = seconds(CLOCK_PROCESS_CPUTIME_ID);
  if (tenon_status s = tenon_session_prefill(session, tokens.data(), tokens.size()); s.code)
    return s;
  const float *logits;
  int64_t count;
  if (tenon_status s = tenon_session_logits(session, &logits, &count); s.code)
    return s;
  wall = seconds(CLOCK_MONOTONIC) - wallBegin;
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpuBegin;
  if (tenon_status s = tenon_session_rewind(session, mark); s.code)
    return s;
  return tenon_session_forget(session, mark);
}

/// `repeats` runs; their times together.
static tenon_status runRepeatedly(Session &session, const std::vector<int32_t> &tokens, int repeats, double &wall, double &cpu) {
  wall = cpu = 0;
  for (int i = 0; i < repeats; ++i) {
    double oneWall, oneCpu;
    if (tenon_status s = session.runOnce(tokens, oneWall, oneCpu); s.code)
      return s;
    wall += oneWall;
    cpu += oneCpu;
  }
  return {};
}

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

Roof tenon::benchmark::roofOf(const Model &model, const Workload &workload) {
  if (workload.kind != Workload::Kind::prefill || workload.tokens < 32)
    return Roof::dramRead;
  return model.quantised && RoofMeter::supports(Roof::int8Dot) ? Roof::int8Dot : Roof::f32Fma;
}

/// A language model whose context is long enough, or a status that says what is not.
static tenon_status checkWorkload(tenon_module *module, const Workload &workload, int64_t context, tenon_module_info &info) {
  if (tenon_status s = tenon_module_get_info(module, &info); s.code)
    return s;
  if (info.vocabulary <= 0)
    return failure(TENON_UNSUPPORTED, "expects a language model, but the artifact has no generate record");
  if (context + workload.tokens <= info.context)
    return {};
  tenon_status status = {TENON_RESOURCE, {}};
  std::snprintf(status.msg, sizeof status.msg, "%s after %lld tokens needs %lld positions, but the artifact's context is %lld",
                workload.name().c_str(), (long long)context, (long long)(context + workload.tokens), (long long)info.context);
  return status;
}

tenon_status Session::open(tenon_module *module, const Options &options, const Workload &workload, int threads) {
  int64_t before = workload.kind == Workload::Kind::prefill ? 0 : options.context;
  tenon_module_info info;
  if (tenon_status s = checkWorkload(module, workload, before, info); s.code)
    return s;
  vocabulary = info.vocabulary;
  tenon_context_options team = {threads, TENON_DEVICE_CPU};
  if (tenon_status s = tenon_context_create(module, &team, &context); s.code)
    return s;
  if (tenon_status s = tenon_session_create(context, nullptr, &session); s.code)
    return s;
  std::vector<int32_t> tokens = spreadTokens(before, vocabulary);
  return tokens.empty() ? tenon_status{} : tenon_session_prefill(session, tokens.data(), tokens.size());
}

/// Samples the workload and its roof in turns; a sample during which the threads did not have their processors is discarded.
static tenon_status sampleBesideRoof(Session &session, const std::vector<int32_t> &tokens, const Work &work, int pairs, Line &out) {
  // A sample lasts at least 50 ms, so that its ends and the clock do not matter.
  double wall, cpu;
  if (tenon_status s = runRepeatedly(session, tokens, 2, wall, cpu); s.code)
    return s;
  int repeats = std::max(1, int(0.05 / (wall / 2)));
  double amount = (out.roof == Roof::dramRead ? work.weightBytes : work.operations) * repeats;

  RoofMeter meter(out.threads);
  std::vector<double> speed, roofRate, share;
  meter.sample(out.roof); // the first one warms up
  double roofBefore = meter.sample(out.roof);
  for (int tries = 0; out.kept < pairs && tries < 4 * pairs; ++tries) {
    if (tenon_status s = runRepeatedly(session, tokens, repeats, wall, cpu); s.code)
      return s;
    double after = meter.sample(out.roof);
    double roof = (roofBefore + after) / 2;
    roofBefore = after;
    if (cpu < 0.98 * wall * out.threads && tries < 3 * pairs) {
      ++out.discarded;
      continue;
    }
    ++out.kept;
    speed.push_back(double(tokens.size()) * repeats / wall);
    roofRate.push_back(roof);
    share.push_back(roof > 0 ? amount / wall / roof : 0);
  }
  out.tokensPerSecond = Spread::of(speed);
  out.roofRate = Spread::of(roofRate);
  out.share = Spread::of(share);
  return {};
}

tenon_status tenon::benchmark::measure(tenon_module *module, const Model &model, const Options &options, const Workload &workload,
                                       int threads, Line &out) {
  out.workload = workload;
  out.context = workload.kind == Workload::Kind::prefill ? 0 : options.context;
  Session session;
  if (tenon_status s = session.open(module, options, workload, threads); s.code)
    return s;
  out.threads = tenon_context_threads(session.context);
  out.roof = roofOf(model, workload);
  return sampleBesideRoof(session, spreadTokens(workload.tokens, session.vocabulary), model.work(workload.tokens), options.pairs, out);
}
