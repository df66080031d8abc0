//===- Planted.cpp - finds bugs planted into correct kernels -------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// emu_planted [--speed] <folder>: every .ptx file is a correct kernel with lines that say how it is launched and how it can be broken:
//
//   //! launch <blocks> <threads> [<dynamic shared bytes>]
//   //! in <bytes> | out <bytes> | zero <bytes> | number <value>        its parameters, in order
//   //! bug <kind> | <title> | <text> | <other text>                     `text`, which is there once, is replaced; \n ends a line
//
// The correct kernel must give no report under several seeds, and the same output under all; a broken one must give one of its kind under
// one of them.
extern "C" {
#include "tenon/runtime/emu/machine.h"
}

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr uint64_t SEEDS[] = {0, 1, 2, 3, 4};
constexpr uint64_t LIMIT = 20'000'000; // thread instructions of a block

struct Parameter {
  std::string kind;
  int64_t value;
};

struct Bug {
  std::string kind, title, text, replacement;
};

struct Kernel {
  std::string name, text;
  emu_grid grid = {{1, 1, 1}, {32, 1, 1}, 0};
  std::vector<Parameter> parameters;
  std::vector<Bug> bugs;
};

struct Outcome {
  std::vector<std::string> kinds, lines;
  std::vector<uint8_t> output;
};

std::string trimmed(const std::string &text) {
  size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

Bug parseBug(const std::string &line) {
  std::string fields[4], rest = line;
  for (int i = 0; i < 4; ++i) {
    size_t bar = i < 3 ? rest.find(" | ") : std::string::npos;
    fields[i] = trimmed(rest.substr(0, bar));
    rest = bar == std::string::npos ? "" : rest.substr(bar + 3);
  }
  for (std::string &field : fields)
    for (size_t at; (at = field.find("\\n")) != std::string::npos;)
      field.replace(at, 2, "\n");
  return {fields[0], fields[1], fields[2], fields[3]};
}

Kernel load(const std::filesystem::path &path) {
  Kernel kernel;
  kernel.name = path.stem().string();
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("//! ", 0) != 0) {
      kernel.text += line + "\n";
      continue;
    }
    kernel.text += "\n"; // lines keep their numbers
    std::istringstream words(line.substr(4));
    std::string what;
    words >> what;
    if (what == "launch") {
      words >> kernel.grid.blocks[0] >> kernel.grid.threads[0] >> kernel.grid.dynamic_shared;
    } else if (what == "bug") {
      kernel.bugs.push_back(parseBug(line.substr(8)));
    } else {
      Parameter parameter = {what, 0};
      words >> parameter.value;
      kernel.parameters.push_back(parameter);
    }
  }
  return kernel;
}

/// Small numbers, exact in f32 in any order of sums, so that the output does not depend on the order of warps.
void fill(std::vector<uint8_t> &data) {
  for (size_t i = 0; i + 4 <= data.size(); i += 4) {
    float value = float(int(i / 4 * 7 % 13) - 6);
    std::memcpy(&data[i], &value, 4);
  }
}

/// What was found, and the error if it is no finding.
void note(Outcome &outcome, const emu_findings &findings, const tenon_status &status) {
  for (int32_t i = 0; i < findings.count; ++i) {
    char line[1024];
    emu_finding_line(&findings.items[i], line, sizeof(line));
    outcome.kinds.push_back(emu_kind_name(findings.items[i].kind));
    outcome.lines.push_back(line);
  }
  if (status.code != TENON_OK && findings.count == 0) {
    outcome.kinds.push_back("error");
    outcome.lines.push_back(status.msg);
  }
}

Outcome run(const Kernel &kernel, const std::string &text, uint64_t seed, uint32_t checks = EMU_CHECK_ALL, emu_counts *counts = nullptr) {
  Outcome outcome;
  emu_module *module = nullptr;
  emu_machine *machine = nullptr;
  tenon_status status = emu_module_read(text.data(), text.size(), &module);
  if (status.code != TENON_OK) {
    outcome.kinds.push_back("unreadable");
    outcome.lines.push_back(status.msg);
    return outcome;
  }
  emu_machine_create(&machine);
  std::vector<std::vector<uint8_t>> buffers;
  std::vector<uint64_t> values;
  buffers.reserve(kernel.parameters.size());
  for (const Parameter &parameter : kernel.parameters) {
    if (parameter.kind == "number") {
      values.push_back(uint64_t(parameter.value));
      continue;
    }
    // A gap keeps what runs past the end away from the next buffer.
    buffers.emplace_back(size_t(parameter.value) + 512);
    auto *data = reinterpret_cast<uint8_t *>((reinterpret_cast<uintptr_t>(buffers.back().data()) + 255) / 256 * 256);
    std::vector<uint8_t> content(static_cast<size_t>(parameter.value));
    if (parameter.kind == "in")
      fill(content);
    std::memcpy(data, content.data(), content.size());
    emu_machine_add_buffer(machine, (parameter.kind + std::to_string(buffers.size())).c_str(), data, parameter.value);
    if (parameter.kind == "out")
      emu_machine_set_written(machine, data, parameter.value, false);
    values.push_back(reinterpret_cast<uintptr_t>(data));
  }
  emu_findings findings = {};
  emu_options options = {};
  options.checks = checks;
  options.seed = seed;
  options.limit = LIMIT;
  options.findings = &findings;
  const emu_function *entry = &module->functions[0];
  for (int32_t i = 0; i < module->function_count; ++i)
    entry = module->functions[i].is_entry ? &module->functions[i] : entry;
  status = emu_machine_launch(machine, module, entry, &kernel.grid, values.data(), int64_t(values.size() * 8), &options, counts, nullptr,
                              nullptr);
  note(outcome, findings, status);
  size_t next = 0;
  for (const Parameter &parameter : kernel.parameters)
    if (parameter.kind != "number") {
      const auto &buffer = buffers[next++];
      size_t skip = (256 - reinterpret_cast<uintptr_t>(buffer.data()) % 256) % 256;
      if (parameter.kind != "in")
        outcome.output.insert(outcome.output.end(), buffer.begin() + skip, buffer.begin() + skip + size_t(parameter.value));
    }
  emu_findings_free(&findings);
  emu_machine_destroy(machine);
  emu_module_destroy(module);
  return outcome;
}

/// The text with the bug in it; empty if it does not say one place.
std::string broken(const Kernel &kernel, const Bug &bug) {
  size_t at = kernel.text.find(bug.text);
  if (bug.text.empty() || at == std::string::npos || kernel.text.find(bug.text, at + 1) != std::string::npos)
    return "";
  std::string text = kernel.text;
  return text.replace(at, bug.text.size(), bug.replacement);
}

/// The report that tells of the bug, or nothing; `others` is what was found instead.
std::string findBug(const Kernel &kernel, const Bug &bug, std::string &others) {
  std::string text = broken(kernel, bug);
  if (text.empty()) {
    others = "its text is not there once";
    return "";
  }
  for (uint64_t seed : SEEDS) {
    Outcome outcome = run(kernel, text, seed);
    for (size_t i = 0; i < outcome.kinds.size(); ++i) {
      if (outcome.kinds[i] == bug.kind)
        return outcome.lines[i];
      others = outcome.lines[i];
    }
  }
  return "";
}

bool isQuiet(const Kernel &kernel) {
  bool quiet = true;
  std::vector<uint8_t> first;
  for (uint64_t seed : SEEDS) {
    Outcome outcome = run(kernel, kernel.text, seed);
    for (const std::string &line : outcome.lines)
      std::printf("  FALSE ALARM %s (seed %llu): %s\n", kernel.name.c_str(), static_cast<unsigned long long>(seed), line.c_str());
    quiet &= outcome.lines.empty();
    if (seed == SEEDS[0])
      first = outcome.output;
    else if (first != outcome.output) {
      std::printf("  DIFFERENT OUTPUT %s (seed %llu)\n", kernel.name.c_str(), static_cast<unsigned long long>(seed));
      quiet = false;
    }
  }
  return quiet;
}

/// Prints how many thread instructions a second the originals together take, with checks and without.
void printSpeed(const std::vector<Kernel> &kernels) {
  constexpr int RUNS = 200;
  for (uint32_t checks : {0u, uint32_t(EMU_CHECK_ALL)}) {
    emu_counts counts = {};
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < RUNS; ++i)
      for (const Kernel &kernel : kernels)
        run(kernel, kernel.text, 0, checks, &counts);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%s checks: %.1f M thread instructions/s (reading the text and making the launch included)\n",
                checks ? "with all" : "without", double(counts.instructions) / seconds / 1e6);
  }
}

} // namespace

int main(int argc, char **argv) {
  bool speed = argc == 3 && std::strcmp(argv[1], "--speed") == 0;
  if (argc != 2 && !speed) {
    std::fprintf(stderr, "usage: emu_planted [--speed] <folder>\n");
    return 2;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto &entry : std::filesystem::directory_iterator(argv[argc - 1]))
    if (entry.path().extension() == ".ptx")
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Kernel> kernels;
  for (const auto &path : paths)
    kernels.push_back(load(path));
  if (speed) {
    printSpeed(kernels);
    return 0;
  }
  int bugs = 0, found = 0, alarms = 0;
  for (const Kernel &kernel : kernels) {
    alarms += !isQuiet(kernel);
    for (const Bug &bug : kernel.bugs) {
      std::string others = "nothing", report = findBug(kernel, bug, others);
      ++bugs;
      found += !report.empty();
      std::printf("%-18s %-38s %-14s %s\n", kernel.name.c_str(), bug.title.c_str(), bug.kind.c_str(),
                  report.empty() ? ("MISSED: " + others).c_str() : report.substr(report.find("PTX line")).c_str());
    }
  }
  std::printf("planted bugs: %d of %d found, %d false alarms on %zu originals\n", found, bugs, alarms, paths.size());
  return bugs > 0 && found == bugs && alarms == 0 ? 0 : 1;
}
