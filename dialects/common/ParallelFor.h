//===- ParallelFor.h - a loop over ranges by several threads ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>

namespace tenon {

/// Calls `body(begin, end)` on disjoint ranges that cover [0, count), by as many threads as the machine
/// has. `grain` is the least number of iterations that is worth a thread.
void parallelFor(int64_t count, int64_t grain, llvm::function_ref<void(int64_t begin, int64_t end)> body);

} // namespace tenon
