//===- Stages.h - times, progress and dumps of a compile's stages ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_STAGES_H
#define TENON_CODEGEN_PACKAGE_STAGES_H

#include "llvm/ADT/StringMap.h"
#include "tenon/codegen/package/Compile.h"
#include <chrono>
#include <mutex>

namespace tenon::codegen {

/// Records how long stages take, writes their results to the dump folder and tells progress. Stages of different targets run on different
/// threads; all functions may be called by any of them.
class Stages {
public:
  explicit Stages(const CompileOptions &options) : options(options) {}

  /// Measures from its making to its end.
  class Timer {
  public:
    Timer(Stages &stages, std::string stage) : stages(stages), stage(std::move(stage)), start(std::chrono::steady_clock::now()) {}
    ~Timer() { stages.record(stage, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()); }

  private:
    Stages &stages;
    std::string stage;
    std::chrono::steady_clock::time_point start;
  };
  Timer time(llvm::Twine stage) { return Timer(*this, stage.str()); }

  /// Writes "NN-name" into the dump folder, if there is one. `order` numbers the file, so that names do not depend on threads.
  llvm::Error dump(unsigned order, const llvm::Twine &name, llvm::StringRef contents);
  llvm::Error dump(unsigned order, const llvm::Twine &name, mlir::ModuleOp module);
  bool dumps() const { return !options.dumpDir.empty(); }

  /// Says that a part of the work is done to the share `done`; parts have weights that sum to 1.
  void progress(llvm::StringRef part, double weight, double done);

  std::vector<StageTime> takeTimes() { return std::move(times); }

private:
  void record(const std::string &stage, double seconds);

  const CompileOptions &options;
  std::mutex lock;
  std::vector<StageTime> times;
  llvm::StringMap<double> parts; ///< weighted shares
};

/// A module as text with its locations and everything else that parsing needs.
std::string printModule(mlir::ModuleOp module);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_STAGES_H
