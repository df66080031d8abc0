//===- TestedKernel.h - kernels of shared tests are PTX in the emulator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "../EmulatedKernel.h"

namespace tenon::test {
using TestedKernel = EmulatedKernel;
/// PTX of the oldest target; what others get differs where a test of their own says so.
inline std::vector<std::string> testedTargets() {
  return {"sm_80"};
}
} // namespace tenon::test
