//===- GpuPlan.cpp - the times to expect of a model on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/GpuPlan.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Parser/Parser.h"
#include "tenon/codegen/package/Compile.h"
#include "tenon/codegen/package/DiagnosticText.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/passes/pipelines/Pipelines.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace tenon::codegen {

/// A step after so many positions, and a prompt of as many tokens.
static constexpr int64_t planPositions = 512;

double GpuCallPlan::seconds() const {
  double sum = 0;
  for (const GpuKernelPlan &kernel : kernels)
    sum += double(kernel.launches) * kernel.time.seconds;
  return sum;
}

double GpuCallPlan::bytes() const {
  double sum = 0;
  for (const GpuKernelPlan &kernel : kernels)
    sum += double(kernel.launches) * kernel.work.bytes();
  return sum;
}

static int64_t blocksOf(tile::StageAttr stage, int64_t rows) {
  int64_t blocks = 1;
  for (auto [count, each] : zip(stage.getGrid(), stage.getRows()))
    blocks *= count * (each ? int64_t(divideCeil(rows, each)) : 1);
  return blocks;
}

/// The stage with the most threads does the work; the others only have to be launched.
static GpuLaunchShape shapeOf(tile::StagesAttr stages, int64_t rows) {
  GpuLaunchShape shape{.blocks = 0, .threads = 0};
  for (tile::StageAttr stage : stages.getStages()) {
    int64_t blocks = blocksOf(stage, rows), threads = mlir::computeProduct(stage.getThreads());
    if (blocks * threads > shape.blocks * shape.threads)
      shape = {.blocks = blocks, .threads = threads, .sharedBytes = stage.getShared()};
  }
  return shape;
}

/// Whether a function of a kernel's stages multiplies fragments.
static bool usesTensorCores(mlir::ModuleOp module, tile::StagesAttr stages) {
  bool found = false;
  module.walk([&](mlir::LLVM::LLVMFuncOp function) {
    if (none_of(stages.getStages(), [&](tile::StageAttr stage) { return stage.getName() == function.getSymNameAttr(); }))
      return;
    function.walk([&](mlir::Operation *op) {
      StringRef name = op->getName().getStringRef();
      found |= name == "nvvm.mma.sync" || name.starts_with("nvvm.wgmma.mma");
    });
  });
  return found;
}

namespace {
/// Plans calls of a module whose kernels have been emitted for the target.
class CallPlanner {
public:
  CallPlanner(mlir::ModuleOp module, const GpuFacts &gpu) : module(module), gpu(gpu) {}
  GpuCallPlan plan(const EntryFact &entry, int64_t rows, int64_t positions);

private:
  GpuKernelPlan planKernel(const LaunchFact &launch, int64_t rows, int64_t positions);

  mlir::ModuleOp module;
  const GpuFacts &gpu;
};
} // namespace

GpuKernelPlan CallPlanner::planKernel(const LaunchFact &launch, int64_t rows, int64_t positions) {
  auto kernel = module.lookupSymbol<tile::KernelOp>(launch.kernel);
  tile::StagesAttr stages = kernel.getStagesAttr();
  GpuKernelPlan plan{launch.kernel, launch.path};
  plan.work = workOf(kernel, rows, positions);
  plan.shape = shapeOf(stages, rows);
  plan.onTensorCores = usesTensorCores(module, stages);
  plan.time = predictTime(plan.work, plan.shape, plan.onTensorCores, gpu);
  plan.time.seconds += double(stages.getStages().size() - 1) * gpuLaunchSeconds;
  return plan;
}

GpuCallPlan CallPlanner::plan(const EntryFact &entry, int64_t rows, int64_t positions) {
  GpuCallPlan call{entry.name, rows, positions};
  StringMap<size_t> known;
  for (const LaunchFact &launch : entry.launches) {
    auto [it, isNew] = known.try_emplace(launch.kernel, call.kernels.size());
    if (isNew)
      call.kernels.push_back(planKernel(launch, rows, positions));
    ++call.kernels[it->second].launches;
  }
  return call;
}

Expected<GpuPlan> planForGpu(StringRef planned, const ModuleFacts &facts, const Target &target) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  std::string diagnostics;
  context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      diagnostics += diagnosticText(diagnostic);
  });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(planned, &context);
  if (!module || failed(runPipeline(*module, passesOf(*findPipeline("gpu-loops"), {{"target", target.name}}))))
    return compileError(FailureKind::Unsupported, "no code can be made for " + target.name + '\n' + StringRef(diagnostics).rtrim());

  GpuPlan plan{target};
  CallPlanner planner(*module, *target.gpu);
  if (!facts.generate) {
    for (const EntryFact &entry : facts.entries)
      plan.calls.push_back(planner.plan(entry, planPositions, 0));
    return plan;
  }
  const EntryFact &step = facts.entries[size_t(facts.generate->stepEntry)];
  plan.calls.push_back(planner.plan(step, 1, planPositions));
  plan.calls.push_back(planner.plan(step, planPositions, 0));
  return plan;
}

} // namespace tenon::codegen
