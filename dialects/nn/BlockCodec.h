//===- BlockCodec.h - how block-quantised formats store numbers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block format stores a fixed number of consecutive elements of a row in a fixed number of bytes. Each has
// one codec: a file in codec/ and a row in BlockCodec.cpp. A codec knows bytes and floats only, so that file
// readers, the evaluator and the packer of weights share one definition of every format.

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace tenon {

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
};

/// The codec of that name, or null.
const BlockCodec *findBlockCodec(llvm::StringRef name);

/// The codec of the format to which GGUF files give that number, or null.
const BlockCodec *findBlockCodecByGgmlType(uint32_t ggmlType);

/// Every codec, in the order of the table.
llvm::ArrayRef<const BlockCodec *> allBlockCodecs();

} // namespace tenon
