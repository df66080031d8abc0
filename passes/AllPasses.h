//===- AllPasses.h - every pass of the project, for tools ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/passes/graph/Passes.h"
#include "tenon/passes/kernel/Passes.h"
#include "tenon/passes/lower/Passes.h"
#include "tenon/passes/pipelines/Pipelines.h"
#include "tenon/passes/program/Passes.h"

namespace tenon {

/// Registers the project's own passes and pipelines.
inline void registerAllTenonPasses() {
  registerGraphPasses();
  registerProgramPasses();
  registerKernelPasses();
  registerLowerPasses();
  registerPipelines();
}

} // namespace tenon
