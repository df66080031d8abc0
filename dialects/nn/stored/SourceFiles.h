//===- SourceFiles.h - files that parameters are read from ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/stored/Stored.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace tenon {

/// Files opened for reading, by path; they are closed with the object. Reads are reads, not mappings, so that a file that shrinks
/// under us is an error message. Opening is for one thread, reading for any number.
class SourceFiles {
public:
  SourceFiles() = default;
  SourceFiles(const SourceFiles &) = delete;
  ~SourceFiles();

  llvm::Error open(llvm::StringRef path);
  llvm::Error read(llvm::StringRef path, uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) const;

  /// Elements of an array, counted row-major: `first` is a multiple of the block and so is what `bytes` hold.
  llvm::Error readElements(const StoredArray &array, int64_t first, llvm::MutableArrayRef<uint8_t> bytes) const;
  /// Columns `column` ... of rows `row` ... of an array whose rows have `width` elements, one row after the other. Not for blocks.
  llvm::Error readRectangle(const StoredArray &array, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns,
                            std::vector<uint8_t> &bytes) const;

private:
  llvm::StringMap<int> descriptors;
};

} // namespace tenon
