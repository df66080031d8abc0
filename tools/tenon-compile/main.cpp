//===- main.cpp - tenon-compile: a model becomes an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Example: tenon-compile SmolLM2-135M-Instruct.Q4_1.gguf -o smollm2.tenon
//
// Standard output carries a result only when one is asked for (--emit, --plan); everything else goes to standard error.

#include "Crash.h"
#include "HtmlReport.h"
#include "Options.h"
#include "Predict.h"
#include "Report.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Remarks.h"
#include "tenon/codegen/package/DiagnosticText.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/codegen/package/Stages.h"
#include "tenon/frontends/families/Select.h"
#include "tenon/frontends/families/Table.h"
#include "tenon/runtime/abi.h"
#include <chrono>

using namespace tenon;
using namespace tenon::codegen;
using llvm::errs;

/// Prints an error unless diagnostics have, and returns the exit code of its class.
static int fail(llvm::Error error) {
  FailureKind worst = FailureKind::Usage;
  llvm::handleAllErrors(
      std::move(error),
      [&](const CompileError &failure) {
        worst = std::max(worst, failure.kind);
        if (!failure.message.empty())
          errs() << "error: " << failure.message << '\n';
      },
      [&](const llvm::ErrorInfoBase &failure) {
        worst = FailureKind::Internal;
        errs() << "error: " << failure.message() << '\n';
      });
  if (worst == FailureKind::Internal)
    if (std::string path = writeReproducer(); !path.empty())
      errs() << "note: this is a defect of tenon-compile; the input is in " << path << '\n';
  return int(worst);
}

static void enableRemarks(mlir::MLIRContext &context) {
  mlir::remark::RemarkCategories categories;
  categories.passed = categories.missed = "tenon-.*";
  (void)mlir::remark::enableOptimizationRemarks(context, nullptr, std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(), categories,
                                                /*printAsEmitRemarks=*/true);
}

/// The module of the model and what belongs to it.
static llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> load(mlir::MLIRContext &context, const ToolOptions &options, ModelExtras &extras) {
  Diagnostics diagnostics;
  std::unique_ptr<ModelFiles> files = ModelFiles::open(options.input, diagnostics);
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> module = mlir::failure();
  if (files)
    module = files->import(context, options.import, diagnostics);
  if (files && files->tokenizer() && diagnostics.empty()) {
    std::vector<std::string> notes;
    llvm::Expected<std::vector<uint8_t>> blob = buildTokenizerBlob(*files->tokenizer(), &notes);
    if (blob)
      extras.tokenizer = std::move(*blob);
    else
      diagnostics.report("tokenizer", llvm::toString(blob.takeError()));
    for (const std::string &note : notes)
      errs() << "note: tokenizer: " << note << '\n';
  }
  if (failed(module) || !diagnostics.empty()) {
    errs() << "error: ";
    diagnostics.print(errs(), options.input);
    return compileError(FailureKind::Unsupported, "");
  }
  extras.sourcePath = options.input;
  extras.sourceFolder = files->parameterFolder().str();
  extras.license = files->license().str();
  if (const std::optional<TokenizerModel> &tokenizer = files->tokenizer(); tokenizer && tokenizer->bos)
    if (tokenizer->addBos.value_or(tokenizer->kind == TokenizerKind::SentencePiece))
      extras.bos = *tokenizer->bos;
  return std::move(*module);
}

static int compile(ToolOptions &options) {
  auto start = std::chrono::steady_clock::now();
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  std::vector<std::string> remarks;
  context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
    bool isRemark = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Remark;
    if (isRemark && !options.report.empty())
      remarks.push_back(llvm::formatv("{0}: {1}", diagnostic.getLocation(), diagnostic.str()));
    if (!isRemark || options.remarks)
      errs() << diagnosticText(diagnostic);
  });
  if (options.remarks || !options.report.empty())
    enableRemarks(context);

  ModelExtras extras;
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> module = load(context, options, extras);
  if (!module)
    return fail(module.takeError());
  setReproducerModule(printModule(**module));

  ProgressBar bar;
  options.compile.progress = [&](llvm::StringRef stage, double done) { bar.show(stage, done); };
  llvm::Expected<CompileResult> result = compileModel(**module, extras, options.compile);
  bar.clear();
  if (!result)
    return fail(result.takeError());

  double speed = 0;
  if (result->facts.generate && (options.plan || options.compile.emit == EmitLevel::Bundle))
    speed = predictTokensPerSecond(result->facts.stepBytes, measureReadRate(options.compile.threads));
  if (!options.report.empty())
    if (llvm::Error error = writeHtmlReport(options.report, **module, *result, remarks, speed))
      return fail(std::move(error));
  if (options.timing)
    printTimes(errs(), *result, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  if (options.plan)
    printPlan(llvm::outs(), *result, options.compile.targets, speed);
  else if (options.compile.emit == EmitLevel::Bundle)
    printSummary(errs(), *result, options.compile.output, speed);
  return 0;
}

/// Prints the families that are built in.
static int listFamilies() {
  Diagnostics diagnostics;
  std::vector<Family> families = loadFamilies("", diagnostics);
  llvm::outs() << familyTable(families);
  return diagnostics.empty() ? 0 : fail(compileError(FailureKind::Internal, "a built-in family is damaged"));
}

int main(int argc, char **argv) {
  installCrashHandler(argc, argv);
  llvm::Expected<ToolOptions> options = parseCommandLine(argc, argv);
  if (!options)
    return fail(options.takeError());
  return options->listFamilies ? listFamilies() : compile(*options);
}
