//===- Object.h - LLVM modules to the bytes of a shared object ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine end of the CPU path: an LLVM module is optimised, compiled by LLVM's code generator and linked by lld, all in this
// process. Nothing here knows about models.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_CODEGEN_CPU_OBJECT_H
#define TENON_CODEGEN_CPU_OBJECT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace tenon::codegen {

using Bytes = llvm::SmallVector<char, 0>;

/// What LLVM needs to know of a processor to compile for it.
struct Machine {
  std::string triple;   ///< for example "x86_64-unknown-linux-gnu"
  std::string cpu;      ///< a CPU name of LLVM's
  std::string features; ///< "+avx2,-avx512f,...", on top of the CPU's
};

/// LLVM's code generator for `machine`; position-independent code for a shared object.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const Machine &machine);

/// Sets the module's triple, data layout and every function's target attributes, then cleans it up: a short pipeline for functions
/// that arrive tiled, unrolled and in vectors.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

enum class MachineCode { Assembly, Object };

/// Compiles an optimised module.
llvm::Expected<Bytes> emitMachineCode(llvm::Module &module, llvm::TargetMachine &machine, MachineCode kind);

/// Links one object into a shared object that exports `symbols` and depends on nothing but memcpy, memmove and memset of the process
/// that loads it; anything else undefined is an error that lists the names.
llvm::Expected<Bytes> linkSharedObject(llvm::ArrayRef<char> object, llvm::ArrayRef<llvm::StringRef> symbols);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_CPU_OBJECT_H
