//===- MergeImpl.h - a descriptor with what it extends ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Diagnostics.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace tenon {

using Json = nlohmann::ordered_json;

/// Parses a descriptor and merges it over the built-in ones that it extends. Nothing if it is not JSON, nests too deeply or extends
/// what there is not, which is reported.
std::optional<Json> readMerged(llvm::StringRef text, Diagnostics &diagnostics);

} // namespace tenon
