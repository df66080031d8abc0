//===- Lowering.h - text pipelines and the step to LLVM IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_LOWERING_H
#define TENON_CODEGEN_PACKAGE_LOWERING_H

#include "mlir/IR/BuiltinOps.h"
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace mlir {
class TimingScope;
} // namespace mlir

namespace tenon::codegen {

/// Runs the passes of a pipeline's text on a module; failures are diagnosed. `timing`, if given, gets a timer a pass.
mlir::LogicalResult runPipeline(mlir::ModuleOp module, llvm::StringRef text, mlir::TimingScope *timing = nullptr);

/// Translates a module of the LLVM dialect. Its context must have the translations registered (registerCompilerDialects).
mlir::FailureOr<std::unique_ptr<llvm::Module>> translateToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context);

/// Every dialect that a pipeline may read or make, with the interfaces by which they are lowered.
void registerCompilerDialects(mlir::DialectRegistry &registry);

/// Every pass that a pipeline may name, once a process.
void registerCompilerPasses();

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_LOWERING_H
