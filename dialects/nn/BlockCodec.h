//===- BlockCodec.h - how block-quantised formats store numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block format stores a fixed number of consecutive elements of a row in a fixed number of bytes. Each has
// one codec: a file in codec/ and a row in BlockCodec.cpp. A codec knows bytes and floats only, so that file
// readers, the evaluator and the packer of weights share one definition of every format.
//
// Every format of weights is a form of one rule,
//
//   value(e) = scale(span of e) * (integer(e) - zero point) + minimum(span of e)
//
// and differs from the others in the numbers of a BlockForm and in where a block keeps its parts. Kernels and
// packed panels are made from the form, and know no format by name.

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace tenon {

/// What makes the scale of a span: the block's half alone, or the half times the span's byte (unsigned or signed), or two to the
/// span's byte - 128 with no half at all.
enum class SpanScale : uint8_t { whole, bytes, signedBytes, exponents };
/// What is added: nothing, the block's second half, or that half times the span's second byte, negated.
enum class SpanMinimum : uint8_t { none, whole, bytes };

/// The numbers in which formats of weights differ.
struct BlockForm {
  uint32_t bits;     ///< of an integer: 2, 3, 4, 5, 6 or 8
  int32_t zeroPoint; ///< of the unsigned integers
  uint32_t span;     ///< elements that share a scale: 16, 32 or 256
  SpanScale scale = SpanScale::whole;
  SpanMinimum minimum = SpanMinimum::none;
  const uint8_t *table = nullptr; ///< sixteen unsigned numbers that the integers stand for, or null
  int32_t scaleBits = 0;          ///< of a span's byte in the file
};

/// A block taken apart. A form uses some of the parts; the others are zero.
struct BlockParts {
  uint8_t integers[256];          ///< in the order of the elements, unsigned
  uint16_t scale, minimum;        ///< bits of halfs
  uint8_t scales[16], minima[16]; ///< of spans
};

/// How one block format is read and written.
struct BlockCodec {
  /// The format's name, which is the mnemonic of its type: "q4_0".
  llvm::StringRef name;
  /// The number by which GGUF files name the format, or -1 if files never hold it.
  int32_t ggmlType;
  /// The elements of a block.
  uint32_t blockElements;
  /// The bytes of a block.
  uint32_t blockBytes;
  /// Reads the `blockBytes` of one block and writes its `blockElements` values.
  void (*decode)(const uint8_t *block, float *values);
  /// Reads `blockElements` finite values and writes the `blockBytes` of one block.
  void (*encode)(const float *values, uint8_t *block);
  /// The form of a format of weights; null for what activations are rounded to.
  const BlockForm *form = nullptr;
  /// Takes a block apart; null without a form.
  void (*split)(const uint8_t *block, BlockParts &parts) = nullptr;
};

/// The codec of that name, or null.
const BlockCodec *findBlockCodec(llvm::StringRef name);

/// The codec of the format to which GGUF files give that number, or null.
const BlockCodec *findBlockCodecByGgmlType(uint32_t ggmlType);

/// Every codec, in the order of the table.
llvm::ArrayRef<const BlockCodec *> allBlockCodecs();

} // namespace tenon
