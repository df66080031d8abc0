//===- Pipelines.cpp - the order of passes, as text ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"

#include <list>

using namespace mlir;

namespace {
struct Pipeline {
  StringRef name;
  StringRef text;
};
constexpr Pipeline pipelines[] = {
#include "tenon/passes/pipelines/Pipelines.inc"
};

struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<std::string> target{*this, "target", llvm::cl::desc("machine to compile for"), llvm::cl::init("x86-64-v4")};
};
} // namespace

ArrayRef<StringRef> tenon::pipelineNames() {
  static const SmallVector<StringRef> names = llvm::map_to_vector(pipelines, [](const Pipeline &pipeline) { return pipeline.name; });
  return names;
}

std::optional<StringRef> tenon::findPipeline(StringRef name) {
  for (const Pipeline &pipeline : pipelines)
    if (pipeline.name == name)
      return pipeline.text;
  return std::nullopt;
}

/// `text` with every `$name` replaced by its value.
static std::string substitute(StringRef text, ArrayRef<tenon::PipelineValue> values) {
  std::string result = text.str();
  for (const tenon::PipelineValue &value : values) {
    std::string name = ("$" + value.name).str();
    for (size_t at = 0; (at = result.find(name, at)) != std::string::npos; at += value.value.size())
      result.replace(at, name.size(), value.value.str());
  }
  return result;
}

std::string tenon::passesOf(StringRef text, ArrayRef<PipelineValue> values) {
  SmallVector<std::string> passes;
  for (StringRef line : llvm::split(text, '\n'))
    if (StringRef pass = line.split('#').first.trim(); !pass.empty())
      passes.push_back(substitute(pass, values));
  return llvm::join(passes, ",");
}

void tenon::registerPipelines() {
  static std::list<PassPipelineRegistration<PipelineOptions>> registrations;
  if (!registrations.empty())
    return;
  for (const Pipeline &pipeline : pipelines) {
    auto build = [&pipeline](OpPassManager &manager, const PipelineOptions &options) {
      std::string passes = passesOf(pipeline.text, {{"target", options.target}});
      if (failed(parsePassPipeline(passes, manager, llvm::errs())))
        llvm::report_fatal_error("the embedded pipeline '" + pipeline.name + "' cannot be read");
    };
    static std::list<std::string> names; // The registry keeps references.
    names.push_back(("tenon-" + pipeline.name + "-pipeline").str());
    registrations.emplace_back(names.back(), "runs the passes of passes/pipelines", build);
  }
}
