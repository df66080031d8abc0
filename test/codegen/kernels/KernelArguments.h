//===- KernelArguments.h - values as the evaluator and as kernels see them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/common/Eval.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/Tile.h"
#include <random>

namespace tenon::test {

/// Bytes aligned to 64, with guard bytes after them that must stay as they are.
class Buffer {
public:
  explicit Buffer(size_t size, uint8_t fill = 0);
  uint8_t *data() const { return bytes.get(); }
  size_t size() const { return count; }
  bool guardIsIntact() const;

private:
  std::shared_ptr<uint8_t> bytes;
  size_t count;
};

/// One argument in both forms.
struct KernelArgument {
  mlir::Type type;
  EvalValue value;
  Buffer buffer{0};
};

/// The bytes of a buffer for a value of this type with `tokens` rows (or positions, for a slot).
size_t bufferBytes(mlir::Type type, int64_t tokens);

/// Random floats in (-1, 1), weights, activations, tokens below 32, or a slot that holds `position` positions and has room for `tokens`
/// more.
KernelArgument randomArgument(mlir::Type type, int64_t tokens, int64_t position, std::mt19937 &random);
/// A tensor of floats, integers or activations with the given values (activations are rounded as nn.quantize does).
KernelArgument tensorArgument(mlir::RankedTensorType type, int64_t tokens, std::vector<double> values);

/// The numbers in a buffer.
std::vector<double> readBuffer(mlir::RankedTensorType type, const Buffer &buffer, int64_t tokens);
/// One element of a slot's buffer.
double readSlot(cache::KvType type, const Buffer &buffer, bool isKey, int64_t position, int64_t head, int64_t element);

} // namespace tenon::test
