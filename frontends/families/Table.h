//===- Table.h - the families as a table ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/families/Family.h"

#include <string>

namespace tenon {

/// The families as rows of Markdown: their names, what files call them, the parts of the block that they choose, their tested examples.
std::string familyTable(llvm::ArrayRef<Family> families);

} // namespace tenon
