//===- Generation.h - a language model's answer ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "Options.h"
#include "tenon/dialects/common/Eval.h"
#include "tenon/frontends/Import.h"

namespace tenon {

/// Feeds the input; writes its logits if asked to and prints what the model generates. Returns the exit code.
int runGeneration(const InterpOptions &options, const ModelFiles &files, mlir::ModuleOp module, Evaluator &evaluator);

} // namespace tenon
