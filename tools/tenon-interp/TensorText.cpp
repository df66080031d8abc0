//===- TensorText.cpp - tensors on the command line ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TensorText.h"
#include "Npy.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace llvm;
using namespace tenon;

/// More elements than this are not written on a command line.
static constexpr int64_t maxElements = 1 << 20;

/// The dimensions and the element type of `1x4xf32`.
static bool parseType(StringRef text, SmallVectorImpl<int64_t> &shape, int64_t &elements) {
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  StringRef type = parts.pop_back_val();
  elements = 1;
  for (StringRef part : parts) {
    int64_t dim;
    if (part.getAsInteger(10, dim) || dim < 0 || MulOverflow(elements, dim, elements) || elements > maxElements)
      return false;
    shape.push_back(dim);
  }
  return is_contained({"f32", "f16", "bf16", "i32", "i64"}, type);
}

Expected<EvalTensor> tenon::parseTensor(StringRef text) {
  if (text.consume_front("@"))
    return readNpy(text);
  auto [type, list] = text.split('=');
  SmallVector<int64_t> shape;
  int64_t elements;
  if (!parseType(type, shape, elements))
    return createStringError("expects 1x4xf32=VALUES or @FILE.npy, but got '" + text.take_front(60) + "'");
  std::vector<double> values;
  SmallVector<StringRef> parts;
  list.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    double value;
    if (!to_float(part, value))
      return createStringError("expects a number, but got '" + part.take_front(60) + "'");
    values.push_back(value);
  }
  if (values.size() == 1)
    values.assign(elements, values.front());
  if (static_cast<int64_t>(values.size()) != elements)
    return createStringError("expects " + Twine(elements) + " values, but got " + Twine(values.size()));
  return EvalTensor::dense(shape, std::move(values));
}

std::string tenon::numberText(double value) {
  char text[32];
  float rounded = static_cast<float>(value);
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(rounded));
    if (std::strtof(text, nullptr) == rounded || std::isnan(rounded))
      break;
  }
  return text;
}

void tenon::printTensor(raw_ostream &os, StringRef name, const EvalTensor &tensor, bool integers) {
  os << name << '=';
  for (int64_t dim : tensor.shape())
    os << dim << 'x';
  os << (integers ? "i32=" : "f32=");
  ListSeparator comma(",");
  std::vector<double> row(tensor.rowSize());
  for (int64_t i = 0; i < tensor.rows(); ++i) {
    tensor.readRow(i, row.data());
    for (double value : row)
      os << comma << (integers ? std::to_string(static_cast<int64_t>(value)) : numberText(value));
  }
  os << '\n';
}
