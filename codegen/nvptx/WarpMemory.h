//===- WarpMemory.h - vectors that a thread reads and writes at once ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LoopBuilder's vectors are aligned to their elements, which a GPU reads one by one. These begin at a multiple of their size.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/LoopBuilder.h"

namespace tenon::codegen::nvptx {

Value loadWhole(LoopBuilder &b, mlir::VectorType type, Value buffer, ValueRange indices);
/// The same of any type at a byte of an i8 buffer.
Value loadWholeAs(LoopBuilder &b, mlir::VectorType type, Value buffer, Value byte);
void storeWhole(LoopBuilder &b, Value vector, Value buffer, ValueRange indices);

} // namespace tenon::codegen::nvptx
