//===- ParameterReader.h - rows of a parameter from its files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/dialects/nn/stored/Coding.h"

#include <cmath>

namespace tenon {

struct ElementFunction;

/// What rounding to the parameter's format did to its elements: sums of squares.
struct RoundingSums {
  double error = 0, total = 0;

  /// The root of the mean square of the error, relative to that of the elements.
  double relative() const { return total > 0 ? std::sqrt(error / total) : 0; }
};

/// Reads rows of one parameter in its element format, whatever it is made of. A row runs over the last dimension; rows are counted over
/// the flattened leading dimensions. Memory is that of the rows asked for and of what they are made of.
class ParameterReader {
public:
  /// Checks the description and opens its files. `files` outlives the reader.
  static llvm::Expected<ParameterReader> open(StoredParameter parameter, SourceFiles &files);

  int64_t rows() const { return rowCount; }
  int64_t columns() const { return rowSize; }
  uint64_t rowBytes() const { return uint64_t(rowSize / format->blockElements() * format->blockBytes()); }
  /// Whether a tensor's format is other than the parameter's, so that elements are rounded.
  bool isRounded() const;

  /// Fills `bytes` with the rows `first` ... `first + count`. Any number of threads may read. What rounding did is added to `sums`.
  llvm::Error read(int64_t first, int64_t count, llvm::MutableArrayRef<uint8_t> bytes, RoundingSums *sums = nullptr) const;

private:
  struct Piece {
    int64_t firstElement, elements; ///< of the parameter
    int64_t rowElements;            ///< of the view's rows
    int64_t tensorRows;
    llvm::SmallVector<int64_t, 4> shape; ///< as it is read
    std::optional<ElementFormat> format; ///< nothing: coded
    bool isDirect;                       ///< bytes are taken as they are
  };

  explicit ParameterReader(StoredParameter parameter, SourceFiles &files) : parameter(std::move(parameter)), files(&files) {}
  std::string check();
  std::string checkPiece(size_t index);
  llvm::Error readPiece(size_t index, int64_t from, int64_t to, uint8_t *bytes, RoundingSums *sums) const;
  llvm::Error readSpan(size_t index, int64_t first, int64_t count, std::vector<uint8_t> &bytes, std::vector<float> &values) const;
  llvm::Error readTransposed(size_t index, int64_t first, int64_t count, std::vector<uint8_t> &bytes) const;

  StoredParameter parameter;
  const ElementFunction *function = nullptr;
  SourceFiles *files;
  std::optional<ElementFormat> format;
  int64_t rowCount = 0, rowSize = 0;
  std::vector<Piece> pieces;
};

} // namespace tenon
