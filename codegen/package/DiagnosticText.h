//===- DiagnosticText.h - diagnostics of passes as a user reads them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_DIAGNOSTICTEXT_H
#define TENON_CODEGEN_PACKAGE_DIAGNOSTICTEXT_H

#include "mlir/IR/Diagnostics.h"
#include <string>

namespace tenon::codegen {

/// The diagnostic and its notes, a line each: "error: blk.3.attn_q: expects ...", "note: model.mlir:7:3: ...". The place is the model path
/// where the location has one, else the place in a file; it is not repeated when the message begins with it.
std::string diagnosticText(mlir::Diagnostic &diagnostic);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_DIAGNOSTICTEXT_H
