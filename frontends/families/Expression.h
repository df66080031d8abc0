//===- Expression.h - products and quotients of sizes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tenon {

/// Computes an expression such as `2 * heads * head_dim / 4` from left to right. Names are looked up in
/// `sizes`. Nothing if the text is not an expression, a name is unknown, the result does not fit or a quotient
/// is not whole; `problem` then says which.
std::optional<int64_t> evaluateSizes(llvm::StringRef text, const llvm::StringMap<int64_t> &sizes, std::string &problem);

} // namespace tenon
