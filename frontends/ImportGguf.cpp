//===- ImportGguf.cpp - GGUF files as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/ImportImpl.h"
#include "tenon/frontends/gguf/Source.h"

using namespace mlir;
using namespace tenon;

namespace {
class GgufFiles final : public ModelFiles {
public:
  GgufFiles(std::unique_ptr<gguf::File> opened, StringRef path, Diagnostics &diagnostics)
      : ModelFiles(Kind::Gguf, path), file(std::move(opened)), fileSource(*file, path) {
    if (std::optional<StringRef> name = textOf("general.name"); name && !name->empty())
      modelName = *name;
    modelLicense = textOf("general.license").value_or("");
    tokenizerModel = gguf::readTokenizer(*file, diagnostics);
    damaged = !diagnostics.empty();
  }

  const ModelSource *source() const override { return &fileSource; }
  FailureOr<OwningOpRef<ModuleOp>> import(MLIRContext &context, const ImportOptions &options, Diagnostics &diagnostics) const override;

private:
  std::optional<StringRef> textOf(StringRef key) const {
    const gguf::Value *value = file->find(key);
    return value ? value->asString() : std::nullopt;
  }

  std::unique_ptr<gguf::File> file;
  gguf::Source fileSource;
  /// Something was reported when the file was opened: there will be no module.
  bool damaged = false;
};
} // namespace

FailureOr<OwningOpRef<ModuleOp>> GgufFiles::import(MLIRContext &context, const ImportOptions &options, Diagnostics &diagnostics) const {
  std::vector<int64_t> ends;
  if (tokenizerModel)
    ends = gguf::endTokens(*file, *tokenizerModel);
  return importDescribed(context, *this, {fileSource, ends, damaged}, options, diagnostics);
}

std::unique_ptr<ModelFiles> tenon::openGguf(std::unique_ptr<llvm::MemoryBuffer> buffer, StringRef path, Diagnostics &diagnostics) {
  std::unique_ptr<gguf::File> file = gguf::File::parse(std::move(buffer), diagnostics);
  if (!file)
    return nullptr;
  return std::make_unique<GgufFiles>(std::move(file), path, diagnostics);
}
