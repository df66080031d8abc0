//===- Types.h - the tensor types that GGUF numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace tenon::gguf {

/// How tensors of one type are stored. The table has every type that files may hold, also those that no
/// other part of the compiler knows, so that a file's sizes are checked before anything else is asked of it.
struct TypeInfo {
  uint32_t number;
  llvm::StringRef name;
  uint32_t blockElements;
  uint32_t blockBytes;
};

/// The type of that number, or null.
const TypeInfo *findType(uint32_t number);

/// Every type, by ascending number.
llvm::ArrayRef<TypeInfo> allTypes();

} // namespace tenon::gguf
