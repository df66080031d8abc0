//===- ModelPath.cpp - the model's own name of what an op computes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/passes/graph/ModelPath.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

std::string tenon::modelPath(Location loc) {
  llvm::SetVector<StringRef> names;
  loc->walk([&](Location part) {
    if (auto name = dyn_cast<NameLoc>(part))
      names.insert(name.getName().getValue());
    return WalkResult::advance();
  });
  return llvm::join(names, ", ");
}

InFlightDiagnostic tenon::emitModelError(Operation *op) {
  InFlightDiagnostic diagnostic = op->emitError();
  std::string path = modelPath(op->getLoc());
  if (!path.empty())
    diagnostic << path << ": ";
  return diagnostic;
}

static void collectParts(Location loc, SetVector<Location> &parts) {
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      collectParts(part, parts);
  else if (!isa<UnknownLoc>(loc))
    parts.insert(loc);
}

Location tenon::fuseLocations(MLIRContext *context, ArrayRef<Location> locs) {
  SetVector<Location> parts;
  for (Location loc : locs)
    collectParts(loc, parts);
  return FusedLoc::get(context, parts.getArrayRef());
}
