//===- Import.cpp - model files as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/Import.h"

#include "tenon/frontends/ImportImpl.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tenon;

ModelFiles::ModelFiles(Kind kind, StringRef path) : fileKind(kind), filePath(path), modelName(llvm::sys::path::stem(path)) {
  if (modelName.empty())
    modelName = "model";
}

/// Text that could be MLIR: no byte that text has not.
static bool looksLikeText(StringRef bytes) {
  return llvm::none_of(bytes.take_front(4096), [](unsigned char c) { return c < ' ' && !llvm::isSpace(char(c)); });
}

static bool looksLikeBytecode(StringRef bytes) {
  return bytes.starts_with("ML\xefR");
}

std::unique_ptr<ModelFiles> ModelFiles::open(StringRef path, Diagnostics &diagnostics) {
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status)) {
    diagnostics.report("", "cannot be opened: " + error.message());
    return nullptr;
  }
  if (llvm::sys::fs::is_directory(status))
    return openHuggingFace(path, diagnostics);
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) {
    diagnostics.report("", "cannot be read: " + buffer.getError().message());
    return nullptr;
  }
  StringRef bytes = (*buffer)->getBuffer();
  if (bytes.starts_with("GGUF"))
    return openGguf(std::move(*buffer), path, diagnostics);
  if (looksLikeBytecode(bytes) || (!bytes.empty() && looksLikeText(bytes)))
    return openMlir(std::move(*buffer), path);
  diagnostics.report("", bytes.empty() ? Twine("is empty")
                                       : "is of no kind that is known: expects a GGUF file, or MLIR as text or "
                                         "bytecode, but it starts with the bytes " +
                                             llvm::toHex(bytes.take_front(8), /*LowerCase=*/true));
  return nullptr;
}

StringRef ModelFiles::parameterFolder() const {
  return fileKind == Kind::Mlir ? llvm::sys::path::parent_path(filePath) : StringRef();
}

FailureOr<OwningOpRef<ModuleOp>> tenon::importModel(MLIRContext &context, StringRef path, const ImportOptions &options,
                                                    Diagnostics &diagnostics) {
  std::unique_ptr<ModelFiles> files = ModelFiles::open(path, diagnostics);
  if (!files)
    return failure();
  return files->import(context, options, diagnostics);
}
