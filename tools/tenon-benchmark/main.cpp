//===- main.cpp - tenon-benchmark: how fast, and how near to the roof ------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Kernels.h"
#include "Report.h"

#include <cstdio>
#include <thread>

using namespace tenon::benchmark;

static int fail(const tenon_status &status) {
  std::fprintf(stderr, "tenon-benchmark: error: %s\n", status.msg);
  return status.code;
}

int main(int argc, char **argv) {
  Options options;
  if (int code = parseOptions(argc, argv, options); code >= 0)
    return code;

  tenon_module *module = nullptr;
  if (tenon_status s = tenon_module_open(options.artifact.c_str(), nullptr, &module); s.code)
    return fail(s);
  tenon_module_info info;
  Model model;
  tenon_status status = tenon_module_get_info(module, &info);
  if (!status.code)
    status = Model::read(module, model);

  std::vector<RoofRates> roofs;
  std::vector<Line> lines;
  std::vector<KernelTable> tables;
  if (!status.code && !options.json && !options.turns)
    std::printf("%s, code %s (%s), median of %d pairs\n", info.name, info.code, info.target, options.pairs);
  auto sampleRoofs = [&](int threads, const char *when) {
    if (options.turns || status.code)
      return;
    roofs.push_back(RoofRates::sample(threads ? threads : int(std::thread::hardware_concurrency()), when));
    if (!options.json)
      printText(roofs.back());
  };
  for (int threads : options.threads) {
    sampleRoofs(threads, "before");
    for (const Workload &workload : options.workloads) {
      if (status.code)
        break;
      Line &line = lines.emplace_back();
      status = measure(module, model, options, workload, threads, line);
      if (!status.code && !options.json && !options.turns)
        printText(line);
      if (status.code || !options.kernels)
        continue;
      KernelTable &table = tables.emplace_back();
      status = profile(module, model, options, workload, threads, table);
      if (!status.code && !options.json)
        printText(table);
    }
    sampleRoofs(threads, "after");
  }
  if (!status.code && options.json)
    printJson(info, roofs, lines, tables);
  tenon_module_close(module);
  return status.code ? fail(status) : 0;
}
