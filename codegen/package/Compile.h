//===- Compile.h - a model's module becomes an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a function. `tenon-compile`, `tenon-verify` and tests call it; command lines and progress bars are theirs.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_COMPILE_H
#define TENON_CODEGEN_PACKAGE_COMPILE_H

#include "llvm/Support/Error.h"
#include "mlir/IR/BuiltinOps.h"
#include "tenon/codegen/package/Facts.h"
#include "tenon/codegen/package/GpuPlan.h"
#include <functional>
#include <vector>

namespace tenon::codegen {

/// Where a compile stops; all levels but the last print to a file or to standard output.
enum class EmitLevel { Graph, Program, Kernel, Loops, Vector, LLVM, Assembly, Ptx, Object, SharedObject, Bundle };

/// The level's name on the command line ("graph", ..., "so", "bundle"), and back.
llvm::StringRef nameOf(EmitLevel level);
std::optional<EmitLevel> findEmitLevel(llvm::StringRef name);

/// What belongs to a model besides its module.
struct ModelExtras {
  std::vector<uint8_t> tokenizer; ///< tokenizer.bin; may be empty
  std::string sourcePath;         ///< of the file that the model came from
  std::string sourceFolder;       ///< where relative sources of parameters are looked for
  std::string license;            ///< as the model says; may be empty
  int64_t bos = -1;               ///< token that the tokenizer puts in front of a text; -1: none
};

struct CompileOptions {
  std::string output; ///< "-" prints, for levels other than Bundle
  std::vector<std::string> targets;
  EmitLevel emit = EmitLevel::Bundle;
  std::string dumpDir;          ///< numbered files of every stage go here; empty: nowhere
  bool planOnly = false;        ///< stop when everything but code and weights is known
  bool strict = false;          ///< golden data that cannot be made is an error
  unsigned threads = 2;
  /// Told the stage and the share of the whole that is done, from any thread but never from two at once.
  std::function<void(llvm::StringRef stage, double done)> progress;
};

struct StageTime {
  std::string stage;
  double seconds;
};

/// One code object of an artifact.
struct CodeFact {
  std::string target;
  uint64_t bytes;
};

/// What a compile made.
struct CompileResult {
  ModuleFacts facts;
  std::vector<CodeFact> codes;
  std::vector<RoundingSums> rounding; ///< of each weight of the facts, by packing
  uint64_t fileBytes = 0;
  std::string goldenSource; ///< who made the golden data: "evaluator", "x86-64-v3 code"; empty: there is none
  std::vector<GpuPlan> gpuPlans; ///< of each GPU among the targets, when only a plan was asked for
  std::vector<StageTime> times;
};

/// The exit codes of the tools.
enum class FailureKind : int { Usage = 1, Unsupported = 2, Mismatch = 3, Resource = 4, Internal = 70 };

/// An error with its class. The message may be empty when diagnostics have said it already.
class CompileError : public llvm::ErrorInfo<CompileError> {
public:
  static char ID;
  CompileError(FailureKind kind, std::string message) : kind(kind), message(std::move(message)) {}
  void log(llvm::raw_ostream &stream) const override { stream << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }
  FailureKind kind;
  std::string message;
};
llvm::Error compileError(FailureKind kind, const llvm::Twine &message);

/// Compiles a module of the graph level. The module is lowered in place as far as all targets share the work.
llvm::Expected<CompileResult> compileModel(mlir::ModuleOp module, const ModelExtras &extras, const CompileOptions &options);

/// The compiler's own name and version, as artifacts record it.
std::string compilerVersion();

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_COMPILE_H
