//===- Builder.h - models as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/families/Resolve.h"

namespace tenon {

/// What is not in the model's files.
struct BuildOptions {
  std::string name;
  /// How block-quantised linears read their input.
  nn::Activation activation = nn::Activation::q8;
  /// The most positions of a session.
  int64_t context = 0;
  /// The tokens at which generation stops.
  std::vector<int64_t> endTokens;
};

/// Emits a model: its parameters and state slots as symbols, one function for each different block, and entries. A decoder has `forward`
/// (logits at every position), `next` (at the last one) and the loop `generate`; an encoder has `forward` (hidden states at every
/// position) and, if it pools, `encode` (one vector). Null if the plan cannot be built; why was reported.
mlir::OwningOpRef<mlir::ModuleOp> buildModel(mlir::MLIRContext &context, const ModelPlan &plan, const BuildOptions &options,
                                             Diagnostics &diagnostics);

/// Whether parameters of this format have a type in nn.
bool hasElementType(llvm::StringRef format);

} // namespace tenon
