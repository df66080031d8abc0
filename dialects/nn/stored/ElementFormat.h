//===- ElementFormat.h - the formats of elements in files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/BlockCodec.h"

#include <cstddef>
#include <optional>

namespace tenon {

/// How the elements of an array are stored: a row of a table of plain numbers, or a block format with its codec.
class ElementFormat {
public:
  /// The format of that name: "f32", "f16", "bf16", "f64", "f8_e4m3", "f8_e5m2", "f8_e8m0", "i64", "i32", "i16", "i8", "u8", "bool", or
  /// that of a block format; nothing for others.
  static std::optional<ElementFormat> find(llvm::StringRef name);

  llvm::StringRef name() const { return formatName; }
  /// The elements that are stored together, and their bytes.
  int64_t blockElements() const { return elements; }
  int64_t blockBytes() const { return bytes; }
  bool isBlock() const { return codec != nullptr; }
  /// Whether a parameter may have elements of this format: a float of 16 or 32 bits, or blocks of weights.
  bool isParameterFormat() const;

  /// The values of `count` elements, a multiple of the block. Exact, but for f64 and i64, which are rounded to float.
  void decode(const uint8_t *stored, int64_t count, float *values) const;
  /// Rounds `count` values, a multiple of the block, to a format that parameters may have.
  void encode(const float *values, int64_t count, uint8_t *stored) const;
  /// One stored integer, as it is; 0 for other formats.
  int64_t integer(const uint8_t *stored) const;

private:
  using Decode = void (*)(const uint8_t *stored, int64_t count, float *values);
  using Encode = void (*)(const float *values, int64_t count, uint8_t *stored);
  struct Row {
    llvm::StringLiteral name;
    int64_t bytes;
    Decode decode;
    Encode encode; ///< null: no parameter has the format
  };
  static const Row rows[];

  llvm::StringRef formatName;
  int64_t elements = 1, bytes = 0;
  const Row *row = nullptr;
  const BlockCodec *codec = nullptr;
};

} // namespace tenon
