//===- KernelPartImpl.h - how an op says that a family does not take it ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/tile/KernelPart.h"

namespace tenon::tile {

/// No part, and why.
inline KernelPart declines(std::string &reason, const llvm::Twine &why) {
  reason = why.str();
  return KernelPart::None;
}

/// No part, because the family has no emitter for the op.
inline KernelPart declines(std::string &reason, mlir::Operation *op, Family family) {
  return declines(reason, llvm::Twine("no ") + stringifyFamily(family) + " kernel takes " + op->getName().getStringRef());
}

/// Whether the value is made of what a recurrence gives, of which a scan kernel knows some columns at a time.
bool followsRecurrence(mlir::Value value);

} // namespace tenon::tile
