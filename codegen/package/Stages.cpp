//===- Stages.cpp - times, progress and dumps of a compile's stages ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Stages.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace tenon::codegen {

void Stages::record(const std::string &stage, double seconds) {
  std::lock_guard<std::mutex> guard(lock);
  times.push_back({stage, seconds});
}

Error Stages::dump(unsigned order, const Twine &name, StringRef contents) {
  if (!dumps())
    return Error::success();
  SmallString<128> path(options.dumpDir);
  std::error_code error = sys::fs::create_directories(path);
  sys::path::append(path, formatv("{0,0+2}-{1}", order, name.str()).str());
  if (!error) {
    raw_fd_ostream stream(path, error);
    if (!error)
      stream << contents;
  }
  if (error)
    return compileError(FailureKind::Usage, "cannot write '" + path + "': " + error.message());
  return Error::success();
}

Error Stages::dump(unsigned order, const Twine &name, mlir::ModuleOp module) {
  return dumps() ? dump(order, name, printModule(module)) : Error::success();
}

void Stages::progress(StringRef part, double weight, double done) {
  if (!options.progress)
    return;
  std::lock_guard<std::mutex> guard(lock);
  parts[part] = weight * done;
  double total = 0;
  for (const auto &entry : parts)
    total += entry.second;
  options.progress(part, std::min(total, 1.0));
}

std::string printModule(mlir::ModuleOp module) {
  std::string text;
  raw_string_ostream stream(text);
  module.print(stream, mlir::OpPrintingFlags().enableDebugInfo());
  stream << '\n';
  return text;
}

} // namespace tenon::codegen
