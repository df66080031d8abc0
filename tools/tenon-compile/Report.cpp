//===- Report.cpp - progress and results of tenon-compile ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>
#include <unistd.h>

using namespace llvm;

namespace tenon {

constexpr int barWidth = 30;
/// Sessions feed prompts in pieces of at most this many tokens, so an arena is never larger than for one of them.
constexpr int64_t prefillPiece = 512;

ProgressBar::ProgressBar() : visible(isatty(STDERR_FILENO)) {}
ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::show(StringRef stage, double done) {
  int percent = int(done * 100);
  if (!visible || percent == shownPercent)
    return;
  shownPercent = percent;
  std::string bar(size_t(done * barWidth), '#');
  bar.resize(barWidth, '.');
  errs() << '\r' << formatv("[{0}] {1,3} %  {2,-12}", bar, percent, stage);
  errs().flush();
}

void ProgressBar::clear() {
  if (visible && shownPercent >= 0)
    errs() << "\r\033[K";
  shownPercent = -1;
}

std::string sizeText(double bytes) {
  static constexpr StringLiteral units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(units); ++unit)
    bytes /= 1024;
  return formatv(unit == 0 ? "{0:f0} {1}" : "{0:f1} {1}", bytes, units[unit]).str();
}

/// The largest arena among the entries for `tokens` tokens.
static int64_t arenaBytes(const codegen::ModuleFacts &facts, int64_t tokens) {
  int64_t bytes = 0;
  for (const codegen::EntryFact &entry : facts.entries)
    bytes = std::max(bytes, entry.arena.at(tokens));
  return bytes;
}

/// "arena 12.0 MiB, state 45.0 MiB at 2048 tokens"
static std::string memoryText(const codegen::ModuleFacts &facts) {
  if (!facts.generate)
    return formatv("arena {0} at {1} tokens", sizeText(double(arenaBytes(facts, prefillPiece))), prefillPiece).str();
  int64_t context = facts.generate->context;
  return formatv("arena {0}, state {1} at {2} tokens", sizeText(double(arenaBytes(facts, std::min(context, prefillPiece)))),
                 sizeText(double(facts.stateBytes(context))), context)
      .str();
}

/// A line for each format that weights were rounded to.
static void printRounding(raw_ostream &stream, const codegen::CompileResult &result) {
  std::map<StringRef, RoundingSums> formats;
  for (auto [weight, sums] : zip(result.facts.weights, result.rounding)) {
    formats[weight.format()].error += sums.error;
    formats[weight.format()].total += sums.total;
  }
  for (const auto &[format, sums] : formats)
    if (sums.error > 0)
      stream << formatv("weights rounded to {0}: relative error {1:f5} (root of mean squares)\n", format, sums.relative());
}

void printSummary(raw_ostream &stream, const codegen::CompileResult &result, StringRef output, double tokensPerSecond) {
  stream << output << ": " << join(map_range(result.codes, [](const codegen::CodeFact &code) { return code.target; }), ", ") << "; "
         << sizeText(double(result.fileBytes)) << "; " << memoryText(result.facts);
  if (tokensPerSecond > 0)
    stream << formatv("; about {0:f0} tok/s expected here", tokensPerSecond);
  stream << '\n';
  printRounding(stream, result);
}

/// What is expected of a GPU: a line for each kernel of a call, the slowest first.
static void printGpuPlan(raw_ostream &stream, const codegen::GpuPlan &plan) {
  const codegen::GpuFacts &gpu = *plan.target.gpu;
  stream << formatv(
      "\n{0}: predicted for {1} ({2} processors, {3:f0} GB/s), not measured; weights of 4.5 bits pay for {4:f0} tokens a step\n",
      plan.target.name, gpu.card, gpu.processors, gpu.memoryGBs, plan.target.balancedRows(0.5625));
  for (const codegen::GpuCallPlan &call : plan.calls) {
    stream << formatv("{0}, {1} tokens after {2}: {3:f3} ms, {4}, {5:f0} tok/s\n", call.entry, call.rows, call.positions,
                      call.seconds() * 1e3, sizeText(call.bytes()), double(call.rows) / call.seconds());
    stream << "  launches  us each  share  bound      MiB each   Gop each  blocks x threads  occupancy  kernel\n";
    std::vector<const codegen::GpuKernelPlan *> kernels;
    for (const codegen::GpuKernelPlan &kernel : call.kernels)
      kernels.push_back(&kernel);
    stable_sort(kernels, [](auto *a, auto *b) { return double(a->launches) * a->time.seconds > double(b->launches) * b->time.seconds; });
    for (const codegen::GpuKernelPlan *kernel : kernels) {
      double operations = 0;
      for (double kind : kernel->work.operations)
        operations += kind;
      stream << formatv("  {0,8}  {1,7:f1}  {2,4:f0}%  {3,-9}  {4,8:f2}  {5,9:f3}  {6,6} x {7,-7}  {8,8:f0}%  {9} ({10})\n",
                        kernel->launches, kernel->time.seconds * 1e6,
                        100 * double(kernel->launches) * kernel->time.seconds / call.seconds(), kernel->time.bound,
                        kernel->work.bytes() / (1 << 20), operations * 1e-9, kernel->shape.blocks, kernel->shape.threads,
                        100 * kernel->time.occupancy, kernel->kernel, kernel->path);
    }
  }
}

void printPlan(raw_ostream &stream, const codegen::CompileResult &result, ArrayRef<std::string> targets, double tokensPerSecond) {
  const codegen::ModuleFacts &facts = result.facts;
  stream << "model       " << facts.name << ", " << facts.parameters << " parameters\n";
  stream << "targets     " << join(targets, ", ") << '\n';
  stream << "weights     " << sizeText(double(facts.weightsBytes)) << " packed, " << sizeText(double(facts.stepBytes)) << " read a step\n";
  for (const codegen::EntryFact &entry : facts.entries)
    stream << "entry       " << entry.name << ": arena " << entry.arena.constant << " + " << entry.arena.perToken << " * tokens bytes\n";
  int64_t fixed = facts.stateBytes(0), block = 0;
  for (const codegen::StateFact &state : facts.states)
    block = std::max(block, state.blockPositions);
  if (fixed > 0)
    stream << "state       " << facts.states.size() << " slots, " << sizeText(double(fixed)) << " at any length\n";
  if (block > 0)
    stream << "state       " << facts.states.size() << " slots, " << sizeText(double(facts.stateBytes(block) - fixed)) << " for each "
           << block << " positions\n";
  stream << "memory      " << memoryText(facts) << '\n';
  if (tokensPerSecond > 0)
    stream << formatv("speed       about {0:f0} tok/s expected here\n", tokensPerSecond);
  for (const codegen::GpuPlan &plan : result.gpuPlans)
    printGpuPlan(stream, plan);
}

void printTimes(raw_ostream &stream, const codegen::CompileResult &result, double total) {
  for (const codegen::StageTime &time : result.times)
    stream << formatv("{0,8:f1} ms  {1}\n", time.seconds * 1000, time.stage);
  stream << formatv("{0,8:f1} ms  in all\n", total * 1000);
}

} // namespace tenon
