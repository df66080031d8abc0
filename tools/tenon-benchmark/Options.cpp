//===- Options.cpp - the command line of tenon-benchmark -------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Options.h"

#include <charconv>
#include <cstdio>
#include <string_view>

using namespace tenon::benchmark;

namespace {

constexpr const char *help = R"(usage: tenon-benchmark FILE [options]

Measures a compiled model, each line beside the roof of the machine measured in the same seconds.

  --entry=LIST     decode | prefill:N | verify:N, comma separated (default: decode,prefill:512)
  --context=N      tokens already in the state before a decode or verify step (default: 128)
  --threads=LIST   team sizes, comma separated (default: the runtime's choice)
  --pairs=N        pairs of roof and model samples per line, at least 3 (default: 9)
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

bool parseWorkload(std::string_view text, Workload &out) {
  if (text == "decode") {
    out = {Workload::Kind::decode, 1};
    return true;
  }
  size_t colon = text.find(':');
  std::string_view kind = text.substr(0, colon);
  if (kind != "prefill" && kind != "verify")
    return false;
  out.kind = kind == "prefill" ? Workload::Kind::prefill : Workload::Kind::verify;
  out.tokens = kind == "prefill" ? 512 : 8;
  return colon == std::string_view::npos || parseNumber(text.substr(colon + 1), 1, 1 << 20, out.tokens);
}

int usage(const char *what, std::string_view value) {
  std::fprintf(stderr, "tenon-benchmark: error: %s, but got '%.*s' (see --help)\n", what, int(value.size()),
               value.data());
  return 1;
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
  }
  return "";
}

int tenon::benchmark::parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    auto value = [&](std::string_view flag, std::string_view &out) {
      if (!argument.starts_with(flag) || argument.size() <= flag.size() || argument[flag.size()] != '=')
        return false;
      out = argument.substr(flag.size() + 1);
      return true;
    };
    std::string_view text;
    int64_t number = 0;
    if (argument == "--help" || argument == "-h") {
      std::fputs(help, stdout);
      return 0;
    }
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--kernels") {
      options.kernels = true;
    } else if (value("--entry", text)) {
      bool ok = forEachItem(text, [&](std::string_view item) {
        return parseWorkload(item, options.workloads.emplace_back());
      });
      if (!ok)
        return usage("expects --entry=decode, prefill:N or verify:N", text);
    } else if (value("--context", text)) {
      if (!parseNumber(text, 1, INT32_MAX, options.context))
        return usage("expects --context to be a positive number of tokens", text);
    } else if (value("--threads", text)) {
      bool ok = forEachItem(text, [&](std::string_view item) {
        if (!parseNumber(item, 1, 1024, number))
          return false;
        options.threads.push_back(int(number));
        return true;
      });
      if (!ok)
        return usage("expects --threads to be numbers from 1 to 1024", text);
    } else if (value("--pairs", text)) {
      if (!parseNumber(text, 3, 1000, number))
        return usage("expects --pairs to be a number from 3 to 1000", text);
      options.pairs = int(number);
    } else if (argument.starts_with("-")) {
      return usage("expects an option of the list in --help", argument);
    } else if (options.artifact.empty()) {
      options.artifact = argument;
    } else {
      return usage("expects one artifact", argument);
    }
  }
  if (options.artifact.empty()) {
    std::fputs("tenon-benchmark: error: expects an artifact, but got none (see --help)\n", stderr);
    return 1;
  }
  if (options.workloads.empty())
    options.workloads = {{Workload::Kind::decode, 1}, {Workload::Kind::prefill, 512}};
  if (options.threads.empty())
    options.threads = {0};
  return -1;
}
