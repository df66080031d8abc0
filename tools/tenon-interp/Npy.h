//===- Npy.h - numpy's files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/common/Eval.h"
#include "llvm/Support/Error.h"

namespace tenon {

/// Reads a row-major .npy file of float16, float32, float64, int32 or int64.
llvm::Expected<EvalTensor> readNpy(llvm::StringRef path);

/// Writes a tensor as float32, or as int32 if its values are integers of that type.
llvm::Error writeNpy(llvm::StringRef path, const EvalTensor &tensor, bool integers);

} // namespace tenon
