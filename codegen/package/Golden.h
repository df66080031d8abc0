//===- Golden.h - the data by which an artifact tests itself ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A few fixed tokens and some of the logits that they give. For small models the evaluator says what is right; evaluating a large one would
// take longer than compiling it, so there the code that was just compiled says it, and the self-test proves that other machines and
// instruction sets agree with it. The manifest records which it was.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_PACKAGE_GOLDEN_H
#define TENON_CODEGEN_PACKAGE_GOLDEN_H

#include "llvm/Support/Error.h"
#include "mlir/IR/BuiltinOps.h"
#include "tenon/codegen/package/Facts.h"
#include <vector>

namespace tenon::codegen {

/// Logits of every position of a token sequence: logits[position * vocabulary + token].
struct GoldenRun {
  std::vector<int32_t> tokens;
  std::vector<float> logits;
};

/// The tokens that golden data is made with, for a model of this vocabulary and context.
std::vector<int32_t> goldenTokens(int64_t vocabulary, int64_t context);

/// Whether a model is so small that its golden data comes from the evaluator.
bool isCheapToEvaluate(mlir::ModuleOp module);

/// Runs entry @forward of a graph-level module by the evaluator. Nothing if the module is no language model with such an entry.
mlir::FailureOr<GoldenRun> evaluateGolden(mlir::ModuleOp module, llvm::StringRef folder);

/// Runs the code `code` of the artifact at `path`. Nothing if this machine cannot run it.
llvm::Expected<std::optional<GoldenRun>> executeGolden(const std::string &path, const std::string &code, const ModuleFacts &facts);

/// The bytes of a golden file (runtime/abi.h): the largest logit of each position and a few others. Values may differ by `share` of the
/// largest magnitude among them.
std::string goldenFile(const GoldenRun &run, double share);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_GOLDEN_H
