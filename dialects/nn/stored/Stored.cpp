//===- Stored.cpp - what parameters are made of in files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/stored/Stored.h"

using namespace tenon;

const StoredArray *StoredTensor::part(llvm::StringRef name) const {
  for (const auto &[partName, array] : parts)
    if (partName == name)
      return &array;
  return nullptr;
}

std::optional<int64_t> tenon::elementCount(llvm::ArrayRef<int64_t> shape) {
  constexpr int64_t most = int64_t(1) << 48; // no product with the bytes of an element overflows
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0 || (size > 0 && count > most / size))
      return std::nullopt;
    count *= size;
  }
  return count;
}

std::optional<uint64_t> tenon::storedBytes(const StoredArray &array) {
  std::optional<ElementFormat> format = ElementFormat::find(array.format);
  std::optional<int64_t> count = elementCount(array.shape);
  if (!format || !count || (array.shape.empty() ? 1 : array.shape.back()) % format->blockElements() != 0)
    return std::nullopt;
  return uint64_t(*count / format->blockElements() * format->blockBytes());
}

llvm::SmallVector<int64_t, 4> tenon::readShape(const StoredTensor &tensor, bool transposed) {
  llvm::SmallVector<int64_t, 4> shape = tensor.shape;
  if (transposed && shape.size() >= 2)
    std::swap(shape[shape.size() - 2], shape[shape.size() - 1]);
  return shape;
}

int64_t tenon::rowElements(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> parameterShape) {
  if (shape.empty() || parameterShape.empty() || shape.back() != parameterShape.back())
    return 1;
  return shape.back();
}

int64_t tenon::tensorRows(const StoredTensor &tensor, bool transposed, llvm::ArrayRef<int64_t> parameterShape) {
  llvm::SmallVector<int64_t, 4> shape = readShape(tensor, transposed);
  return elementCount(shape).value_or(0) / std::max<int64_t>(1, rowElements(shape, parameterShape));
}

int64_t tenon::viewedRows(const StoredRows &rows, int64_t total) {
  if (rows.stride == 0)
    return rows.count;
  if (rows.start + rows.count > total)
    return 0;
  return ((total - rows.start - rows.count) / rows.stride + 1) * rows.count;
}
