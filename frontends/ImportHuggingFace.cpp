//===- ImportHuggingFace.cpp - folders of models as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/ImportImpl.h"
#include "tenon/frontends/huggingface/Folder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tenon;

namespace {
class HuggingFaceFiles final : public ModelFiles {
public:
  HuggingFaceFiles(std::unique_ptr<huggingface::Folder> opened, StringRef path, Diagnostics &diagnostics)
      : ModelFiles(Kind::HuggingFace, path), folder(std::move(opened)) {
    // "model/" and "model/." are the folder "model".
    SmallString<128> name(path);
    (void)llvm::sys::fs::make_absolute(name);
    llvm::sys::path::remove_dots(name, /*remove_dot_dot=*/true);
    if (StringRef last = llvm::sys::path::filename(name); !last.empty() && last != "/")
      modelName = last;
    modelLicense = folder->license();
    tokenizerModel = readHuggingFaceTokenizer(path, diagnostics);
    damaged = !diagnostics.empty();
  }

  const ModelSource *source() const override { return folder.get(); }
  FailureOr<OwningOpRef<ModuleOp>> import(MLIRContext &context, const ImportOptions &options, Diagnostics &diagnostics) const override {
    std::vector<int64_t> ends = folder->endTokens();
    if (ends.empty() && tokenizerModel && tokenizerModel->eos)
      ends.push_back(*tokenizerModel->eos);
    return importDescribed(context, *this, {*folder, ends, damaged}, options, diagnostics);
  }

private:
  std::unique_ptr<huggingface::Folder> folder;
  /// Something was reported when the folder was opened: there will be no module.
  bool damaged = false;
};
} // namespace

std::unique_ptr<ModelFiles> tenon::openHuggingFace(StringRef path, Diagnostics &diagnostics) {
  std::unique_ptr<huggingface::Folder> folder = huggingface::Folder::open(path, diagnostics);
  if (!folder)
    return nullptr;
  return std::make_unique<HuggingFaceFiles>(std::move(folder), path, diagnostics);
}
