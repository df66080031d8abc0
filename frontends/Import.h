//===- Import.h - model files as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one way from a file that a user has to a module. What kind of file it is shows in its bytes, never in its
// name. Weights stay where they are: the module names their file and offset.

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/ModelSource.h"
#include "tenon/frontends/tokenizer/Tokenizer.h"

#include <memory>

namespace tenon {

struct ImportOptions {
  /// How block-quantised linears read their input.
  nn::Activation activations = nn::Activation::q8;
  /// The most positions of a session, at most what the model was made for; 0 takes that.
  int64_t maxContext = 0;
  /// A descriptor to use instead of the built-in ones; empty for none.
  std::string familyFile;
  /// The format that matrices of floats are rounded to; empty keeps theirs.
  std::string weights;
  /// A configuration without weights is enough.
  bool planOnly = false;
};

/// The files of one model, open and checked.
class ModelFiles {
public:
  enum class Kind { Gguf, HuggingFace, Mlir };

  virtual ~ModelFiles() = default;

  /// Opens what is at `path`. Null if nothing can be read from it; otherwise the problems so far were reported
  /// and an import will report the rest.
  static std::unique_ptr<ModelFiles> open(llvm::StringRef path, Diagnostics &diagnostics);

  Kind kind() const { return fileKind; }
  /// The path that it was opened with; parameters name their file by it.
  llvm::StringRef path() const { return filePath; }
  /// The folder that relative sources of parameters are looked for in: an MLIR file's parameters are beside it, an imported module names
  /// its file as the user did.
  llvm::StringRef parameterFolder() const;
  /// The model's name for people: what the file says, or else the file's name.
  llvm::StringRef name() const { return modelName; }
  /// The licence as the file names it ("apache-2.0"), or empty.
  llvm::StringRef license() const { return modelLicense; }
  /// The tokenizer, if the file has one.
  const std::optional<TokenizerModel> &tokenizer() const { return tokenizerModel; }

  /// What a family descriptor is resolved against; null for files that are modules already.
  virtual const ModelSource *source() const { return nullptr; }

  /// The module of the model. What cannot be imported is reported.
  virtual mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> import(mlir::MLIRContext &context, const ImportOptions &options,
                                                                    Diagnostics &diagnostics) const = 0;

protected:
  ModelFiles(Kind kind, llvm::StringRef path);

  Kind fileKind;
  std::string filePath, modelName, modelLicense;
  std::optional<TokenizerModel> tokenizerModel;
};

/// Opens and imports in one step.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importModel(mlir::MLIRContext &context, llvm::StringRef path,
                                                               const ImportOptions &options, Diagnostics &diagnostics);

/// What a descriptor makes of a model's files, as JSON (families/PlanText.h). Nothing if there is a problem, which was reported.
std::optional<std::string> describePlan(const ModelFiles &files, const ImportOptions &options, Diagnostics &diagnostics);

} // namespace tenon
