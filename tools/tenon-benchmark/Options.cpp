//===- Options.cpp - the command line of tenon-benchmark -------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Options.h"

#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>

using namespace tenon::benchmark;

namespace {

constexpr const char *help = R"(usage: tenon-benchmark FILE [options]

Measures a compiled model, each line beside the roof of the machine measured in the same seconds.

  --entry=LIST     comma separated (default: decode,prefill:512):
                   decode | prefill:N | verify:N    a token, a prompt, N tokens at once
                   fork | forked                    a fork of the session, a fork's first token
                   call:NAME:N                      any entry, its symbolic dimensions N
  --context=N      tokens already in the state before a decode or verify step (default: 128)
  --threads=LIST   team sizes, comma separated (default: the runtime's choice)
  --pairs=N        pairs of roof and model samples per line, at least 3 (default: 9)
  --chunk=N        most tokens that a session feeds at once (default: the runtime's choice)
  --roof=NAME      what lines are set against: dram read, f32 fma, bf16 dot, int8 dot, bf16 tile, int8 tile, exp2 (default: what
                   bounds the line, by the machine's best instruction; of calls f32 fma)
  --work=X         the roof's operations in one call, for the share
  --input=NAME=LOW:HIGH   where an input's numbers lie (default: -1:0)
  --turns          one sample for each line of standard input, so that another program can be measured in between; a line with
                   the seconds of a call, those of all processors, the roof's rate and the share of it
  --kernels        list the kernels of a call too: their time, bytes and share of the roof, layers together (--json: each)
  --json           print JSON instead of text
  --help           print this

Example:
  tenon-benchmark smollm2.tenon --entry=decode,prefill:128 --threads=1,2

Exit codes: 0 measured, 1 usage, 2 the artifact cannot run here, 4 out of memory or context.
)";

bool parseNumber(std::string_view text, int64_t min, int64_t max, int64_t &out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= min && out <= max;
}

template <typename Each> bool forEachItem(std::string_view list, Each each) {
  while (true) {
    size_t comma = list.find(',');
    if (!each(list.substr(0, comma)))
      return false;
    if (comma == std::string_view::npos)
      return true;
    list.remove_prefix(comma + 1);
  }
}

bool parseReal(std::string_view text, double &out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool parseWorkload(std::string_view text, Workload &out) {
  using Kind = Workload::Kind;
  for (auto [name, kind] : {std::pair("decode", Kind::decode), {"fork", Kind::fork}, {"forked", Kind::forked}})
    if (text == name) {
      out.kind = kind;
      return true;
    }
  size_t colon = text.find(':');
  std::string_view kind = text.substr(0, colon);
  if (kind == "call" && colon != std::string_view::npos) {
    size_t last = text.rfind(':');
    out.kind = Kind::call;
    if (last != colon)
      out.entry = text.substr(colon + 1, last - colon - 1);
    return !out.entry.empty() && parseNumber(text.substr(last + 1), 1, 1 << 20, out.tokens);
  }
  if (kind != "prefill" && kind != "verify")
    return false;
  out.kind = kind == "prefill" ? Kind::prefill : Kind::verify;
  out.tokens = kind == "prefill" ? 512 : 8;
  return colon == std::string_view::npos || parseNumber(text.substr(colon + 1), 1, 1 << 20, out.tokens);
}

bool parseRoof(std::string_view text, std::optional<Roof> &out) {
  for (Roof roof : allRoofs)
    if (text == roofName(roof))
      out = roof;
  return out.has_value();
}

/// "name=low:high".
bool parseRange(std::string_view text, std::map<std::string, Range> &out) {
  size_t equal = text.find('='), colon = text.rfind(':');
  if (equal == std::string_view::npos || colon == std::string_view::npos || colon < equal)
    return false;
  Range &range = out[std::string(text.substr(0, equal))];
  return parseReal(text.substr(equal + 1, colon - equal - 1), range.low) && parseReal(text.substr(colon + 1), range.high);
}

bool parseWorkloads(std::string_view text, Options &options) {
  return forEachItem(text, [&](std::string_view item) { return parseWorkload(item, options.workloads.emplace_back()); });
}

bool parseThreads(std::string_view text, Options &options) {
  return forEachItem(text, [&](std::string_view item) {
    int64_t number;
    if (!parseNumber(item, 1, 1024, number))
      return false;
    options.threads.push_back(int(number));
    return true;
  });
}

bool parsePairs(std::string_view text, Options &options) {
  int64_t number;
  if (!parseNumber(text, 3, 1000, number))
    return false;
  options.pairs = int(number);
  return true;
}

/// An option with a value: what it expects, and its reader.
struct ValueOption {
  std::string_view flag;
  const char *expectation;
  bool (*read)(std::string_view, Options &);
};

constexpr ValueOption valueOptions[] = {
    {"--entry=", "expects --entry=decode, prefill:N, verify:N, fork, forked or call:NAME:N", parseWorkloads},
    {"--context=", "expects --context to be a positive number of tokens",
     [](std::string_view text, Options &options) { return parseNumber(text, 1, INT32_MAX, options.context); }},
    {"--threads=", "expects --threads to be numbers from 1 to 1024", parseThreads},
    {"--pairs=", "expects --pairs to be a number from 3 to 1000", parsePairs},
    {"--chunk=", "expects --chunk to be a positive number of tokens",
     [](std::string_view text, Options &options) { return parseNumber(text, 1, 1 << 20, options.chunk); }},
    {"--roof=", "expects --roof to be dram read, f32 fma, bf16 dot, int8 dot, bf16 tile, int8 tile or exp2",
     [](std::string_view text, Options &options) { return parseRoof(text, options.roof); }},
    {"--work=", "expects --work to be a number",
     [](std::string_view text, Options &options) { return parseReal(text, options.work); }},
    {"--input=", "expects --input=NAME=LOW:HIGH",
     [](std::string_view text, Options &options) { return parseRange(text, options.ranges); }},
};

int usage(const char *what, std::string_view value) {
  std::fprintf(stderr, "tenon-benchmark: error: %s, but got '%.*s' (see --help)\n", what, int(value.size()), value.data());
  return 1;
}

/// Reads one argument; 1 when it is wrong.
int parseArgument(std::string_view argument, Options &options) {
  for (const ValueOption &option : valueOptions)
    if (argument.starts_with(option.flag)) {
      std::string_view value = argument.substr(option.flag.size());
      return !value.empty() && option.read(value, options) ? 0 : usage(option.expectation, value);
    }
  for (auto [flag, value] : {std::pair("--json", &options.json), {"--kernels", &options.kernels}, {"--turns", &options.turns}})
    if (argument == flag) {
      *value = true;
      return 0;
    }
  if (argument.starts_with("-"))
    return usage("expects an option of the list in --help", argument);
  if (!options.artifact.empty())
    return usage("expects one artifact", argument);
  options.artifact = argument;
  return 0;
}

} // namespace

std::string Workload::name() const {
  switch (kind) {
  case Kind::decode:
    return "decode";
  case Kind::prefill:
    return "prefill:" + std::to_string(tokens);
  case Kind::verify:
    return "verify:" + std::to_string(tokens);
  case Kind::fork:
    return "fork";
  case Kind::forked:
    return "forked";
  case Kind::call:
    return "call:" + entry + ":" + std::to_string(tokens);
  }
  return "";
}

int tenon::benchmark::parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      std::fputs(help, stdout);
      return 0;
    }
    if (parseArgument(argument, options))
      return 1;
  }
  if (options.artifact.empty()) {
    std::fputs("tenon-benchmark: error: expects an artifact, but got none (see --help)\n", stderr);
    return 1;
  }
  if (options.workloads.empty())
    options.workloads = {{Workload::Kind::decode, 1, ""}, {Workload::Kind::prefill, 512, ""}};
  if (options.threads.empty())
    options.threads = {0};
  if (options.turns && options.workloads.size() * options.threads.size() != 1)
    return usage("expects one --entry and one --threads to measure in --turns", std::to_string(options.workloads.size()));
  return -1;
}
