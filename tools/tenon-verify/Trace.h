//===- Trace.h - an entry that also returns what every layer made ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace tenon::verify {

/// The name of the function that addTrace makes.
inline constexpr llvm::StringLiteral traceName = "trace";

/// Copies the function `entry` as @trace, which returns, after the entry's results, the tensors that each
/// call of a block in it returns. The answer is the model path of each of these further results; it is empty,
/// and nothing is added, when there is no such function or it calls no blocks.
std::vector<std::string> addTrace(mlir::ModuleOp module, llvm::StringRef entry);

} // namespace tenon::verify
