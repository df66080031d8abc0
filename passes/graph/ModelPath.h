//===- ModelPath.h - the model's own name of what an op computes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

#include <string>

namespace tenon {

/// The model paths that a location carries, joined by commas; empty if it carries none.
std::string modelPath(mlir::Location loc);

/// An error at the op that begins with its model path.
mlir::InFlightDiagnostic emitModelError(mlir::Operation *op);

/// One location for several: each path and place once, in order.
mlir::Location fuseLocations(mlir::MLIRContext *context, llvm::ArrayRef<mlir::Location> locs);

} // namespace tenon
