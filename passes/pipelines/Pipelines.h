//===- Pipelines.h - the order of passes, as text ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A pipeline is a file of this folder: one pass a line, `#` and the reason after it. The files are embedded when the compiler is
// built. `$name` stands for a value that the user of the pipeline gives, such as the target. `tenon-opt --tenon-kernel-pipeline`
// runs kernel.pipeline on an MLIR file.

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace tenon {

/// A value that stands for `$name` in a pipeline.
struct PipelineValue {
  llvm::StringRef name;
  llvm::StringRef value;
};

/// The names of the embedded pipelines, in the order of the alphabet.
llvm::ArrayRef<llvm::StringRef> pipelineNames();

/// The embedded text of a pipeline, with its comments.
std::optional<llvm::StringRef> findPipeline(llvm::StringRef name);

/// The passes of a pipeline's text in the form that `mlir::parsePassPipeline` reads: without comments, separated by commas.
std::string passesOf(llvm::StringRef text, llvm::ArrayRef<PipelineValue> values = {});

/// Registers `--tenon-NAME-pipeline` for every embedded pipeline. The passes must be registered too.
void registerPipelines();

} // namespace tenon
