//===- Compile.cpp - a model's module becomes an artifact ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all targets share (graph, kernels, places in memory) is done once. Then the weights are packed into the artifact while every
// target's code is compiled; nothing of that depends on the order in which threads finish.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/Compile.h"

#include "tenon/codegen/package/CompileTarget.h"
#include "tenon/codegen/package/Golden.h"
#include "tenon/codegen/package/Lowering.h"
#include "tenon/codegen/package/Manifest.h"
#include "tenon/codegen/package/SourceHash.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/passes/pipelines/Pipelines.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include <future>
#include <thread>

using namespace llvm;

namespace tenon::codegen {

char CompileError::ID;

Error compileError(FailureKind kind, const Twine &message) {
  return make_error<CompileError>(kind, message.str());
}

static constexpr StringLiteral levelNames[] = {"graph", "program", "kernel", "loops", "vector", "llvm",
                                               "asm",   "ptx",     "obj",    "so",    "bundle"};

StringRef nameOf(EmitLevel level) {
  return levelNames[int(level)];
}

std::optional<EmitLevel> findEmitLevel(StringRef name) {
  const auto *it = find(levelNames, name);
  return it == std::end(levelNames) ? std::nullopt : std::optional<EmitLevel>(EmitLevel(it - levelNames));
}

std::string compilerVersion() {
  return "tenon 0.1.0 (LLVM " LLVM_VERSION_STRING ")";
}

namespace {
// Shares of the whole that the parts of a compile take, for progress.
constexpr double graphShare = 0.15, packShare = 0.35, codeShare = 0.45, restShare = 0.05;

/// How far golden logits may be off, as a share of the largest. Sums have one order everywhere, so code agrees with code nearly to the bit;
/// against the evaluator's exact arithmetic, rounded activations turn differences in the last place into whole steps of the rounding.
constexpr double closeTolerance = 1e-4, roundedTolerance = 1e-2;

/// One compile, step by step.
class ModelCompile {
public:
  ModelCompile(mlir::ModuleOp module, const ModelExtras &extras, const CompileOptions &options)
      : module(module), extras(extras), options(options), stages(options) {}
  Expected<CompileResult> run();

private:
  Error findTargets();
  Error lowerShared();
  Error lower(StringRef pipeline, unsigned order, StringRef level);
  Error compileOne();
  Error compileBundle();
  Error planGpus();
  Error compileCodes(StringRef planned);
  Error addMembers(ZipWriter &archive);
  Error addGolden(ZipWriter &archive);
  Error write(StringRef contents);
  bool stopsAt(EmitLevel level) const { return options.emit == level; }

  mlir::ModuleOp module;
  const ModelExtras &extras;
  const CompileOptions &options;
  Stages stages;
  std::vector<Target> targets;
  std::vector<TargetCode> codes; ///< one a target
  std::optional<GoldenRun> evaluated;
  bool roundsActivations = false; ///< some linear rounds its input
  CompileResult result;
};
} // namespace

Error ModelCompile::findTargets() {
  for (const std::string &name : options.targets) {
    std::optional<Target> target = Target::find(name);
    if (!target)
      return compileError(FailureKind::Usage, "there is no target '" + name + "'; there are native, " + join(Target::tableNames(), ", "));
    if (none_of(targets, [&](const Target &other) { return other.name == target->name; }))
      targets.push_back(*target);
  }
  if (targets.empty())
    return compileError(FailureKind::Usage, "expects at least one target");
  // Code for one GPU alone is of no use on any other.
  bool isForOne = any_of(targets, [](const Target &target) { return target.isGpu() && StringRef(target.name).ends_with("a"); });
  if (isForOne && stopsAt(EmitLevel::Bundle) && !options.planOnly &&
      none_of(targets, [](const Target &target) { return target.name == "sm_80"; }))
    targets.push_back(*Target::find("sm_80"));
  return Error::success();
}

Error ModelCompile::write(StringRef contents) {
  std::error_code error;
  raw_fd_ostream stream(options.output, error);
  if (!error) {
    stream << contents;
    stream.flush();
    error = stream.error();
    stream.clear_error();
  }
  return error ? compileError(FailureKind::Usage, "cannot write '" + options.output + "': " + error.message()) : Error::success();
}

Error ModelCompile::lower(StringRef pipeline, unsigned order, StringRef level) {
  {
    Stages::Timer timer = stages.time(pipeline);
    if (failed(runPipeline(module, passesOf(*findPipeline(pipeline)))))
      return compileError(FailureKind::Unsupported, ""); // diagnosed
  }
  return stages.dump(order, level + ".mlir", module);
}

/// Graph to planned host program; stops early when only a level above is asked for.
Error ModelCompile::lowerShared() {
  if (Error error = stages.dump(1, "graph.mlir", module))
    return error;
  if (stopsAt(EmitLevel::Graph))
    return Error::success();
  if (Error error = lower("graph", 2, "program"))
    return error;
  if (stopsAt(EmitLevel::Program))
    return Error::success();
  if (Error error = lower("kernel", 3, "kernel"))
    return error;
  if (stopsAt(EmitLevel::Kernel))
    return Error::success();
  return lower("host", 4, "host");
}

Error ModelCompile::compileOne() {
  if (stopsAt(EmitLevel::Ptx) && !targets[0].isGpu())
    return compileError(FailureKind::Usage, "PTX is code of a GPU, but '" + targets[0].name + "' is a CPU");
  Expected<TargetCode> code = compileTarget(printModule(module), result.facts, targets[0], options, stages);
  if (!code)
    return code.takeError();
  return write(StringRef(code->object.data(), code->object.size()));
}

/// Compiles all targets, as many at once as there are threads.
Error ModelCompile::compileCodes(StringRef planned) {
  codes.resize(targets.size());
  std::atomic<size_t> next = 0, finished = 0;
  std::mutex lock;
  Error failure = Error::success();
  auto work = [&] {
    for (size_t index; (index = next++) < targets.size();) {
      Expected<TargetCode> code = compileTarget(planned, result.facts, targets[index], options, stages);
      std::lock_guard<std::mutex> guard(lock);
      if (code)
        codes[index] = std::move(*code);
      else
        failure = joinErrors(std::move(failure), code.takeError());
      stages.progress("code", codeShare, double(++finished) / double(targets.size()));
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::min<size_t>(options.threads, targets.size()); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
  return failure;
}

Error ModelCompile::addGolden(ZipWriter &archive) {
  if (!result.facts.generate)
    return Error::success();
  Stages::Timer timer = stages.time("golden");
  double tolerance = evaluated && roundsActivations ? roundedTolerance : closeTolerance;
  std::optional<GoldenRun> run = std::move(evaluated);
  result.goldenSource = "evaluator";
  // The most portable code that runs here makes the data, whatever else is in the artifact.
  for (StringRef name : {"x86-64-v3", "x86-64-v4", "native"}) {
    if (run || none_of(targets, [&](const Target &target) { return target.name == name; }))
      continue;
    if (Error error = archive.checkpoint())
      return error;
    Expected<std::optional<GoldenRun>> executed = executeGolden(archive.temporaryPath(), name.str(), result.facts);
    if (!executed)
      return executed.takeError();
    run = std::move(*executed);
    result.goldenSource = name.str() + " code";
  }
  if (!run) {
    result.goldenSource = "";
    return options.strict ? compileError(FailureKind::Unsupported, "no golden data: this machine runs none of the targets")
                          : Error::success();
  }
  return archive.addText("golden/forward.bin", goldenFile(*run, tolerance));
}

Error ModelCompile::addMembers(ZipWriter &archive) {
  for (auto [target, code] : zip_equal(targets, codes)) {
    result.codes.push_back({target.name, code.object.size() + code.ptx.size()});
    if (Error error = archive.add("code/" + target.name + ".so", ArrayRef<char>(code.object)))
      return error;
    if (!code.ptx.empty())
      if (Error error = archive.add("code/" + target.name + ".ptx", ArrayRef<char>(code.ptx)))
        return error;
  }
  StringRef tokenizer(reinterpret_cast<const char *>(extras.tokenizer.data()), extras.tokenizer.size());
  if (!tokenizer.empty())
    if (Error error = archive.addText("tokenizer.bin", tokenizer))
      return error;
  if (Error error = addGolden(archive))
    return error;
  SmallVector<std::pair<std::string, std::string>> pipelines;
  for (StringRef name : pipelineNames())
    pipelines.push_back({name.str(), passesOf(*findPipeline(name))});
  if (Error error = archive.addText("provenance.json", provenanceText(result, extras, pipelines)))
    return error;
  return archive.addText("manifest.json", manifestText(result));
}

Error ModelCompile::compileBundle() {
  Expected<ZipWriter> archive = ZipWriter::create(options.output);
  if (!archive)
    return compileError(FailureKind::Usage, toString(archive.takeError()));
  Expected<ZipWriter::Reservation> weights = archive->reserve("weights/packed.bin", result.facts.weightsBytes);
  if (!weights)
    return compileError(FailureKind::Resource, toString(weights.takeError()));

  auto packing = std::async(std::launch::async, [&]() -> std::string {
    Stages::Timer timer = stages.time("pack weights");
    PackOptions pack = {options.threads,
                        [&](uint64_t written, uint64_t total) { stages.progress("weights", packShare, double(written) / double(total)); }};
    auto rounding = packWeights(result.facts.weights, result.facts.weightsBytes, *archive, *weights, pack);
    if (rounding)
      result.rounding = std::move(*rounding);
    return toString(rounding.takeError());
  });
  Error codeError = compileCodes(printModule(module));
  std::string packError = packing.get();
  if (codeError)
    return codeError;
  if (!packError.empty())
    return compileError(FailureKind::Unsupported, packError);

  if (Error error = addMembers(*archive))
    return error;
  Expected<uint64_t> bytes = archive->finish();
  if (!bytes)
    return compileError(FailureKind::Resource, toString(bytes.takeError()));
  result.fileBytes = *bytes;
  stages.progress("rest", restShare, 1);
  return Error::success();
}

Error ModelCompile::planGpus() {
  for (const Target &target : targets) {
    if (!target.isGpu())
      continue;
    Stages::Timer timer = stages.time("plan " + target.name);
    Expected<GpuPlan> plan = planForGpu(printModule(module), result.facts, target);
    if (!plan)
      return plan.takeError();
    result.gpuPlans.push_back(std::move(*plan));
  }
  return Error::success();
}

Expected<CompileResult> ModelCompile::run() {
  if (Error error = findTargets())
    return std::move(error);
  std::future<Expected<std::string>> hash = std::async(std::launch::async, [&]() -> Expected<std::string> {
    Stages::Timer timer = stages.time("hash source");
    // A plan reads no weights.
    return extras.sourcePath.empty() || options.planOnly ? std::string("none") : hashSource(extras.sourcePath);
  });
  roundsActivations =
      module
          .walk([](nn::LinearOpInterface op) {
            return op.getEffectiveActivation() == nn::Activation::f32 ? mlir::WalkResult::advance() : mlir::WalkResult::interrupt();
          })
          .wasInterrupted();
  if (stopsAt(EmitLevel::Bundle) && !options.planOnly && isCheapToEvaluate(module)) {
    Stages::Timer timer = stages.time("evaluate");
    if (auto golden = evaluateGolden(module, extras.sourceFolder); succeeded(golden))
      evaluated = std::move(*golden);
  }
  Error lowered = lowerShared();
  Expected<std::string> sourceHash = hash.get();
  if (lowered) {
    consumeError(sourceHash.takeError());
    return std::move(lowered);
  }
  if (!sourceHash)
    return compileError(FailureKind::Usage, toString(sourceHash.takeError()));
  stages.progress("graph", graphShare, 1);

  if (options.emit <= EmitLevel::Kernel) {
    if (Error error = write(printModule(module)))
      return std::move(error);
  } else {
    mlir::FailureOr<ModuleFacts> facts = collectFacts(module, extras.sourceFolder);
    if (failed(facts))
      return compileError(FailureKind::Unsupported, ""); // diagnosed
    result.facts = std::move(*facts);
    result.facts.sourceHash = *sourceHash;
    result.facts.compiler = compilerVersion();
    if (result.facts.generate && result.facts.generate->bos < 0)
      result.facts.generate->bos = extras.bos;
    if (Error error = options.planOnly ? planGpus() : stopsAt(EmitLevel::Bundle) ? compileBundle() : compileOne())
      return std::move(error);
  }
  result.times = stages.takeTimes();
  return std::move(result);
}

Expected<CompileResult> compileModel(mlir::ModuleOp module, const ModelExtras &extras, const CompileOptions &options) {
  return ModelCompile(module, extras, options).run();
}

} // namespace tenon::codegen
