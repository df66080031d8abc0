//===- Object.cpp - LLVM IR to optimised machine code -----------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels come with their loops tiled and unrolled and their bodies in machine-width vectors, so LLVM's part is clean-up of scalars and
// addresses, and code generation. Its -O2 pipeline takes four times as long for code of the same size and speed (SmolLM2's kernels: 0.39 s
// against 0.10 s), and its vectorisers and unroller can only disturb loops that were shaped on purpose.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/Object.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>

using namespace llvm;

namespace tenon::codegen {

static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
  });
}

Expected<std::unique_ptr<TargetMachine>> createTargetMachine(const Machine &machine) {
  initializeTargets();
  std::string message;
  Triple triple(machine.triple);
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("no code generator for '" + machine.triple + "': " + message);
  TargetOptions options;
  options.UniqueSectionNames = false;
  std::unique_ptr<TargetMachine> created(target->createTargetMachine(triple, machine.cpu, machine.features, options, Reloc::PIC_,
                                                                     CodeModel::Small, CodeGenOptLevel::Default));
  if (!created)
    return createStringError("the code generator for '" + machine.triple + "' cannot be created");
  return created;
}

/// LLVM's passes, in order.
static constexpr StringLiteral optimizations[] = {"function<eager-inv>(sroa<modify-cfg>,early-cse<memssa>,simplifycfg,instcombine<no-"
                                                  "verify-fixpoint>)", // memref descriptors become their parts
                                                  "deadargelim",       // of which kernels use few
                                                  "function<eager-inv>(loop-mssa(loop-rotate,licm),instcombine<no-verify-fixpoint>,"
                                                  "simplifycfg)", // addresses leave the loops
                                                  "globaldce"};

void optimizeModule(Module &module, TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr(Attribute::NoUnwind);
  }

  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraph;
  ModuleAnalysisManager modules;
  // No library function may be introduced, apart from the memory intrinsics' own: the code stands alone.
  TargetLibraryInfoImpl library(machine.getTargetTriple());
  library.disableAllFunctions();
  functions.registerPass([&] { return TargetLibraryAnalysis(library); });

  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  ModulePassManager passes;
  cantFail(builder.parsePassPipeline(passes, join(ArrayRef(optimizations), ",")));
  passes.run(module, modules);
}

Expected<Bytes> emitMachineCode(Module &module, TargetMachine &machine, MachineCode kind) {
  Bytes bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  CodeGenFileType type = kind == MachineCode::Object ? CodeGenFileType::ObjectFile : CodeGenFileType::AssemblyFile;
  if (machine.addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr, type))
    return createStringError("the code generator for '" + machine.getTargetTriple().str() + "' cannot write this kind of file");
  passes.run(module);
  return bytes;
}

} // namespace tenon::codegen
