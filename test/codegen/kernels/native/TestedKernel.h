//===- TestedKernel.h - kernels of shared tests are code of this machine ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "../CompiledKernel.h"

namespace tenon::test {
using TestedKernel = CompiledKernel;
/// The targets that kernels are made for where each has code of its own.
inline std::vector<std::string> testedTargets() {
  return runnableTargets();
}
} // namespace tenon::test
