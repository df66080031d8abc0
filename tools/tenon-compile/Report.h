//===- Report.h - progress and results of tenon-compile ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_COMPILE_REPORT_H
#define TENON_TOOLS_COMPILE_REPORT_H

#include "llvm/Support/raw_ostream.h"
#include "tenon/codegen/package/Compile.h"

namespace tenon {

/// A bar on the terminal that standard error is; nothing elsewhere.
class ProgressBar {
public:
  ProgressBar();
  ~ProgressBar();
  void show(llvm::StringRef stage, double done);
  void clear();

private:
  bool visible;
  int shownPercent = -1;
};

/// "93.6 MiB".
std::string sizeText(double bytes);

/// One line: targets, file size, arena and state at the context length, expected speed.
void printSummary(llvm::raw_ostream &stream, const codegen::CompileResult &result, llvm::StringRef output, double tokensPerSecond);

/// What --plan prints.
void printPlan(llvm::raw_ostream &stream, const codegen::CompileResult &result, llvm::ArrayRef<std::string> targets,
               double tokensPerSecond);

/// What --timing prints: stages in the order in which they ended.
void printTimes(llvm::raw_ostream &stream, const codegen::CompileResult &result, double total);

} // namespace tenon

#endif // TENON_TOOLS_COMPILE_REPORT_H
