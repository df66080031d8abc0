//===- Subject.cpp - what a sample runs ------------------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every sample starts from the same state, by mark and rewind. A mark may copy state when the next token is fed, which a user who decodes
// without marks never pays: single tokens follow one another from one mark, and the first of them is not timed.
//
//===----------------------------------------------------------------------===//

#include "Subject.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <vector>

using namespace tenon::benchmark;

tenon_status tenon::benchmark::failure(int code, const char *format, ...) {
  tenon_status status = {code, {}};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(status.msg, sizeof status.msg, format, arguments);
  va_end(arguments);
  return status;
}

namespace {

double seconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

/// Adds what `body` takes.
template <typename Body> tenon_status timed(Time &time, Body body) {
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  tenon_status status = body();
  time.wall += seconds(CLOCK_MONOTONIC) - wall;
  time.cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  return status;
}

/// Token ids spread over the vocabulary by a fixed recurrence: measurements do not depend on the text.
std::vector<int32_t> spreadTokens(int64_t count, int64_t vocabulary) {
  std::vector<int32_t> tokens(count);
  uint64_t state = 0x9e3779b97f4a7c15;
  for (int32_t &token : tokens) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    token = int32_t((state >> 33) % uint64_t(vocabulary));
  }
  return tokens;
}

/// Feeds tokens and asks for logits.
tenon_status feed(tenon_session *session, const std::vector<int32_t> &tokens) {
  if (tenon_status s = tenon_session_prefill(session, tokens.data(), tokens.size()); s.code)
    return s;
  const float *logits;
  int64_t count;
  return tenon_session_logits(session, &logits, &count);
}

/// A session that has read a number of tokens.
class Sequence : public Subject {
public:
  ~Sequence() override { tenon_session_destroy(session); }

  tenon_status open(tenon_module *module, const Options &options, const Workload &workload, int threads);
  tenon_status run(int repeats, Time &out) override;

private:
  tenon_status fromMark(int times, Time &out);
  tenon_status forkOnce(Time &out);

  tenon_session *session = nullptr;
  std::vector<int32_t> tokens;
  Workload::Kind kind = Workload::Kind::decode;
};

tenon_status Sequence::open(tenon_module *module, const Options &options, const Workload &workload, int threads) {
  kind = workload.kind;
  int64_t before = options.contextOf(workload);
  tenon_module_info info;
  if (tenon_status s = tenon_module_get_info(module, &info); s.code)
    return s;
  if (info.vocabulary <= 0)
    return failure(TENON_UNSUPPORTED, "expects a language model, but the artifact has no generate record");
  if (before + workload.tokens > info.context)
    return failure(TENON_RESOURCE, "%s after %lld tokens needs %lld positions, but the artifact's context is %lld",
                   workload.name().c_str(), (long long)before, (long long)(before + workload.tokens), (long long)info.context);
  tenon_context_options team = {};
  team.threads = threads;
  if (tenon_status s = tenon_context_create(module, &team, &context); s.code)
    return s;
  tenon_session_options sessionOptions = {0, options.chunk};
  if (tenon_status s = tenon_session_create(context, &sessionOptions, &session); s.code)
    return s;
  tokens = spreadTokens(workload.tokens, info.vocabulary);
  std::vector<int32_t> earlier = spreadTokens(before, info.vocabulary);
  return earlier.empty() ? tenon_status{} : tenon_session_prefill(session, earlier.data(), earlier.size());
}

/// Feeds the tokens so many times from one mark; single tokens once more before that, untimed. Goes back.
tenon_status Sequence::fromMark(int times, Time &out) {
  tenon_mark mark;
  if (tenon_status s = tenon_session_mark(session, &mark); s.code)
    return s;
  if (kind == Workload::Kind::decode)
    if (tenon_status s = feed(session, tokens); s.code)
      return s;
  tenon_status status = timed(out, [&] {
    tenon_status fed = {};
    for (int i = 0; i < times && !fed.code; ++i)
      fed = feed(session, tokens);
    return fed;
  });
  if (status.code)
    return status;
  if (tenon_status s = tenon_session_rewind(session, mark); s.code)
    return s;
  return tenon_session_forget(session, mark);
}

/// Forks, or forks untimed and times the fork's first token.
tenon_status Sequence::forkOnce(Time &out) {
  tenon_session *fork = nullptr;
  Time making, feeding;
  tenon_status status = timed(making, [&] { return tenon_session_fork(session, &fork); });
  if (!status.code && kind == Workload::Kind::forked)
    status = timed(feeding, [&] { return feed(fork, tokens); });
  tenon_session_destroy(fork);
  const Time &wanted = kind == Workload::Kind::forked ? feeding : making;
  out.wall += wanted.wall;
  out.cpu += wanted.cpu;
  return status;
}

tenon_status Sequence::run(int repeats, Time &out) {
  out = {};
  // Steps of one sample stay near the context that was asked for, and inside the model's.
  constexpr int mostSteps = 16;
  bool isFork = kind == Workload::Kind::fork || kind == Workload::Kind::forked;
  int stride = kind == Workload::Kind::decode ? mostSteps : 1;
  for (int done = 0; done < repeats; done += stride)
    if (tenon_status s = isFork ? forkOnce(out) : fromMark(std::min(stride, repeats - done), out); s.code)
      return s;
  return {};
}

/// Calls of one entry, whose symbolic dimensions are the workload's tokens.
class EntryCalls : public Subject {
public:
  ~EntryCalls() override {
    for (std::vector<DLManagedTensorVersioned *> *list : {&inputs, &outputs})
      for (DLManagedTensorVersioned *tensor : *list)
        if (tensor)
          tensor->deleter(tensor);
  }

  tenon_status open(tenon_module *module, const Options &options, const Workload &workload, int threads);
  tenon_status run(int repeats, Time &out) override;

private:
  int entry = -1;
  std::vector<DLManagedTensorVersioned *> inputs, outputs;
};

/// A tensor of an entry's input with floats spread evenly over a range.
tenon_status makeInput(const tenon_tensor_info &info, int64_t tokens, Range range, DLManagedTensorVersioned *&out) {
  if (info.dtype.code != kDLFloat || info.dtype.bits != 32)
    return failure(TENON_UNSUPPORTED, "input %s: expects f32, but got another type", info.name);
  std::vector<int64_t> shape(info.dims, info.dims + info.ndim);
  int64_t count = 1;
  for (int64_t &size : shape)
    count *= size = size < 0 ? tokens : size;
  if (tenon_status s = tenon_tensor_create(info.dtype, info.ndim, shape.data(), &out); s.code)
    return s;
  auto data = static_cast<float *>(out->dl_tensor.data);
  uint32_t state = 12345;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    data[i] = float(range.low + (range.high - range.low) * double(state >> 8) / double(1 << 24));
  }
  return {};
}

tenon_status EntryCalls::open(tenon_module *module, const Options &options, const Workload &workload, int threads) {
  if (tenon_status s = tenon_module_find_entry(module, workload.entry.c_str(), &entry); s.code)
    return s;
  tenon_entry_info info;
  if (tenon_status s = tenon_module_entry_info(module, entry, &info); s.code)
    return s;
  tenon_context_options team = {};
  team.threads = threads;
  if (tenon_status s = tenon_context_create(module, &team, &context); s.code)
    return s;
  inputs.resize(info.input_count);
  outputs.resize(info.output_count);
  for (int i = 0; i < info.input_count; ++i) {
    tenon_tensor_info input;
    if (tenon_status s = tenon_module_entry_input(module, entry, i, &input); s.code)
      return s;
    auto range = options.ranges.find(input.name);
    if (tenon_status s = makeInput(input, workload.tokens, range == options.ranges.end() ? Range{-1, 0} : range->second, inputs[i]);
        s.code)
      return s;
  }
  Time first; // makes the outputs and the arena
  return run(1, first);
}

tenon_status EntryCalls::run(int repeats, Time &out) {
  out = {};
  return timed(out, [&] {
    tenon_status status = {};
    for (int i = 0; i < repeats && !status.code; ++i)
      status = tenon_call(context, entry, inputs.data(), int(inputs.size()), outputs.data(), int(outputs.size()));
    return status;
  });
}

template <typename T>
tenon_status openAs(tenon_module *module, const Options &options, const Workload &workload, int threads, std::unique_ptr<Subject> &out) {
  auto subject = std::make_unique<T>();
  tenon_status status = subject->open(module, options, workload, threads);
  out = std::move(subject);
  return status;
}

} // namespace

tenon_status tenon::benchmark::openSubject(tenon_module *module, const Options &options, const Workload &workload, int threads,
                                           std::unique_ptr<Subject> &out) {
  return workload.kind == Workload::Kind::call ? openAs<EntryCalls>(module, options, workload, threads, out)
                                               : openAs<Sequence>(module, options, workload, threads, out);
}
