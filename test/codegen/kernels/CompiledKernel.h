//===- CompiledKernel.h - a kernel compiled and run in this process ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "KernelUnderTest.h"

namespace tenon::test {

/// A module with one tile.kernel: compiled for a target as a function of this process.
class CompiledKernel : public KernelUnderTest {
public:
  /// Parses and compiles; aborts the test with the diagnostics when that fails. `target` is a row of the table or "native".
  CompiledKernel(llvm::StringRef text, llvm::StringRef target = "native");
  ~CompiledKernel();
  CompiledKernel(const CompiledKernel &) = delete;

  /// By compiled code that `threads` threads call one after the other.
  std::vector<Buffer> run(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position = 0, int64_t threads = 1) override;

  /// Calls compiled code `times` times on one thread and the same buffers.
  void runMany(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position, int64_t times);

private:
  struct Call;
  Call prepare(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position);

  void *library = nullptr;
  void *function = nullptr;
};

/// The targets of the table that this machine runs.
std::vector<std::string> runnableTargets();

} // namespace tenon::test
