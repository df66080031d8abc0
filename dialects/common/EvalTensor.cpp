//===- EvalTensor.cpp - tensors of the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/BlockTypeInterface.h"
#include "tenon/dialects/common/Eval.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace tenon;

static int64_t product(ArrayRef<int64_t> dims) {
  int64_t size = 1;
  for (int64_t dim : dims)
    size *= dim;
  return size;
}

EvalTensor EvalTensor::dense(ArrayRef<int64_t> shape) {
  return dense(shape, std::vector<double>(product(shape), 0.0));
}

EvalTensor EvalTensor::dense(ArrayRef<int64_t> shape, std::vector<double> values) {
  assert(product(shape) == static_cast<int64_t>(values.size()) && "expects one value an element");
  EvalTensor tensor;
  tensor.dims.assign(shape.begin(), shape.end());
  tensor.storage = std::make_shared<std::vector<double>>(std::move(values));
  return tensor;
}

EvalTensor EvalTensor::mapped(ArrayRef<int64_t> shape, Type elementType, const uint8_t *data, size_t size,
                              std::shared_ptr<void> keepAlive) {
  assert(storedBytes(shape, elementType) == size && "expects exactly the tensor's bytes");
  EvalTensor tensor;
  tensor.dims.assign(shape.begin(), shape.end());
  tensor.elementType = elementType;
  tensor.bytes = data;
  tensor.keepAlive = std::move(keepAlive);
  return tensor;
}

std::optional<size_t> EvalTensor::storedBytes(ArrayRef<int64_t> shape, Type elementType) {
  int64_t perRow = shape.empty() ? 1 : shape.back(), unit = 0;
  if (auto block = dyn_cast<BlockQuantizedTypeInterface>(elementType)) {
    if (shape.empty() || perRow % block.getBlockElements() != 0)
      return std::nullopt;
    perRow /= block.getBlockElements();
    unit = block.getBlockBytes();
  } else if (elementType.isF32() || elementType.isInteger(32)) {
    unit = 4;
  } else if (elementType.isF16() || elementType.isBF16()) {
    unit = 2;
  } else {
    return std::nullopt;
  }
  int64_t total;
  if (llvm::MulOverflow(perRow, unit, total))
    return std::nullopt;
  if (!shape.empty())
    for (int64_t dim : shape.drop_back())
      if (dim < 0 || llvm::MulOverflow(total, dim, total))
        return std::nullopt;
  return total < 0 ? std::nullopt : std::optional<size_t>(total);
}

int64_t EvalTensor::size() const {
  return product(dims);
}

int64_t EvalTensor::rows() const {
  return dims.empty() ? 1 : product(ArrayRef<int64_t>(dims).drop_back());
}

/// The value of a 16-bit float of the given format.
static double readHalf(const uint8_t *bytes, const llvm::fltSemantics &semantics) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToDouble();
}

void EvalTensor::readRow(int64_t row, double *out) const {
  int64_t width = rowSize();
  assert(row >= 0 && row < rows() && "expects a row of the tensor");
  if (!isMapped()) {
    std::copy_n(storage->data() + row * width, width, out);
    return;
  }
  if (auto block = dyn_cast<BlockQuantizedTypeInterface>(elementType)) {
    int64_t elements = block.getBlockElements(), blocks = width / elements;
    SmallVector<float, 256> values(elements);
    const uint8_t *at = bytes + row * blocks * block.getBlockBytes();
    for (int64_t i = 0; i < blocks; ++i, at += block.getBlockBytes()) {
      block.decodeBlock(at, values.data());
      std::copy(values.begin(), values.end(), out + i * elements);
    }
    return;
  }
  if (elementType.isF16() || elementType.isBF16()) {
    const llvm::fltSemantics &semantics = cast<FloatType>(elementType).getFloatSemantics();
    for (int64_t i = 0; i < width; ++i)
      out[i] = readHalf(bytes + (row * width + i) * 2, semantics);
    return;
  }
  for (int64_t i = 0; i < width; ++i) {
    const uint8_t *at = bytes + (row * width + i) * 4;
    if (elementType.isInteger(32)) {
      int32_t value;
      std::memcpy(&value, at, sizeof value);
      out[i] = value;
    } else {
      float value;
      std::memcpy(&value, at, sizeof value);
      out[i] = value;
    }
  }
}

EvalTensor EvalTensor::toDense() const {
  if (!isMapped())
    return *this;
  EvalTensor result = dense(dims);
  for (int64_t row = 0, count = rows(); row < count; ++row)
    readRow(row, result.storage->data() + row * rowSize());
  return result;
}

EvalTensor EvalTensor::reshaped(ArrayRef<int64_t> shape) const {
  EvalTensor result = toDense();
  assert(product(shape) == result.size() && "expects a shape of the same size");
  result.dims.assign(shape.begin(), shape.end());
  return result;
}

double tenon::roundToType(double value, Type type) {
  auto floatType = dyn_cast<FloatType>(type);
  if (!floatType || floatType.getWidth() >= 32)
    return value;
  llvm::APFloat rounded(value);
  bool lost;
  rounded.convert(floatType.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return rounded.convertToDouble();
}

void tenon::roundToType(EvalTensor &tensor, Type type) {
  auto floatType = dyn_cast<FloatType>(type);
  if (!floatType || floatType.getWidth() >= 32)
    return;
  for (double &value : tensor.values())
    value = roundToType(value, type);
}
