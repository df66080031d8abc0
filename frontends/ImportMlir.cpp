//===- ImportMlir.cpp - modules that are MLIR already ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Parser/Parser.h"
#include "tenon/frontends/ImportImpl.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace tenon;

namespace {
class MlirFiles final : public ModelFiles {
public:
  MlirFiles(std::unique_ptr<llvm::MemoryBuffer> buffer, StringRef path) : ModelFiles(Kind::Mlir, path), buffer(std::move(buffer)) {}

  /// Parses the file; the options have no say, because a module has made its choices.
  FailureOr<OwningOpRef<ModuleOp>> import(MLIRContext &context, const ImportOptions &options, Diagnostics &diagnostics) const override {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      std::string place;
      llvm::raw_string_ostream(place) << diagnostic.getLocation();
      diagnostics.report(place, diagnostic.str());
      return success();
    });
    OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(path(), ParserConfig(&context));
    if (module)
      return module;
    if (diagnostics.empty())
      diagnostics.report("", "is not MLIR");
    return failure();
  }

private:
  std::unique_ptr<llvm::MemoryBuffer> buffer;
};
} // namespace

std::unique_ptr<ModelFiles> tenon::openMlir(std::unique_ptr<llvm::MemoryBuffer> buffer, StringRef path) {
  return std::make_unique<MlirFiles>(std::move(buffer), path);
}
