//===- ImportImpl.h - the kinds of model files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Import.h"
#include "llvm/Support/MemoryBuffer.h"

namespace tenon {

std::unique_ptr<ModelFiles> openGguf(std::unique_ptr<llvm::MemoryBuffer> buffer, llvm::StringRef path, Diagnostics &diagnostics);
std::unique_ptr<ModelFiles> openMlir(std::unique_ptr<llvm::MemoryBuffer> buffer, llvm::StringRef path);

} // namespace tenon
