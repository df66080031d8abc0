//===- CompileTarget.h - a planned module becomes code for one target ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_COMPILETARGET_H
#define TENON_CODEGEN_PACKAGE_COMPILETARGET_H

#include "tenon/codegen/cpu/Object.h"
#include "tenon/codegen/package/Stages.h"
#include "tenon/codegen/target/Target.h"

namespace tenon::codegen {

/// What one target's members of an artifact are made of.
struct TargetCode {
  Bytes object; ///< a shared object, or what the level of `options.emit` is
  Bytes ptx;    ///< of a GPU: the text of all kernels
};

/// Compiles the planned module whose text is `planned` to the level of `options.emit`: text for Loops to Assembly, bytes for Object and
/// above. Works in contexts of its own, so targets can be compiled at the same time. Diagnostics are collected and become the error's
/// message.
llvm::Expected<TargetCode> compileTarget(llvm::StringRef planned, const ModuleFacts &facts, const Target &target,
                                         const CompileOptions &options, Stages &stages);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_COMPILETARGET_H
