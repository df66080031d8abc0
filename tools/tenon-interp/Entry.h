//===- Entry.h - one call of a function ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "Options.h"
#include "tenon/dialects/common/Eval.h"

namespace tenon {

/// Calls `options.entry`, then prints, writes and compares its outputs. Inputs are named `input0`, ... and
/// outputs `output0`, ...; those of a language model's entries also `tokens` and
/// `logits`; an index alone names a value too. Returns the exit code.
int runEntry(const InterpOptions &options, mlir::ModuleOp module, Evaluator &evaluator);

} // namespace tenon
