//===- main.cpp - tenon-verify: compiled code against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Compiled.h"
#include "Trace.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "tenon/codegen/package/Compile.h"
#include "tenon/dialects/AllDialects.h"
#include "tenon/dialects/UpstreamDialects.h"
#include "tenon/frontends/Import.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::verify;
using codegen::FailureKind;

namespace {

/// One compared tensor.
struct Comparison {
  std::string entry, path;
  size_t values = 0;
  double maxError = 0;      ///< largest absolute difference; infinite where one side is not finite
  double relativeError = 0; ///< root mean square of the difference over that of the evaluator's values
};

/// An empty message has been reported where the failure was found.
int fail(FailureKind kind, const Twine &message) {
  if (!message.isTriviallyEmpty() && !message.str().empty())
    llvm::errs() << "tenon-verify: error: " << message << '\n';
  return int(kind);
}

Comparison compare(StringRef entry, StringRef path, ArrayRef<double> expected, ArrayRef<double> got) {
  Comparison result = {entry.str(), path.str(), expected.size()};
  double differences = 0, squares = 0;
  for (auto [e, g] : llvm::zip_equal(expected, got)) {
    double difference = std::isfinite(e) && std::isfinite(g) ? std::abs(e - g) : (e == g ? 0 : INFINITY);
    result.maxError = std::max(result.maxError, difference);
    differences += difference * difference;
    squares += e * e;
  }
  if (differences > 0)
    result.relativeError = squares > 0 ? std::sqrt(differences / squares) : std::sqrt(differences);
  return result;
}

/// Calls one entry on both sides from an empty state.
LogicalResult compareEntry(func::FuncOp entry, ArrayRef<std::string> tracePaths, const Options &options,
                           Evaluator &evaluator, Compiled &compiled, std::vector<Comparison> &comparisons,
                           tenon_status &status) {
  FailureOr<std::vector<Input>> inputs = makeInputs(entry, options);
  if (failed(inputs))
    return failure();
  evaluator.resetState();
  FailureOr<EvalValues> expected = evaluator.run(entry.getName(), toEvalValues(*inputs));
  if (failed(expected))
    return failure();
  std::vector<std::vector<double>> got;
  status = compiled.call(entry.getName(), *inputs, got);
  if (status.code)
    return failure();
  bool isTrace = entry.getName() == traceName;
  size_t own = expected->size() - (isTrace ? tracePaths.size() : 0);
  for (size_t i = 0; i < expected->size(); ++i) {
    // The trace's own results are those of the entry it was made from.
    if (isTrace && i < own)
      continue;
    std::string path = isTrace ? tracePaths[i - own] : "output " + std::to_string(i);
    EvalTensor tensor = (*expected)[i].tensor().toDense();
    if (tensor.values().size() != got[i].size())
      return entry.emitError("expects ") << tensor.values().size() << " values in output " << i << ", but got " << got[i].size();
    comparisons.push_back(compare(entry.getName(), path, tensor.values(), got[i]));
  }
  return success();
}

void printTable(ArrayRef<Comparison> comparisons, double tolerance) {
  llvm::outs() << llvm::formatv("{0,-10} {1,-28} {2,12} {3,14}  \n", "entry", "model path", "max error", "relative error");
  for (const Comparison &c : comparisons)
    llvm::outs() << llvm::formatv("{0,-10} {1,-28} ", c.entry, c.path) << llvm::format("%12.3e %14.3e", c.maxError, c.relativeError)
                 << (c.relativeError <= tolerance ? "" : "  over the tolerance") << '\n';
}

void printJson(ArrayRef<Comparison> comparisons, double tolerance) {
  llvm::json::Array list;
  for (const Comparison &c : comparisons)
    list.push_back(llvm::json::Object{{"entry", c.entry},
                                      {"path", c.path},
                                      {"values", int64_t(c.values)},
                                      {"max_error", c.maxError},
                                      {"relative_error", c.relativeError},
                                      {"ok", c.relativeError <= tolerance}});
  llvm::outs() << llvm::formatv("{0:2}\n",
                                llvm::json::Value(llvm::json::Object{{"tolerance", tolerance}, {"comparisons", std::move(list)}}));
}

/// Compiles the module into a temporary artifact; the path, or an exit code.
int compileTo(SmallString<128> &path, ModuleOp module, StringRef folder, const Options &options) {
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("tenon-verify", "tenon", path))
    return fail(FailureKind::Resource, "cannot make a temporary file: " + error.message());
  codegen::CompileOptions compileOptions;
  compileOptions.output = path.str().str();
  compileOptions.targets = {options.target};
  codegen::ModelExtras extras;
  extras.sourcePath = options.file;
  extras.sourceFolder = folder.str();
  llvm::Expected<codegen::CompileResult> result = codegen::compileModel(module, extras, compileOptions);
  if (result)
    return 0;
  int code = int(FailureKind::Internal);
  llvm::handleAllErrors(
      result.takeError(), [&](const codegen::CompileError &error) { code = fail(error.kind, error.message); },
      [&](const llvm::ErrorInfoBase &error) { fail(FailureKind::Internal, error.message()); });
  return code;
}

/// Whether something in the module rounds activations; the format asked for has no say where no weight is quantised.
bool roundsActivations(ModuleOp module) {
  auto rounds = [](Operation *op) {
    auto linear = dyn_cast<nn::LinearOp>(op);
    bool found = isa<nn::QuantizeOp>(op) || (linear && linear.getEffectiveActivation() != nn::Activation::f32);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  };
  return module.walk(rounds).wasInterrupted();
}

int verifyModel(Options options) {
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
    return int(FailureKind::Unsupported);
  }
  if (options.tolerance <= 0)
    options.tolerance = roundsActivations(module->get()) ? 3e-2 : 1e-4;
  std::vector<std::string> tracePaths = addTrace(module->get(), "forward");
  OwningOpRef<ModuleOp> reference = module->get().clone();

  StringRef folder = files->parameterFolder();
  SmallString<128> artifact;
  if (int code = compileTo(artifact, module->get(), folder, options))
    return code;
  Compiled compiled;
  tenon_status status = compiled.open(artifact);
  llvm::sys::fs::remove(artifact); // it stays mapped
  if (status.code)
    return fail(FailureKind(status.code), status.msg);

  Evaluator evaluator(reference.get(), folder);
  std::vector<Comparison> comparisons;
  for (auto entry : reference->getOps<func::FuncOp>()) {
    if (!entry->hasAttr("tenon.entry"))
      continue;
    if (failed(compareEntry(entry, tracePaths, options, evaluator, compiled, comparisons, status)))
      return status.code ? fail(FailureKind(status.code), entry.getName() + ": " + status.msg) : int(FailureKind::Unsupported);
  }
  if (comparisons.empty())
    return fail(FailureKind::Unsupported, "expects functions with the attribute tenon.entry, but the module has none");
  options.json ? printJson(comparisons, options.tolerance) : printTable(comparisons, options.tolerance);
  size_t over = llvm::count_if(comparisons, [&](const Comparison &c) { return !(c.relativeError <= options.tolerance); });
  llvm::errs() << comparisons.size() << " tensors compared, " << over << " over the tolerance of "
               << llvm::format("%g", options.tolerance) << '\n';
  return over ? int(FailureKind::Mismatch) : 0;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Options options;
  return parseOptions(argc, argv, options) ? verifyModel(options) : int(FailureKind::Usage);
}
