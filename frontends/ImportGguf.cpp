//===- ImportGguf.cpp - GGUF files as IR ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Verifier.h"
#include "tenon/frontends/ImportImpl.h"
#include "tenon/frontends/builder/Builder.h"
#include "tenon/frontends/families/Select.h"
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

protected:
  StringRef contents() const override { return file->contents(); }

private:
  std::optional<StringRef> textOf(StringRef key) const {
    const gguf::Value *value = file->find(key);
    return value ? value->asString() : std::nullopt;
  }
  void checkVocabulary(const ModelPlan &plan, Diagnostics &diagnostics) const;

  std::unique_ptr<gguf::File> file;
  gguf::Source fileSource;
  /// Something was reported when the file was opened: there will be no module.
  bool damaged = false;
};
} // namespace

/// The most positions of a session.
static int64_t chooseContext(const ModelPlan &plan, const ImportOptions &options, Diagnostics &diagnostics) {
  int64_t made = plan.config.size("context");
  if (options.maxContext < 0 || options.maxContext > made)
    diagnostics.report("context", "expects at most the " + Twine(made) + " positions that the model was made for, but " +
                                      Twine(options.maxContext) + " were asked for");
  return options.maxContext == 0 ? made : options.maxContext;
}

void GgufFiles::checkVocabulary(const ModelPlan &plan, Diagnostics &diagnostics) const {
  int64_t rows = plan.config.size("vocabulary");
  if (tokenizerModel && static_cast<int64_t>(tokenizerModel->tokens.size()) > rows)
    diagnostics.report("tokenizer.ggml.tokens", "expects at most " + Twine(rows) + " tokens, the rows of the embedding, but got " +
                                                    Twine(tokenizerModel->tokens.size()));
}

FailureOr<OwningOpRef<ModuleOp>> GgufFiles::import(MLIRContext &context, const ImportOptions &options, Diagnostics &diagnostics) const {
  std::vector<Family> families = loadFamilies(options.familyFile, diagnostics);
  const Family *family = families.empty() ? nullptr : selectFamily(families, fileSource, diagnostics);
  if (!family)
    return failure();
  std::optional<ModelPlan> plan = resolveModel(*family, fileSource, hasElementType, diagnostics);
  if (!plan)
    return failure();
  size_t before = diagnostics.count();
  checkVocabulary(*plan, diagnostics);
  BuildOptions build;
  build.name = modelName;
  build.activation = options.activations;
  build.context = chooseContext(*plan, options, diagnostics);
  if (tokenizerModel)
    build.endTokens = gguf::endTokens(*file, *tokenizerModel);
  if (damaged || diagnostics.count() != before)
    return failure();

  // A descriptor's shapes are data: what they break shows here.
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    std::string place;
    llvm::raw_string_ostream(place) << diagnostic.getLocation();
    diagnostics.report(place, "the family " + family->name + " makes invalid IR: " + diagnostic.str());
    return success();
  });
  OwningOpRef<ModuleOp> module = buildModel(context, *plan, build, diagnostics);
  if (!module || failed(verify(*module)))
    return failure();
  return module;
}

std::unique_ptr<ModelFiles> tenon::openGguf(std::unique_ptr<llvm::MemoryBuffer> buffer, StringRef path, Diagnostics &diagnostics) {
  std::unique_ptr<gguf::File> file = gguf::File::parse(std::move(buffer), diagnostics);
  if (!file)
    return nullptr;
  return std::make_unique<GgufFiles>(std::move(file), path, diagnostics);
}
