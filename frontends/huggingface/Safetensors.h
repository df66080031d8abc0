//===- Safetensors.h - the tensors of a .safetensors file ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/ModelSource.h"

namespace tenon::huggingface {

/// Reads the tensors of a file from its header: eight bytes of its length, JSON, then the data. `file` is the whole file, or its begin
/// with all of the header, of a file of `size` bytes; `path` is how parameters will name it. Every number is compared with the file.
/// What is wrong is reported and its tensor left out.
std::vector<SourceTensor> readSafetensors(llvm::StringRef file, uint64_t size, llvm::StringRef path, Diagnostics &diagnostics);

/// The bytes that readSafetensors needs to see of a file whose first eight bytes these are; 0 if it cannot be such a file.
uint64_t safetensorsHeaderBytes(llvm::StringRef start, uint64_t size);

} // namespace tenon::huggingface
