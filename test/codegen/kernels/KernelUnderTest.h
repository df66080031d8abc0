//===- KernelUnderTest.h - a kernel that runs, and the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "KernelArguments.h"
#include "llvm/Support/Error.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>

namespace tenon::test {

/// A module with one tile.kernel: evaluated as it is, and run as whoever inherits it does.
class KernelUnderTest {
public:
  /// Parses; aborts the test with the diagnostics when that fails.
  explicit KernelUnderTest(llvm::StringRef text);
  virtual ~KernelUnderTest() = default;

  static mlir::MLIRContext &context();
  tile::KernelOp kernel() { return op; }
  mlir::ArrayRef<mlir::Type> inputs() { return op.getFunctionType().getInputs(); }

  /// The region's results by the evaluator.
  EvalValues evaluate(llvm::ArrayRef<KernelArgument> arguments);
  /// The buffers of the results.
  virtual std::vector<Buffer> run(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position = 0, int64_t threads = 1) = 0;

  /// Runs both and expects results within `tolerance` of the largest magnitude of each.
  void check(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, double tolerance, int64_t position = 0, int64_t threads = 1);
  /// Random arguments for the kernel's inputs with `tokens` rows, then `check`.
  void checkRandom(int64_t tokens, double tolerance, unsigned seed = 1, int64_t position = 0, int64_t threads = 1);
  std::vector<KernelArgument> randomArguments(int64_t tokens, unsigned seed = 1, int64_t position = 0);

protected:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  tile::KernelOp op;
};

/// Ends the test: the kernel cannot be compiled.
[[noreturn]] void giveUp(const llvm::Twine &why);
template <typename T> T orGiveUp(llvm::Expected<T> value) {
  if (!value)
    giveUp(llvm::toString(value.takeError()));
  return std::move(*value);
}

/// Text with each "$name" replaced.
std::string withNumbers(std::string text, std::initializer_list<std::pair<llvm::StringRef, int64_t>> numbers);

} // namespace tenon::test
