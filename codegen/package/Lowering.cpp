//===- Lowering.cpp - text pipelines and the step to LLVM IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Lowering.h"

#include "llvm/IR/Module.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/Timing.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "tenon/dialects/AllDialects.h"
#include "tenon/dialects/UpstreamDialects.h"
#include "tenon/passes/AllPasses.h"
#include <mutex>

using namespace mlir;

namespace tenon::codegen {

void registerCompilerDialects(DialectRegistry &registry) {
  registerAllTenonDialects(registry);
  registerUpstreamDialects(registry);
  registerAllExtensions(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
}

void registerCompilerPasses() {
  static std::once_flag once;
  std::call_once(once, [] {
    registerTransformsPasses();
    registerConversionPasses();
    arith::registerArithPasses();
    memref::registerMemRefPasses();
    registerAllTenonPasses();
  });
}

LogicalResult runPipeline(ModuleOp module, StringRef text, TimingScope *timing) {
  registerCompilerPasses();
  std::string message;
  llvm::raw_string_ostream stream(message);
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  if (failed(parsePassPipeline(text, manager, stream)))
    return module.emitError("the pipeline cannot be read: ") << message;
#ifdef NDEBUG
  manager.enableVerifier(false);
#endif
  if (timing)
    manager.enableTiming(*timing);
  return manager.run(module);
}

FailureOr<std::unique_ptr<llvm::Module>> translateToLLVM(ModuleOp module, llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> translated = translateModuleToLLVMIR(module, context, "tenon");
  if (!translated)
    return module.emitError("the module cannot be translated to LLVM IR");
  return translated;
}

} // namespace tenon::codegen
