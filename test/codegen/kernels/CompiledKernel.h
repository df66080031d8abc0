//===- CompiledKernel.h - a kernel compiled and run in this process ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "KernelArguments.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>

namespace tenon::test {

/// A module with one tile.kernel: evaluated as it is, and compiled for a target as a function of this process.
class CompiledKernel {
public:
  /// Parses and compiles; aborts the test with the diagnostics when that fails. `target` is a row of the table or "native".
  CompiledKernel(llvm::StringRef text, llvm::StringRef target = "native");
  ~CompiledKernel();
  CompiledKernel(const CompiledKernel &) = delete;

  static mlir::MLIRContext &context();
  tile::KernelOp kernel() { return op; }
  mlir::ArrayRef<mlir::Type> inputs() { return op.getFunctionType().getInputs(); }

  /// The region's results by the evaluator.
  EvalValues evaluate(llvm::ArrayRef<KernelArgument> arguments);
  /// The buffers of the results, by compiled code that `threads` threads call one after the other.
  std::vector<Buffer> run(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position = 0, int64_t threads = 1);

  /// Calls compiled code `times` times on one thread and the same buffers.
  void runMany(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position, int64_t times);

  /// Runs both and expects results within `tolerance` of the largest magnitude of each.
  void check(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, double tolerance, int64_t position = 0, int64_t threads = 1);
  /// Random arguments for the kernel's inputs with `tokens` rows, then `check`.
  void checkRandom(int64_t tokens, double tolerance, unsigned seed = 1, int64_t position = 0, int64_t threads = 1);
  std::vector<KernelArgument> randomArguments(int64_t tokens, unsigned seed = 1, int64_t position = 0);

private:
  struct Call;
  Call prepare(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position);

  mlir::OwningOpRef<mlir::ModuleOp> module;
  tile::KernelOp op;
  void *library = nullptr;
  void *function = nullptr;
};

/// Text with each "$name" replaced.
std::string withNumbers(std::string text, std::initializer_list<std::pair<llvm::StringRef, int64_t>> numbers);

/// The targets of the table that this machine runs.
std::vector<std::string> runnableTargets();

} // namespace tenon::test
