//===- PtxText.cpp - the LLVM dialect to PTX text ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's -O3 for NVPTX and its code generator, in this process. Upstream's gpu-module-to-binary depends on where a CUDA toolkit is, and so
// would what it makes.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/nvptx/PtxText.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "tenon/codegen/cpu/Object.h"
#include "tenon/codegen/nvptx/PtxRequirements.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Program.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace llvm;

namespace tenon::codegen {

/// Pairs of floats in one instruction (sm_100) are not known to the emulator, so kernels would not be checked: single ones it is.
static void avoidFloatPairs() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (cl::Option *option = cl::getRegisteredOptions().lookup("nvptx-no-f32x2"))
      static_cast<cl::opt<bool> *>(option)->setValue(true);
  });
}

static void optimize(Module &module, TargetMachine &machine) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraph;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3).run(module, modules);
}

Expected<std::string> nvptx::ptxText(mlir::gpu::GPUModuleOp device, const Target &target, const std::function<Error(Module &)> &inspect) {
  LLVMContext context;
  std::unique_ptr<Module> module = mlir::translateModuleToLLVMIR(device, context, "tenon");
  if (!module)
    return createStringError("the kernels cannot be translated to LLVM IR");
  auto machineFor = [&](int64_t ptx) { return createTargetMachine({target.triple, target.cpu, "+ptx" + std::to_string(ptx)}); };
  avoidFloatPairs();
  auto first = machineFor(target.gpu->minimumPtx);
  if (!first)
    return first.takeError();
  module->setTargetTriple((*first)->getTargetTriple());
  module->setDataLayout((*first)->createDataLayout());
  optimize(*module, **first);
  if (inspect)
    if (Error error = inspect(*module))
      return std::move(error);
  // Looked up behind the optimiser, whose code the generator sees.
  Expected<int64_t> ptx = requiredPtx(*module, target);
  if (!ptx)
    return ptx.takeError();
  auto machine = machineFor(*ptx);
  if (!machine)
    return machine.takeError();
  Expected<Bytes> text = emitMachineCode(*module, **machine, MachineCode::Assembly);
  if (!text)
    return text.takeError();
  return std::string(text->begin(), text->end());
}

std::string nvptx::findPtxas() {
  if (ErrorOr<std::string> found = sys::findProgramByName("ptxas"))
    return *found;
  ErrorOr<std::string> found = sys::findProgramByName("ptxas", {"/usr/local/cuda/bin"});
  return found ? *found : "";
}

} // namespace tenon::codegen
