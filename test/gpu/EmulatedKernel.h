//===- EmulatedKernel.h - a kernel as PTX, run in the emulator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "KernelUnderTest.h"

extern "C" {
#include "tenon/runtime/emu/machine.h"
}

namespace tenon::test {

/// A module with one tile.kernel: compiled to PTX for a GPU, whose stages the emulator runs with all checks on.
class EmulatedKernel : public KernelUnderTest {
public:
  /// Parses and compiles; aborts the test with the diagnostics when that fails. `target` is a GPU of the table.
  EmulatedKernel(llvm::StringRef text, llvm::StringRef target = "sm_80");
  ~EmulatedKernel();
  EmulatedKernel(const EmulatedKernel &) = delete;

  llvm::StringRef ptx() const { return text; }
  tile::StagesAttr stages() const { return launched; }

  /// `threads` is the seed of the order in which warps run. Every finding of the checks is a failure of the test.
  std::vector<Buffer> run(llvm::ArrayRef<KernelArgument> arguments, int64_t tokens, int64_t position = 0, int64_t threads = 1) override;

  /// What the stages of the last run did together.
  const emu_counts &counts() const { return counted; }

private:
  void launch(emu_machine *machine, tile::StageAttr stage, llvm::ArrayRef<uint64_t> parameters, int64_t tokens, uint64_t seed);

  std::string text;
  tile::StagesAttr launched;
  emu_module *program = nullptr;
  emu_counts counted = {};
};

} // namespace tenon::test
