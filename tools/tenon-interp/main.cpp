//===- main.cpp - tenon-interp: runs models by the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Example: tenon-interp model.gguf --tokens=5,17,3 --max-tokens=8 --print-tokens

#include "Entry.h"
#include "FiniteCheck.h"
#include "Generation.h"
#include "tenon/dialects/AllDialects.h"
#include "tenon/dialects/UpstreamDialects.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;
using namespace tenon;

static int run(const InterpOptions &options) {
  DialectRegistry registry;
  registerAllTenonDialects(registry);
  registerUpstreamDialects(registry);
  MLIRContext context(registry);
  Diagnostics diagnostics;
  std::unique_ptr<ModelFiles> files = ModelFiles::open(options.file, diagnostics);
  FailureOr<OwningOpRef<ModuleOp>> module = failure();
  ImportOptions importOptions;
  importOptions.activations = options.activations;
  if (files)
    module = files->import(context, importOptions, diagnostics);
  if (failed(module) || !diagnostics.empty()) {
    diagnostics.print(llvm::errs(), options.file);
    return exitUnsupported;
  }
  Evaluator evaluator(module->get(), files->parameterFolder());
  FiniteCheck finite(evaluator);
  if (options.checkFinite)
    evaluator.observe([&](Operation *op, ArrayRef<EvalValue> results) { return finite.check(op, results); });
  int code =
      options.entry.empty() ? runGeneration(options, *files, module->get(), evaluator) : runEntry(options, module->get(), evaluator);
  return finite.found() ? exitMismatch : code;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  InterpOptions options;
  return parseOptions(argc, argv, options) ? run(options) : exitUsage;
}
