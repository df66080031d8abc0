//===- main.cpp - tenon-translate: prints a model file as MLIR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Example: tenon-translate --import-gguf SmolLM2-135M-Instruct.Q4_1.gguf -o smollm2.mlir
//
// A tool of its own and not mlir-translate's driver, because that one would read all of a model into memory
// and knows one exit code.

#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/frontends/Import.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/ToolOutputFile.h"

namespace cl = llvm::cl;
using namespace tenon;

enum ExitCode { Success = 0, UsageError = 1, UnsupportedInput = 2 };

static cl::OptionCategory category("tenon-translate options");
static cl::opt<bool> importGguf("import-gguf", cl::desc("Import a GGUF file"), cl::cat(category));
static cl::opt<bool> importHf("import-hf", cl::desc("Import a folder as Hugging Face's save_pretrained writes it"), cl::cat(category));
static cl::opt<bool> resolveOnly("resolve", cl::desc("Print, as JSON, what a family descriptor makes of the model's files"),
                                 cl::cat(category));
static cl::opt<std::string> input(cl::Positional, cl::Required, cl::desc("FILE"), cl::cat(category));
static cl::opt<std::string> output("o", cl::desc("Write to this file instead of stdout"), cl::value_desc("FILE"), cl::init("-"),
                                   cl::cat(category));
static cl::opt<nn::Activation> activations("activations", cl::desc("How block-quantised linears read their input (default q8)"),
                                           cl::values(clEnumValN(nn::Activation::q8, "q8", "rounded to blocks of 8 bits"),
                                                      clEnumValN(nn::Activation::q16, "q16", "rounded to blocks of two times 8 bits"),
                                                      clEnumValN(nn::Activation::f32, "f32", "exact")),
                                           cl::init(nn::Activation::q8), cl::cat(category));
static cl::opt<int64_t> maxContext("max-context", cl::desc("The most positions of a session (default: the model's)"), cl::init(0),
                                   cl::cat(category));
static cl::opt<std::string> family("family", cl::desc("A family descriptor to use instead of the built-in ones"),
                                   cl::value_desc("FILE.json"), cl::cat(category));

static std::optional<std::string> moduleText(const ModelFiles &files, const ImportOptions &options, Diagnostics &diagnostics) {
  mlir::MLIRContext context;
  context.loadDialect<nn::NNDialect, cache::CacheDialect, decode::DecodeDialect>();
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> module = files.import(context, options, diagnostics);
  if (mlir::failed(module))
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*module)->print(stream);
  stream << '\n';
  return text;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::registerAsmPrinterCLOptions();
  cl::ParseCommandLineOptions(argc, argv,
                              "Prints a model file as MLIR\n\n"
                              "example: tenon-translate --import-gguf model.gguf -o model.mlir\n");
  if (importGguf + importHf + resolveOnly != 1) {
    llvm::errs() << "error: expects one kind of translation: --import-gguf, --import-hf or --resolve\n";
    return UsageError;
  }
  ImportOptions options;
  options.activations = activations;
  options.maxContext = maxContext;
  options.familyFile = family;

  Diagnostics diagnostics;
  std::unique_ptr<ModelFiles> files = ModelFiles::open(input, diagnostics);
  std::optional<std::string> text;
  if (files && resolveOnly)
    text = describePlan(*files, options, diagnostics);
  else if (files && files->kind() != (importGguf ? ModelFiles::Kind::Gguf : ModelFiles::Kind::HuggingFace))
    diagnostics.report("", importGguf ? "is not a GGUF file" : "is not a folder of a model");
  else if (files)
    text = moduleText(*files, options, diagnostics);
  if (!text || !diagnostics.empty()) {
    llvm::errs() << "error: ";
    diagnostics.print(llvm::errs(), input);
    return UnsupportedInput;
  }

  std::string problem;
  std::unique_ptr<llvm::ToolOutputFile> file = mlir::openOutputFile(output, &problem);
  if (!file) {
    llvm::errs() << "error: " << problem << '\n';
    return UsageError;
  }
  file->os() << *text;
  file->keep();
  return Success;
}
