//===- AllPasses.h - every pass of the project, for tools ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#if __has_include("tenon/passes/graph/Passes.h.inc")
#include "tenon/passes/graph/Passes.h"
#endif
#if __has_include("tenon/passes/program/Passes.h.inc")
#include "tenon/passes/program/Passes.h"
#endif
#if __has_include("tenon/passes/kernel/Passes.h.inc")
#include "tenon/passes/kernel/Passes.h"
#endif
#if __has_include("tenon/passes/lower/Passes.h.inc")
#include "tenon/passes/lower/Passes.h"
#endif
#if __has_include("tenon/passes/pipelines/Pipelines.h")
#include "tenon/passes/pipelines/Pipelines.h"
#endif

namespace tenon {

/// Registers the project's own passes.
inline void registerAllTenonPasses() {
#if __has_include("tenon/passes/graph/Passes.h.inc")
  registerGraphPasses();
#endif
#if __has_include("tenon/passes/program/Passes.h.inc")
  registerProgramPasses();
#endif
#if __has_include("tenon/passes/kernel/Passes.h.inc")
  registerKernelPasses();
#endif
#if __has_include("tenon/passes/lower/Passes.h.inc")
  registerLowerPasses();
#endif
#if __has_include("tenon/passes/pipelines/Pipelines.h")
  registerPipelines();
#endif
}

} // namespace tenon
