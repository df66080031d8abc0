//===- safetensors_fuzz.cpp - any bytes as a safetensors file ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every tensor that the reader gives lies in the file and is as large as its shape says, and no two of them share a byte unless that
// was reported.

#include "tenon/frontends/huggingface/Safetensors.h"

#include <algorithm>
#include <cstdlib>

using namespace tenon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Diagnostics diagnostics;
  llvm::StringRef file(reinterpret_cast<const char *>(data), size);
  std::vector<SourceTensor> tensors = huggingface::readSafetensors(file, size, "fuzz.safetensors", diagnostics);
  for (const SourceTensor &tensor : tensors) {
    std::optional<uint64_t> bytes = storedBytes({tensor.path, tensor.offset, tensor.format, tensor.shape});
    if (tensor.offset > size || tensor.bytes > size - tensor.offset || (bytes && *bytes != tensor.bytes))
      std::abort();
  }
  if (!diagnostics.empty())
    return 0;
  std::sort(tensors.begin(), tensors.end(), [](const auto &a, const auto &b) { return a.offset < b.offset; });
  uint64_t end = 0;
  for (const SourceTensor &tensor : tensors) {
    if (tensor.bytes > 0 && tensor.offset < end)
      std::abort();
    end = std::max(end, tensor.offset + tensor.bytes);
  }
  return 0;
}
