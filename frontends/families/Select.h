//===- Select.h - the family that describes a model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/ModelSource.h"
#include "tenon/frontends/families/Family.h"

namespace tenon {

/// The families to choose from: the one in the file, or those that are built in if `familyFile` is empty. None
/// if there is a problem, which was reported.
std::vector<Family> loadFamilies(llvm::StringRef familyFile, Diagnostics &diagnostics);

/// The first family that describes the source's format and architecture, or null, which is reported.
const Family *selectFamily(llvm::ArrayRef<Family> families, const ModelSource &source, Diagnostics &diagnostics);

} // namespace tenon
