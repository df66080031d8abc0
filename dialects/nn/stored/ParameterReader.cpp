//===- ParameterReader.cpp - rows of a parameter from its files ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows asked for are a range of the parameter's elements, and so are the pieces; where they meet, rows of a view become rows of its
// tensor. Neighbouring runs of rows are read as one span of the tensor unless that would read much that nobody asked for. A span is bytes,
// taken as they are where format and order are the parameter's, or floats, which are rounded to its format.

#include "tenon/dialects/nn/stored/ParameterReader.h"

#include "tenon/dialects/nn/stored/ElementFunction.h"
#include "llvm/Support/Endian.h"

#include <algorithm>
#include <cstring>

using namespace tenon;
using namespace llvm;

/// Elements that a span has at most, unless one run is longer.
static constexpr int64_t spanLimit = 1 << 20;
/// A span reads at most this many times the rows that are wanted.
static constexpr int64_t spanWaste = 8;

Expected<ParameterReader> ParameterReader::open(StoredParameter parameter, SourceFiles &files) {
  ParameterReader reader(std::move(parameter), files);
  if (std::string problem = reader.check(); !problem.empty())
    return createStringError("expects " + problem);
  for (const StoredRows &rows : reader.parameter.pieces)
    for (const auto &[name, array] : rows.tensor.parts)
      if (Error error = files.open(array.path))
        return std::move(error);
  return std::move(reader);
}

bool ParameterReader::isRounded() const {
  return any_of(pieces, [](const Piece &piece) { return !piece.isDirect; });
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// What is wrong with the description; empty: nothing.
std::string ParameterReader::check() {
  format = ElementFormat::find(parameter.format);
  std::optional<int64_t> count = elementCount(parameter.shape);
  if (!format || !count)
    return "a format and a shape that can be stored, but got " + parameter.format + " " + coding::shapeText(parameter.shape);
  rowSize = parameter.shape.empty() ? 1 : parameter.shape.back();
  rowCount = *count / std::max<int64_t>(rowSize, 1);
  if (rowSize % format->blockElements() != 0)
    return "rows of whole blocks, but got " + parameter.format + " " + coding::shapeText(parameter.shape);
  if ((parameter.plus != 0 || !parameter.function.empty()) && parameter.format != "f32")
    return "elements of f32 where something is added or a function applied, but got " + parameter.format;
  function = findElementFunction(parameter.function);
  if (!function && !parameter.function.empty())
    return "a function among " + elementFunctionNames() + ", but got " + parameter.function;
  int64_t elements = 0;
  for (size_t index = 0; index < parameter.pieces.size(); ++index) {
    pieces.push_back({elements, 0, 0, 0, {}, std::nullopt, false});
    if (std::string problem = checkPiece(index); !problem.empty())
      return problem;
    elements += pieces.back().elements;
    if (elements > *count)
      break;
  }
  if (elements != *count)
    return std::to_string(*count) + " elements, but the pieces have " + std::to_string(elements);
  return "";
}

std::string ParameterReader::checkPiece(size_t index) {
  const StoredRows &rows = parameter.pieces[index];
  const StoredTensor &tensor = rows.tensor;
  Piece &piece = pieces[index];
  std::optional<int64_t> count = elementCount(tensor.shape);
  if (!count)
    return "a tensor that can be stored, but got " + coding::shapeText(tensor.shape);
  if (tensor.rule.empty()) {
    const StoredArray *array = tensor.part("values");
    piece.format = array ? ElementFormat::find(array->format) : std::nullopt;
    if (!piece.format || !storedBytes(*array) || array->shape != tensor.shape)
      return "an array of a known format";
  } else if (std::string problem = checkCoding(tensor); !problem.empty()) {
    return problem;
  }
  if (parameter.transposed && (!piece.format || piece.format->isBlock() || tensor.shape.size() < 2))
    return "matrices of plain elements where dimensions are exchanged, but got " + coding::shapeText(tensor.shape);
  piece.shape = readShape(tensor, parameter.transposed);
  piece.rowElements = rowElements(piece.shape, parameter.shape);
  piece.tensorRows = *count / std::max<int64_t>(piece.rowElements, 1);
  if (rows.start < 0 || rows.count < 0 || rows.stride < 0 || rows.start > piece.tensorRows || rows.count > piece.tensorRows - rows.start ||
      (rows.stride != 0 && rows.stride < rows.count))
    return "rows within the " + std::to_string(piece.tensorRows) + " of the tensor";
  piece.elements = viewedRows(rows, piece.tensorRows) * piece.rowElements;
  int64_t block = std::max(format->blockElements(), piece.format ? piece.format->blockElements() : 1);
  if (piece.rowElements % block != 0 || (piece.rowElements > 0 && piece.firstElement % piece.rowElements != 0) ||
      ((!piece.format || parameter.transposed) && piece.elements > 0 && piece.rowElements != piece.shape.back()))
    return "pieces of whole rows";
  piece.isDirect = piece.format && piece.format->name() == format->name() && parameter.plus == 0 && !function;
  if (!piece.isDirect && !format->isParameterFormat())
    return "a format that elements can be rounded to, but got " + parameter.format;
  return "";
}

//===----------------------------------------------------------------------===//
// Spans of a tensor
//===----------------------------------------------------------------------===//

/// Rows of a tensor that is stored with its last two dimensions exchanged, in the order of the exchange.
Error ParameterReader::readTransposed(size_t index, int64_t first, int64_t count, std::vector<uint8_t> &bytes) const {
  const StoredArray &array = *parameter.pieces[index].tensor.part("values");
  const Piece &piece = pieces[index];
  int64_t outputs = array.shape.back(), inputs = array.shape[array.shape.size() - 2], size = piece.format->blockBytes();
  std::vector<uint8_t> columns;
  bytes.resize(size_t(count * inputs * size));
  for (int64_t done = 0; done < count;) {
    int64_t matrix = (first + done) / outputs, row = (first + done) % outputs, rows = std::min(count - done, outputs - row);
    if (Error error = files->readRectangle(array, outputs, matrix * inputs, inputs, row, rows, columns))
      return error;
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t o = 0; o < rows; ++o)
        std::memcpy(bytes.data() + ((done + o) * inputs + i) * size, columns.data() + (i * rows + o) * size, size_t(size));
    done += rows;
  }
  return Error::success();
}

/// Rows of a piece's tensor: as bytes if the piece is direct, otherwise as floats.
Error ParameterReader::readSpan(size_t index, int64_t first, int64_t count, std::vector<uint8_t> &bytes, std::vector<float> &values) const {
  const StoredTensor &tensor = parameter.pieces[index].tensor;
  const Piece &piece = pieces[index];
  int64_t elements = count * piece.rowElements;
  if (!piece.format) {
    values.resize(size_t(elements));
    return findCodingRule(tensor.rule)->decode(tensor, *files, first, count, values.data());
  }
  if (parameter.transposed) {
    if (Error error = readTransposed(index, first, count, bytes))
      return error;
  } else {
    bytes.resize(size_t(elements / piece.format->blockElements() * piece.format->blockBytes()));
    if (Error error = files->readElements(*tensor.part("values"), first * piece.rowElements, bytes))
      return error;
  }
  if (!piece.isDirect) {
    values.resize(size_t(elements));
    piece.format->decode(bytes.data(), elements, values.data());
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Rounds values to the format and notes what that does to them.
static void encode(const ElementFormat &format, const float *values, int64_t count, uint8_t *bytes, RoundingSums *sums) {
  format.encode(values, count, bytes);
  if (!sums)
    return;
  std::vector<float> rounded(static_cast<size_t>(count));
  format.decode(bytes, count, rounded.data());
  for (int64_t i = 0; i < count; ++i) {
    double difference = double(rounded[i]) - values[i];
    sums->error += difference * difference;
    sums->total += double(values[i]) * values[i];
  }
}

/// Rows `from` ... `to` of a piece's view.
Error ParameterReader::readPiece(size_t index, int64_t from, int64_t to, uint8_t *out, RoundingSums *sums) const {
  const StoredRows &view = parameter.pieces[index];
  const Piece &piece = pieces[index];
  uint64_t rowBytes = uint64_t(piece.rowElements / format->blockElements() * format->blockBytes());
  auto tensorRow = [&](int64_t row) {
    return view.stride == 0 ? view.start + row : view.start + row / view.count * view.stride + row % view.count;
  };
  auto runEnd = [&](int64_t row) { return view.stride == 0 ? to : std::min(to, (row / view.count + 1) * view.count); };
  std::vector<uint8_t> bytes;
  std::vector<float> values;
  for (int64_t row = from; row < to;) {
    int64_t first = tensorRow(row), end = runEnd(row);
    int64_t most = std::max<int64_t>(1, spanLimit / std::max<int64_t>(1, piece.rowElements));
    for (int64_t next; end < to; end = next) {
      next = runEnd(end);
      int64_t length = tensorRow(next - 1) + 1 - first;
      if (length > most || length > spanWaste * (next - row))
        break;
    }
    int64_t length = tensorRow(end - 1) + 1 - first;
    if (piece.isDirect && !parameter.transposed && length == end - row) {
      MutableArrayRef<uint8_t> whole(out, size_t(length) * rowBytes);
      if (Error error = files->readElements(*view.tensor.part("values"), first * piece.rowElements, whole))
        return error;
      out += whole.size();
      row = end;
      continue;
    }
    if (Error error = readSpan(index, first, length, bytes, values))
      return error;
    for (; row < end; ++row, out += rowBytes) {
      int64_t at = tensorRow(row) - first;
      if (piece.isDirect) {
        std::memcpy(out, bytes.data() + at * rowBytes, rowBytes);
        continue;
      }
      float *rowValues = values.data() + at * piece.rowElements;
      if (parameter.plus != 0)
        for (int64_t i = 0; i < piece.rowElements; ++i)
          rowValues[i] = float(rowValues[i] + parameter.plus);
      if (function)
        std::transform(rowValues, rowValues + piece.rowElements, rowValues, function->apply);
      encode(*format, rowValues, piece.rowElements, out, sums);
    }
  }
  return Error::success();
}

Error ParameterReader::read(int64_t first, int64_t count, MutableArrayRef<uint8_t> bytes, RoundingSums *sums) const {
  if (first < 0 || count < 0 || first > rowCount || count > rowCount - first || bytes.size() != uint64_t(count) * rowBytes())
    return createStringError("expects rows within the " + Twine(rowCount) + " of the parameter");
  int64_t from = first * rowSize, to = (first + count) * rowSize;
  for (size_t index = 0; index < pieces.size(); ++index) {
    const Piece &piece = pieces[index];
    int64_t begin = std::max(from, piece.firstElement), end = std::min(to, piece.firstElement + piece.elements);
    if (begin >= end)
      continue;
    uint64_t at = uint64_t((begin - from) / format->blockElements() * format->blockBytes());
    if (Error error = readPiece(index, (begin - piece.firstElement) / piece.rowElements, (end - piece.firstElement) / piece.rowElements,
                                bytes.data() + at, sums))
      return error;
  }
  return Error::success();
}
