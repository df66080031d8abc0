//===- SourceHash.h - what a file held when it was compiled ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_CODEGEN_PACKAGE_SOURCEHASH_H
#define TENON_CODEGEN_PACKAGE_SOURCEHASH_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace tenon::codegen {

/// "blake3:" and the BLAKE3 hash of the file's bytes in hexadecimal, as b3sum prints it. (SHA-256 takes fifteen times as long, which for
/// large models is longer than everything else.) Of a folder: the hash of a line "name hash" for each of its files, in the order of names.
llvm::Expected<std::string> hashSource(llvm::StringRef path);

} // namespace tenon::codegen

#endif // TENON_CODEGEN_PACKAGE_SOURCEHASH_H
