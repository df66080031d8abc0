//===- HtmlReport.cpp - what --report writes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HtmlReport.h"
#include "Report.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/passes/graph/ModelPath.h"
#include <map>

using namespace llvm;
using namespace mlir;
using namespace tenon::codegen;

namespace tenon {

static constexpr StringLiteral style = R"(
  body { font: 15px/1.5 system-ui, sans-serif; color: #1c2733; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; margin-bottom: 0.2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; border-bottom: 1px solid #d5dce3; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; }
  th { font-weight: 600; color: #566473; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  pre { background: #f4f6f8; padding: 0.6rem; overflow-x: auto; font-size: 12px; } code { font-size: 13px; }
  .bar { background: #3b7dd8; height: 0.7rem; border-radius: 2px; min-width: 1px; } td.b { width: 35%; }
  .missed { color: #a04000; } summary { cursor: pointer; }
)";

static std::string escaped(StringRef text) {
  std::string out;
  raw_string_ostream stream(out);
  printHTMLEscaped(text, stream);
  return out;
}

namespace {
/// Writes the page, section by section.
class Page {
public:
  Page(raw_ostream &out, ModuleOp module, const CompileResult &result) : out(out), module(module), result(result), facts(result.facts) {}

  void summary(double tokensPerSecond);
  void memory();
  void kernels();
  void weights();
  void times();
  void remarks(ArrayRef<std::string> remarks);

private:
  void row(StringRef key, const Twine &value) { out << "<tr><th>" << escaped(key) << "</th><td>" << value << "</td></tr>\n"; }
  void barCell(double share) { out << formatv("<td class=b><div class=bar style='width:{0:f1}%'></div></td>", 100 * share); }
  /// Adds to `counts` how often a call of `function` launches each kernel.
  void countLaunches(func::FuncOp function, MapVector<StringRef, int64_t> &counts, int64_t times);

  raw_ostream &out;
  ModuleOp module;
  const CompileResult &result;
  const ModuleFacts &facts;
};
} // namespace

void Page::summary(double tokensPerSecond) {
  out << "<h1>" << escaped(facts.name) << "</h1>\n<table>\n";
  row("parameters", Twine(facts.parameters));
  row("source", escaped(facts.sourceHash));
  row("compiler", escaped(facts.compiler));
  row("artifact", sizeText(double(result.fileBytes)));
  for (const CodeFact &code : result.codes)
    row("code for " + code.target, sizeText(double(code.bytes)));
  row("weights read a step", sizeText(double(facts.stepBytes)));
  if (tokensPerSecond > 0)
    row("expected here", formatv("about {0:f0} tok/s", tokensPerSecond).str());
  out << "</table>\n";
}

void Page::memory() {
  out << "<h2>Memory</h2>\n<table><tr><th>entry</th>"
      << "<th class=n>arena, 1 token</th><th class=n>32 tokens</th><th class=n>512 tokens</th></tr>\n";
  for (const EntryFact &entry : facts.entries) {
    out << "<tr><td><code>" << escaped(entry.name) << "</code></td>";
    for (int64_t tokens : {1, 32, 512})
      out << "<td class=n>" << sizeText(double(entry.arena.at(tokens))) << "</td>";
    out << "</tr>\n";
  }
  out << "</table>\n";
  if (facts.states.empty() || !facts.generate)
    return;
  out << "<table><tr><th>state of one session</th><th class=n>bytes</th></tr>\n";
  for (int64_t positions = 512; positions < facts.generate->context * 2; positions *= 4) {
    int64_t held = std::min(positions, facts.generate->context);
    out << "<tr><td>" << held << " positions in " << facts.states.size() << " slots</td><td class=n>"
        << sizeText(double(facts.stateBytes(held))) << "</td></tr>\n";
  }
  out << "</table>\n";
}

void Page::countLaunches(func::FuncOp function, MapVector<StringRef, int64_t> &counts, int64_t times) {
  function.walk([&](Operation *op) {
    if (auto launch = dyn_cast<tile::LaunchOp>(op))
      counts[launch.getKernel()] += times;
    else if (auto call = dyn_cast<func::CallOp>(op))
      if (auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee()))
        countLaunches(callee, counts, times);
  });
}

void Page::kernels() {
  MapVector<StringRef, int64_t> counts;
  StringRef entry = facts.entries.empty() ? StringRef() : StringRef(facts.entries.back().name);
  if (auto function = module.lookupSymbol<func::FuncOp>(entry))
    countLaunches(function, counts, 1);
  int64_t launches = 0;
  for (auto &[name, count] : counts)
    launches += count;
  out << "<h2>Kernels</h2>\n<p>A call of <code>" << escaped(entry) << "</code> launches " << launches << " kernels, " << counts.size()
      << " different ones.</p>\n<table><tr><th>kernel</th><th>family</th><th class=n>launches</th><th>computes</th></tr>\n";
  for (auto kernel : module.getOps<tile::KernelOp>()) {
    SmallVector<Location> locations = {kernel.getLoc()};
    kernel.getBlock().walk([&](Operation *op) { locations.push_back(op->getLoc()); });
    std::string paths = modelPath(fuseLocations(module.getContext(), locations));
    std::string body;
    raw_string_ostream stream(body);
    kernel->print(stream);
    out << "<tr><td><details><summary><code>" << escaped(kernel.getSymName()) << "</code></summary><pre>" << escaped(body)
        << "</pre></details></td><td>" << tile::stringifyFamily(kernel.getFamily()) << "</td><td class=n>"
        << counts.lookup(kernel.getSymName()) << "</td><td>" << escaped(paths) << "</td></tr>\n";
  }
  out << "</table>\n";
}

void Page::weights() {
  std::map<std::string, std::pair<int64_t, uint64_t>> formats;
  for (const PackedWeight &weight : facts.weights) {
    auto &[count, bytes] = formats[formatText(weight)];
    ++count;
    bytes += weight.bytes;
  }
  out << "<h2>Weights</h2>\n<table><tr><th>format</th><th class=n>tensors</th><th class=n>bytes</th><th></th></tr>\n";
  for (auto &[format, sum] : formats) {
    out << "<tr><td>" << escaped(format) << "</td><td class=n>" << sum.first << "</td><td class=n>"
        << sizeText(double(sum.second)) << "</td>";
    barCell(double(sum.second) / double(std::max<uint64_t>(facts.weightsBytes, 1)));
    out << "</tr>\n";
  }
  out << "</table>\n";
}

void Page::times() {
  double longest = 1e-9;
  for (const StageTime &time : result.times)
    longest = std::max(longest, time.seconds);
  out << "<h2>Times of the stages</h2>\n<p>Targets are compiled side by side, so the sum exceeds the wall time.</p>\n<table>\n";
  for (const StageTime &time : result.times) {
    out << "<tr><td>" << escaped(time.stage) << "</td><td class=n>" << formatv("{0:f1} ms", time.seconds * 1000) << "</td>";
    barCell(time.seconds / longest);
    out << "</tr>\n";
  }
  out << "</table>\n";
}

void Page::remarks(ArrayRef<std::string> remarks) {
  out << "<h2>Remarks</h2>\n";
  if (remarks.empty()) {
    out << "<p>None.</p>\n";
    return;
  }
  out << "<ul>\n";
  for (StringRef remark : remarks)
    out << "<li" << (remark.contains("[Missed]") ? " class=missed" : "") << "><code>" << escaped(remark) << "</code></li>\n";
  out << "</ul>\n";
}

Error writeHtmlReport(StringRef path, ModuleOp module, const CompileResult &result, ArrayRef<std::string> remarks, double tokensPerSecond) {
  std::error_code error;
  raw_fd_ostream out(path, error);
  if (error)
    return compileError(FailureKind::Resource, "cannot write '" + path + "': " + error.message());
  out << "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>" << escaped(result.facts.name) << "</title><style>" << style
      << "</style></head><body>\n";
  Page page(out, module, result);
  page.summary(tokensPerSecond);
  page.memory();
  page.kernels();
  page.weights();
  page.times();
  page.remarks(remarks);
  out << "</body></html>\n";
  return Error::success();
}

} // namespace tenon
