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
    return std::nullopt;
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
  return llvm::map_to_vector(rows, [](const Row &row) { return row.name; });
}
