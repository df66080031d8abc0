//===- Stored.h - what parameters are made of in files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain descriptions, without MLIR: the form that #nn.source takes where bytes are read.

#pragma once

#include "tenon/dialects/nn/stored/ElementFormat.h"
#include "llvm/ADT/SmallVector.h"

#include <string>
#include <utility>
#include <vector>

namespace tenon {

/// An array in a file, row-major. A block format's blocks run along the last dimension.
struct StoredArray {
  std::string path;
  uint64_t offset = 0;
  std::string format;
  llvm::SmallVector<int64_t, 4> shape;
};

/// A tensor in files: an array, or several from which a rule (Coding.h) makes its elements.
struct StoredTensor {
  /// Empty: the array "values" itself.
  std::string rule;
  std::vector<std::pair<std::string, StoredArray>> parts;
  /// Of what is decoded.
  llvm::SmallVector<int64_t, 4> shape;

  /// The part of that name, or null.
  const StoredArray *part(llvm::StringRef name) const;
};

/// Rows of a tensor: `count` from `start`, then again every `stride` (0: once).
struct StoredRows {
  StoredTensor tensor;
  int64_t start = 0, count = 0, stride = 0;
};

/// A parameter: pieces one after another. A row of a piece is as long as the parameter's last dimension if the tensor's last dimension
/// is that too; otherwise it is one element.
struct StoredParameter {
  std::string format;
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<StoredRows> pieces;
  /// The last two dimensions of every piece's tensor are exchanged when it is read.
  bool transposed = false;
  /// Added to every element.
  double plus = 0;
  /// The function (ElementFunction.h) that is applied to every element after that; empty: none.
  std::string function;
};

/// The product of the sizes, or nothing if one is negative or the product exceeds 2^48.
std::optional<int64_t> elementCount(llvm::ArrayRef<int64_t> shape);

/// The bytes that the array takes, or nothing if its format is not known, its last dimension is not a multiple of the block, or it is
/// too large.
std::optional<uint64_t> storedBytes(const StoredArray &array);

/// The shape in which a piece is read: that of its tensor, with the last two dimensions exchanged if `transposed`.
llvm::SmallVector<int64_t, 4> readShape(const StoredTensor &tensor, bool transposed);

/// The elements of one row of a piece that is read in `shape`, for a parameter of `parameterShape`.
int64_t rowElements(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> parameterShape);

/// The rows that a piece has in all, for a parameter of `parameterShape`.
int64_t tensorRows(const StoredTensor &tensor, bool transposed, llvm::ArrayRef<int64_t> parameterShape);

/// How many rows the view has of a tensor with `total` rows.
int64_t viewedRows(const StoredRows &rows, int64_t total);

} // namespace tenon
