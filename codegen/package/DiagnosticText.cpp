//===- DiagnosticText.cpp - diagnostics of passes as a user reads them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/DiagnosticText.h"

#include "mlir/IR/Location.h"
#include "tenon/passes/graph/ModelPath.h"

using namespace mlir;

namespace tenon::codegen {

static StringRef kindOf(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  llvm_unreachable("all severities are listed");
}

/// The model path of a location, or else its place in a file, or nothing.
static std::string placeOf(Location loc) {
  std::string place = modelPath(loc);
  if (!place.empty())
    return place;
  loc->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    place = llvm::formatv("{0}:{1}:{2}", file.getFilename().getValue(), file.getLine(), file.getColumn()).str();
    return WalkResult::interrupt();
  });
  return place;
}

static std::string lineOf(Diagnostic &diagnostic) {
  std::string message = diagnostic.str(), place = placeOf(diagnostic.getLocation());
  std::string text = (kindOf(diagnostic.getSeverity()) + ": ").str();
  if (!place.empty() && !StringRef(message).starts_with(place + ": "))
    text += place + ": ";
  return text + message + "\n";
}

std::string diagnosticText(Diagnostic &diagnostic) {
  std::string text = lineOf(diagnostic);
  for (Diagnostic &note : diagnostic.getNotes())
    text += lineOf(note);
  return text;
}

} // namespace tenon::codegen
