//===- HtmlReport.h - what --report writes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_COMPILE_HTMLREPORT_H
#define TENON_TOOLS_COMPILE_HTMLREPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "tenon/codegen/package/Compile.h"

namespace tenon {

/// One page without references to anything outside it: sizes, memory, kernels with their contents and how often they run, weights by
/// format, times of the stages, and remarks. `module` is the compiled module at the host level, which still holds the kernels.
llvm::Error writeHtmlReport(llvm::StringRef path, mlir::ModuleOp module, const codegen::CompileResult &result,
                            llvm::ArrayRef<std::string> remarks, double tokensPerSecond);

} // namespace tenon

#endif // TENON_TOOLS_COMPILE_HTMLREPORT_H
