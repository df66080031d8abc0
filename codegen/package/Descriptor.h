//===- Descriptor.h - the module's constant description of itself ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_DESCRIPTOR_H
#define TENON_CODEGEN_PACKAGE_DESCRIPTOR_H

#include "llvm/Support/Error.h"
#include "tenon/codegen/package/DeviceProgram.h"

namespace llvm {
class Module;
} // namespace llvm

namespace tenon::codegen {

struct Target;

/// Adds the constant `tenon_module` of runtime/abi.h to an LLVM module that has a function for every entry, and makes everything else
/// internal to the module.
llvm::Error emitDescriptor(llvm::Module &module, const ModuleFacts &facts, const Target &target);

/// The same for code of a GPU, whose entries are lists of launches. The module has nothing else.
void emitDeviceDescriptor(llvm::Module &module, const ModuleFacts &facts, const Target &target, const DeviceProgram &program);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_DESCRIPTOR_H
