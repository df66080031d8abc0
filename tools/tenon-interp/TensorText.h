//===- TensorText.h - tensors on the command line ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/common/Eval.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace tenon {

/// Reads `1x4xf32=1,2,3,4` (one value may stand for all elements) or `@FILE.npy`.
llvm::Expected<EvalTensor> parseTensor(llvm::StringRef text);

/// The shortest decimal text that reads back as the same f32.
std::string numberText(double value);

/// Prints `NAME=1x4xf32=1,2,3,4`, which parseTensor reads back. Values are f32 or i32.
void printTensor(llvm::raw_ostream &os, llvm::StringRef name, const EvalTensor &tensor, bool integers);

} // namespace tenon
