//===- PtxRequirements.h - what instructions need of an architecture ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM ends the process when it finds no instruction for an intrinsic. So every intrinsic and every piece of inline PTX is looked up
// before: the architecture and the PTX version that it needs, or that it is unknown.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "tenon/codegen/target/Target.h"

namespace tenon::codegen::nvptx {

/// The lowest PTX version, ten times it ("70"), that all functions of the module can be written in for the target; an error names the first
/// instruction that the target does not have or that is in no row of the table.
llvm::Expected<int64_t> requiredPtx(const llvm::Module &module, const Target &target);

} // namespace tenon::codegen::nvptx
