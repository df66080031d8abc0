//===- CompileTarget.cpp - a planned module becomes code for one target ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The planned module travels as text: it is small, every target gets its own copy in its own context without locks, and the text form is
// tested with each compile.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/CompileTarget.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "mlir/Parser/Parser.h"
#include "tenon/codegen/nvptx/PtxText.h"
#include "tenon/codegen/package/Descriptor.h"
#include "tenon/codegen/package/DiagnosticText.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/passes/pipelines/Pipelines.h"
#include "tenon/runtime/abi.h"

using namespace llvm;

namespace tenon::codegen {

namespace {
/// One target's way from the planned module to bytes.
class TargetCompile {
public:
  TargetCompile(const ModuleFacts &facts, const Target &target, const CompileOptions &options, Stages &stages)
      : facts(facts), target(target), options(options), stages(stages), context(mlir::MLIRContext::Threading::DISABLED) {
    mlir::DialectRegistry registry;
    registerCompilerDialects(registry);
    context.appendDialectRegistry(registry);
    context.printOpOnDiagnostic(false);
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) { collect(diagnostic); });
  }

  Expected<TargetCode> run(StringRef planned);

private:
  void collect(mlir::Diagnostic &diagnostic);
  /// Runs a pipeline of passes/pipelines and dumps what it made.
  Error lower(StringRef pipeline, unsigned order);
  Expected<Bytes> compileLLVM();
  /// A GPU's way: kernels become PTX text, the host program is only read.
  Expected<TargetCode> compileGpu();
  /// A shared object that only describes: kernels, launches, and what every code object says.
  Expected<Bytes> compileProgram(const DeviceProgram &program);
  Error failure(FailureKind kind = FailureKind::Internal) {
    return compileError(kind, "no code can be made for " + target.name + '\n' + StringRef(diagnostics).rtrim());
  }
  Bytes text() {
    std::string printed = printModule(*module);
    return Bytes(printed.begin(), printed.end());
  }

  const ModuleFacts &facts;
  const Target &target;
  const CompileOptions &options;
  Stages &stages;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string diagnostics;
};
} // namespace

void TargetCompile::collect(mlir::Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
    diagnostics += diagnosticText(diagnostic);
}

Error TargetCompile::lower(StringRef pipeline, unsigned order) {
  {
    Stages::Timer timer = stages.time(target.name + " " + pipeline);
    std::string passes = passesOf(*findPipeline(pipeline), {{"target", target.name}});
    // A kernel that no emitter takes is the model's matter, all that comes after is ours.
    if (failed(runPipeline(*module, passes)))
      return failure(pipeline.ends_with("loops") ? FailureKind::Unsupported : FailureKind::Internal);
  }
  return stages.dump(order, target.name + "-" + pipeline + ".mlir", *module);
}

Expected<TargetCode> TargetCompile::run(StringRef planned) {
  {
    Stages::Timer timer = stages.time(target.name + " parse");
    module = mlir::parseSourceString<mlir::ModuleOp>(planned, &context);
  }
  if (!module)
    return failure();
  if (target.isGpu())
    return compileGpu();
  if (Error error = lower("loops", 5))
    return error;
  if (options.emit == EmitLevel::Loops)
    return TargetCode{text(), {}};
  if (Error error = lower("vector", 6))
    return error;
  if (options.emit == EmitLevel::Vector)
    return TargetCode{text(), {}};
  if (Error error = lower("llvm", 7))
    return error;
  Expected<Bytes> code = compileLLVM();
  if (!code)
    return code.takeError();
  return TargetCode{std::move(*code), {}};
}

Expected<Bytes> TargetCompile::compileLLVM() {
  LLVMContext llvmContext;
  llvmContext.setDiscardValueNames(!stages.dumps() && options.emit != EmitLevel::LLVM);
  auto translated = translateToLLVM(*module, llvmContext);
  if (failed(translated))
    return failure();
  module = nullptr;
  Module &code = **translated;
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine({target.triple, target.cpu, target.featureString()});
  if (!machine)
    return machine.takeError();
  code.setDataLayout((*machine)->createDataLayout());
  if (Error error = emitDescriptor(code, facts, target))
    return error;
  {
    Stages::Timer timer = stages.time(target.name + " optimise");
    optimizeModule(code, **machine);
  }
  if (stages.dumps() || options.emit == EmitLevel::LLVM) {
    std::string printed;
    raw_string_ostream(printed) << code;
    if (options.emit == EmitLevel::LLVM)
      return Bytes(printed.begin(), printed.end());
    if (Error error = stages.dump(8, target.name + ".ll", printed))
      return error;
  }

  Stages::Timer timer = stages.time(target.name + " code");
  MachineCode kind = options.emit == EmitLevel::Assembly ? MachineCode::Assembly : MachineCode::Object;
  Expected<Bytes> object = emitMachineCode(code, **machine, kind);
  if (!object || options.emit == EmitLevel::Assembly || options.emit == EmitLevel::Object)
    return object;
  return linkSharedObject(*object, {TENON_ABI_SYMBOL});
}

Expected<Bytes> TargetCompile::compileProgram(const DeviceProgram &program) {
  LLVMContext llvmContext;
  Module code("tenon", llvmContext);
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine({"x86_64-unknown-linux-gnu", "x86-64", ""});
  if (!machine)
    return machine.takeError();
  code.setTargetTriple((*machine)->getTargetTriple());
  code.setDataLayout((*machine)->createDataLayout());
  emitDeviceDescriptor(code, facts, target, program);
  Expected<Bytes> object = emitMachineCode(code, **machine, MachineCode::Object);
  return object ? linkSharedObject(*object, {TENON_ABI_SYMBOL}) : std::move(object);
}

Expected<TargetCode> TargetCompile::compileGpu() {
  if (Error error = lower("gpu-loops", 5))
    return error;
  if (options.emit == EmitLevel::Loops)
    return TargetCode{text(), {}};
  mlir::FailureOr<DeviceProgram> program = collectDeviceProgram(*module, facts);
  if (failed(program))
    return failure();
  if (Error error = lower("gpu-llvm", 6))
    return error;
  auto device = *module->getOps<mlir::gpu::GPUModuleOp>().begin();
  std::string printed;
  auto inspect = [&](Module &code) -> Error {
    if (!stages.dumps() && options.emit != EmitLevel::LLVM)
      return Error::success();
    raw_string_ostream(printed) << code;
    return stages.dump(8, target.name + ".ll", printed);
  };
  Stages::Timer timer = stages.time(target.name + " code");
  Expected<std::string> ptx = nvptx::ptxText(device, target, inspect);
  if (!ptx)
    return compileError(FailureKind::Unsupported, "no code can be made for " + target.name + '\n' + toString(ptx.takeError()));
  if (options.emit == EmitLevel::LLVM)
    return TargetCode{Bytes(printed.begin(), printed.end()), {}};
  if (Error error = stages.dump(9, target.name + ".ptx", *ptx))
    return error;
  Bytes text(ptx->begin(), ptx->end());
  if (options.emit == EmitLevel::Assembly || options.emit == EmitLevel::Ptx)
    return TargetCode{std::move(text), {}};
  Expected<Bytes> object = compileProgram(*program);
  if (!object)
    return object.takeError();
  return TargetCode{std::move(*object), std::move(text)};
}

Expected<TargetCode> compileTarget(StringRef planned, const ModuleFacts &facts, const Target &target, const CompileOptions &options,
                                   Stages &stages) {
  return TargetCompile(facts, target, options, stages).run(planned);
}

} // namespace tenon::codegen
