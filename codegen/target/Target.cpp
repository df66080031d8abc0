//===- Target.cpp - the table of targets ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/target/Target.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon::codegen;

namespace {
/// A row: facts that hold for every machine of the target. Code for "x86-64-v4" asks for avx512vnni beyond the psABI level of that name:
/// every kernel of quantised weights stands on it, and a machine with AVX-512 but without VNNI runs the v3 code instead. No kernel needs
/// avx512bf16, so it is not asked for.
struct Row {
  llvm::StringRef name;
  llvm::StringRef cpu;
  llvm::ArrayRef<llvm::StringRef> features;
  int64_t vectorBytes, vectorRegisters, l1Bytes, l2Bytes;
  Rates rates;
};
} // namespace

static constexpr llvm::StringRef v3Features[] = {"sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cx16", "movbe",
                                                 "avx",  "f16c",  "fma",    "avx2",   "bmi",    "bmi2", "lzcnt"};
static constexpr llvm::StringRef v4Features[] = {"sse3",    "ssse3",    "sse4.1",   "sse4.2",   "popcnt",   "cx16",      "movbe",
                                                 "avx",     "f16c",     "fma",      "avx2",     "bmi",      "bmi2",      "lzcnt",
                                                 "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512vnni"};

static constexpr Row rows[] = {
    {"x86-64-v3", "x86-64-v3", v3Features, 32, 16, 32 << 10, 512 << 10, {110, 220, 20}},
    {"x86-64-v4", "x86-64-v4", v4Features, 64, 32, 32 << 10, 1 << 20, {220, 880, 20}},
};

/// Data sheets, dense rates without sparsity; a class of cards has one that stands for it.
struct GpuRow {
  llvm::StringRef name;
  GpuFacts facts;
};

static constexpr GpuRow gpuRows[] = {
    {"sm_80",
     {.card = "A100 80 GB", .processors = 108, .clockMHz = 1410, .memoryGBs = 2039, .floatTflops = 19.5, .tensorTflops = 312,
      .tensorInt8Tops = 624, .sharedBytes = 163 << 10, .processorShared = 164 << 10, .processorThreads = 2048, .l2Bytes = 40 << 20,
      .minimumPtx = 70}},
    {"sm_86",
     {.card = "RTX 3090", .processors = 82, .clockMHz = 1695, .memoryGBs = 936, .floatTflops = 35.6, .tensorTflops = 71,
      .tensorInt8Tops = 284, .sharedBytes = 99 << 10, .processorShared = 100 << 10, .processorThreads = 1536, .l2Bytes = 6 << 20,
      .minimumPtx = 71}},
    {"sm_89",
     {.card = "RTX 4090", .processors = 128, .clockMHz = 2520, .memoryGBs = 1008, .floatTflops = 82.6, .tensorTflops = 165.2,
      .tensorInt8Tops = 660.6, .sharedBytes = 99 << 10, .processorShared = 100 << 10, .processorThreads = 1536, .l2Bytes = 72 << 20,
      .minimumPtx = 78}},
    {"sm_90a",
     {.card = "H100 SXM", .processors = 132, .clockMHz = 1830, .memoryGBs = 3352, .floatTflops = 66.9, .tensorTflops = 989.4,
      .tensorInt8Tops = 1978.9, .sharedBytes = 227 << 10, .processorShared = 228 << 10, .processorThreads = 2048, .l2Bytes = 50 << 20,
      .minimumPtx = 80}},
    {"sm_100a",
     {.card = "B200", .processors = 148, .clockMHz = 1965, .memoryGBs = 8000, .floatTflops = 74.4, .tensorTflops = 2250,
      .tensorInt8Tops = 4500, .sharedBytes = 227 << 10, .processorShared = 228 << 10, .processorThreads = 2048, .l2Bytes = 126 << 20,
      .minimumPtx = 86}},
    {"sm_120a",
     {.card = "RTX 5090", .processors = 170, .clockMHz = 2407, .memoryGBs = 1792, .floatTflops = 104.8, .tensorTflops = 209.5,
      .tensorInt8Tops = 838, .sharedBytes = 99 << 10, .processorShared = 100 << 10, .processorThreads = 1536, .l2Bytes = 96 << 20,
      .minimumPtx = 87}},
};

static std::optional<Target> findGpu(llvm::StringRef name) {
  const GpuRow *row = llvm::find_if(gpuRows, [&](const GpuRow &candidate) { return candidate.name == name; });
  if (row == std::end(gpuRows))
    return std::nullopt;
  Target target;
  target.name = target.cpu = name.str();
  target.triple = "nvptx64-nvidia-cuda";
  target.vectorBytes = 16;
  target.l1Bytes = row->facts.processorShared;
  target.l2Bytes = row->facts.l2Bytes;
  // A processor stands for a core.
  double share = 1.0 / row->facts.processors;
  target.rates = {row->facts.floatTflops * 1e3 * share, row->facts.tensorInt8Tops * 1e3 * share, row->facts.memoryGBs * share};
  target.gpu = row->facts;
  return target;
}

int64_t Target::architecture() const {
  int64_t number = 0;
  llvm::StringRef digits = llvm::StringRef(name).drop_front(3);
  digits.consumeInteger(10, number);
  return number;
}

bool Target::has(llvm::StringRef feature) const {
  return llvm::is_contained(features, feature);
}

std::string Target::featureString() const {
  std::string text;
  for (const std::string &feature : features)
    text += (text.empty() ? "+" : ",+") + feature;
  return text;
}

double Target::balancedRows(double bytesPerWeight) const {
  // Three quarters of the peak is what block-scaled kernels reach.
  return 0.75 * rates.int8Gops * bytesPerWeight / (2 * rates.memoryGBs);
}

std::optional<Target> Target::find(llvm::StringRef name) {
  if (name == "native")
    return host();
  const Row *row = llvm::find_if(rows, [&](const Row &candidate) { return candidate.name == name; });
  if (row == std::end(rows))
    return findGpu(name);
  Target target;
  target.name = row->name.str();
  target.triple = "x86_64-unknown-linux-gnu";
  target.cpu = row->cpu.str();
  for (llvm::StringRef feature : row->features)
    target.features.push_back(feature.str());
  target.vectorBytes = row->vectorBytes;
  target.vectorRegisters = row->vectorRegisters;
  target.l1Bytes = row->l1Bytes;
  target.l2Bytes = row->l2Bytes;
  target.rates = row->rates;
  return target;
}

llvm::SmallVector<llvm::StringRef> Target::tableNames() {
  auto names = llvm::map_to_vector(rows, [](const Row &row) { return row.name; });
  llvm::append_range(names, llvm::map_range(gpuRows, [](const GpuRow &row) { return row.name; }));
  return names;
}
