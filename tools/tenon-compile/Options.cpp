//===- Options.cpp - the command line of tenon-compile ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Options.h"

#include "tenon/dialects/nn/stored/ElementFormat.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include <thread>

using namespace llvm;
using tenon::codegen::compileError;
using tenon::codegen::EmitLevel;
using tenon::codegen::FailureKind;

namespace tenon {

static cl::OptionCategory category("tenon-compile options");
static cl::opt<std::string> input(cl::Positional, cl::desc("INPUT"), cl::cat(category));
static cl::opt<std::string> output("o", cl::desc("The artifact; for --emit levels above it standard output is the default"),
                                   cl::value_desc("FILE"), cl::cat(category));
static cl::list<std::string> targets("target", cl::CommaSeparated,
                                     cl::desc("Machines to compile for: native, x86-64-v3, x86-64-v4 (default: all three)"),
                                     cl::value_desc("LIST"), cl::cat(category));
static cl::opt<nn::Activation>
    activations("activations", cl::desc("How block-quantised linears read their input (default: q8)"),
                cl::values(clEnumValN(nn::Activation::q8, "q8",
                                      "rounded to blocks of 8 bits, or of 16 where queries, keys, values and logits are made"),
                           clEnumValN(nn::Activation::q16, "q16", "rounded to blocks of two times 8 bits"),
                           clEnumValN(nn::Activation::f32, "f32", "exact")),
                cl::init(nn::Activation::q8), cl::cat(category));
static cl::opt<std::string> weights("weights",
                                    cl::desc("What matrices of floats are rounded to: q8_0, q4_0, q4_k, bf16, ... (default: keep)"),
                                    cl::value_desc("FORMAT"), cl::init("keep"), cl::cat(category));
static cl::opt<int64_t> maxContext("max-context", cl::desc("The most positions of a session (default: the model's)"), cl::init(0),
                                   cl::cat(category));
static cl::opt<std::string> family("family", cl::desc("A family descriptor to use instead of the built-in ones"),
                                   cl::value_desc("FILE.json"), cl::cat(category));
static cl::opt<bool> listFamilies("list-families", cl::desc("Print the table of model families that are built in"), cl::cat(category));
static cl::opt<std::string>
    emit("emit", cl::desc("Where to stop: graph, program, kernel, loops, vector, llvm, asm, ptx, obj, so, bundle (default)"),
         cl::value_desc("LEVEL"), cl::init("bundle"), cl::cat(category));
static cl::opt<std::string> dumpDir("dump-dir", cl::desc("Write every stage to a numbered file of this folder"), cl::value_desc("DIR"),
                                    cl::cat(category));
static cl::opt<bool> timing("timing", cl::desc("Print what the stages took"), cl::cat(category));
static cl::opt<bool> plan("plan", cl::desc("Print sizes and expectations without compiling code or packing weights"), cl::cat(category));
static cl::opt<bool> strict("strict", cl::desc("Fail where otherwise something would be left out"), cl::cat(category));
static cl::opt<std::string> report("report", cl::desc("Write one HTML page: sizes, memory, kernels, times, remarks"),
                                   cl::value_desc("FILE.html"), cl::cat(category));
static cl::opt<bool> verbose("v", cl::desc("Print what was fused and what was not, and why"), cl::cat(category));

/// Targets of the design that no back end makes code for yet.
static bool isFutureTarget(StringRef name) {
  return name == "aarch64";
}

static Error check() {
  if (input.empty())
    return compileError(FailureKind::Usage, "expects a model to compile: tenon-compile model.gguf -o model.tenon");
  if (!codegen::findEmitLevel(emit))
    return compileError(FailureKind::Usage,
                        "expects --emit=graph, program, kernel, loops, vector, llvm, asm, ptx, obj, so or bundle, but got '" + emit + "'");
  if (output.empty() && *codegen::findEmitLevel(emit) == EmitLevel::Bundle && !plan)
    return compileError(FailureKind::Usage, "expects -o FILE for the artifact");
  if (!output.empty() && sys::fs::equivalent(input, output))
    return compileError(FailureKind::Usage, "expects -o FILE to be another file than the model, but got '" + output + "'");
  if (maxContext < 0)
    return compileError(FailureKind::Usage, "expects a --max-context of at least 1, but got " + Twine(maxContext));
  for (const std::string &target : targets)
    if (isFutureTarget(target))
      return compileError(FailureKind::Unsupported,
                          "target '" + target + "' is not supported yet; use native, " + join(codegen::Target::tableNames(), ", "));
  std::optional<ElementFormat> format = ElementFormat::find(weights);
  if (weights != "keep" && (!format || !format->isParameterFormat()))
    return compileError(FailureKind::Unsupported,
                        "--weights expects keep or a format of weights such as q8_0, q4_0, q4_k or bf16, but got '" + weights + "'");
  return Error::success();
}

Expected<ToolOptions> parseCommandLine(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](raw_ostream &stream) { stream << codegen::compilerVersion() << '\n'; });
  std::string message;
  raw_string_ostream stream(message);
  if (!cl::ParseCommandLineOptions(argc, argv,
                                   "Compiles a model to one artifact that tenon-run executes\n\n"
                                   "example: tenon-compile SmolLM2-135M-Instruct.Q4_1.gguf -o smollm2.tenon\n",
                                   &stream))
    return compileError(FailureKind::Usage, StringRef(message).rtrim());
  ToolOptions options;
  options.listFamilies = listFamilies;
  if (listFamilies)
    return options;
  if (Error error = check())
    return std::move(error);

  options.input = input;
  options.import = {activations, maxContext, family, weights == "keep" ? "" : weights.getValue(), plan};
  options.compile.output = output.empty() ? "-" : output.getValue();
  options.compile.targets.assign(targets.begin(), targets.end());
  if (targets.empty())
    options.compile.targets = {"native", "x86-64-v3", "x86-64-v4"};
  options.compile.emit = *codegen::findEmitLevel(emit);
  options.compile.dumpDir = dumpDir;
  options.compile.planOnly = plan;
  options.compile.strict = strict;
  options.compile.threads = std::max(1u, std::thread::hardware_concurrency());
  options.report = report;
  options.plan = plan;
  options.timing = timing;
  options.remarks = verbose || plan;
  return options;
}

} // namespace tenon
