//===- Npy.cpp - numpy's files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Npy.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace llvm;
using namespace tenon;

static constexpr StringLiteral magic = "\x93NUMPY";

static Error problem(StringRef path, const Twine &message) {
  return createStringError("'" + path + "': " + message);
}

/// The text after `'key':` in the header's dictionary, or nothing.
static StringRef fieldOf(StringRef header, StringRef key) {
  auto [before, after] = header.split(("'" + key + "':").str());
  return after.ltrim();
}

/// The dimensions in "(2, 3)" or "(4,)"; fails on anything else and on a product that overflows.
static bool parseShape(StringRef text, SmallVectorImpl<int64_t> &shape, int64_t &elements) {
  if (!text.consume_front("("))
    return false;
  elements = 1;
  SmallVector<StringRef> dims;
  text.take_until([](char c) { return c == ')'; }).split(dims, ',', -1, /*KeepEmpty=*/false);
  for (StringRef dim : dims) {
    int64_t size;
    if (dim.trim().empty())
      continue;
    if (dim.trim().getAsInteger(10, size) || size < 0 || MulOverflow(elements, size, elements))
      return false;
    shape.push_back(size);
  }
  return true;
}

template <typename T> static T load(const char *at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// How one element type is read.
struct NpyType {
  StringLiteral descr;
  int64_t bytes;
  double (*read)(const char *);
};
static const NpyType types[] = {
    {"'<f4'", 4, [](const char *at) -> double { return load<float>(at); }},
    {"'<f8'", 8, [](const char *at) -> double { return load<double>(at); }},
    {"'<i4'", 4, [](const char *at) -> double { return load<int32_t>(at); }},
    {"'<i8'", 8, [](const char *at) -> double { return static_cast<double>(load<int64_t>(at)); }},
    {"'<f2'", 2, [](const char *at) { return APFloat(APFloat::IEEEhalf(), APInt(16, load<uint16_t>(at))).convertToDouble(); }},
};

Expected<EvalTensor> tenon::readNpy(StringRef path) {
  auto file = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return problem(path, file.getError().message());
  StringRef bytes = (*file)->getBuffer();
  if (!bytes.starts_with(magic) || bytes.size() < 12 || bytes[6] < 1 || bytes[6] > 3)
    return problem(path, "is not a .npy file");
  size_t start = bytes[6] == 1 ? 10 : 12;
  size_t size = bytes[6] == 1 ? support::endian::read16le(bytes.data() + 8) : support::endian::read32le(bytes.data() + 8);
  if (size > bytes.size() - start)
    return problem(path, "is truncated");
  StringRef header = bytes.substr(start, size), data = bytes.substr(start + size);

  StringRef descr = fieldOf(header, "descr");
  const NpyType *type = find_if(types, [&](const NpyType &type) { return descr.starts_with(type.descr); });
  if (type == std::end(types))
    return problem(path, "expects f2, f4, f8, i4 or i8, but got " + descr.take_until([](char c) { return c == ','; }));
  SmallVector<int64_t> shape;
  int64_t elements;
  if (!fieldOf(header, "fortran_order").starts_with("False") || !parseShape(fieldOf(header, "shape"), shape, elements))
    return problem(path, "expects a row-major array");
  if (elements > static_cast<int64_t>(data.size()) / type->bytes)
    return problem(path, "is truncated");
  std::vector<double> values(elements);
  for (auto [index, value] : enumerate(values))
    value = type->read(data.data() + index * type->bytes);
  return EvalTensor::dense(shape, std::move(values));
}

Error tenon::writeNpy(StringRef path, const EvalTensor &tensor, bool integers) {
  std::error_code code;
  raw_fd_ostream out(path, code);
  if (code)
    return problem(path, code.message());
  std::string shape;
  for (int64_t dim : tensor.shape())
    shape += std::to_string(dim) + ", ";
  std::string header = formatv("{{'descr': '{0}', 'fortran_order': False, 'shape': ({1}), }", integers ? "<i4" : "<f4",
                               StringRef(shape).rtrim(tensor.rank() == 1 ? " " : ", "));
  header.resize(alignTo(header.size() + 11, 64) - 10, ' ');
  header.back() = '\n';
  char size[2];
  support::endian::write16le(size, header.size());
  out << magic << StringRef("\1\0", 2) << StringRef(size, 2) << header;
  std::vector<double> row(tensor.rowSize());
  for (int64_t i = 0; i < tensor.rows(); ++i) {
    tensor.readRow(i, row.data());
    for (double value : row) {
      char bytes[4];
      float real = static_cast<float>(value);
      int32_t integer = integers ? static_cast<int32_t>(value) : 0;
      std::memcpy(bytes, integers ? static_cast<const void *>(&integer) : &real, 4);
      out.write(bytes, 4);
    }
  }
  out.close();
  return out.has_error() ? problem(path, out.error().message()) : Error::success();
}
