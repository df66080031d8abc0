//===- ImportImpl.h - the kinds of model files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Import.h"
#include "llvm/Support/MemoryBuffer.h"

namespace tenon {

std::unique_ptr<ModelFiles> openGguf(std::unique_ptr<llvm::MemoryBuffer> buffer, llvm::StringRef path, Diagnostics &diagnostics);
std::unique_ptr<ModelFiles> openMlir(std::unique_ptr<llvm::MemoryBuffer> buffer, llvm::StringRef path);

std::unique_ptr<ModelFiles> openHuggingFace(llvm::StringRef path, Diagnostics &diagnostics);

/// What a kind of files says of its model.
struct DescribedModel {
  const ModelSource &source;
  /// The tokens that end generation.
  std::vector<int64_t> endTokens;
  /// Something was reported when the files were opened: there will be no module.
  bool damaged;
};

/// The module of a model by the family that describes its source.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importDescribed(mlir::MLIRContext &context, const ModelFiles &files,
                                                                   const DescribedModel &model, const ImportOptions &options,
                                                                   Diagnostics &diagnostics);

} // namespace tenon
