//===- Manifest.h - an artifact described for people and tools ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_MANIFEST_H
#define TENON_CODEGEN_PACKAGE_MANIFEST_H

#include "tenon/codegen/package/Compile.h"

namespace tenon::codegen {

/// manifest.json: what the descriptor says, readable.
std::string manifestText(const CompileResult &result);

/// provenance.json: what the artifact was made from, and how.
std::string provenanceText(const CompileResult &result, const ModelExtras &extras,
                           llvm::ArrayRef<std::pair<std::string, std::string>> pipelines);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_MANIFEST_H
