//===- ModelSource.cpp - what parameters are made of, for those who read bytes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/ModelSource.h"

#include "tenon/dialects/nn/stored/ParameterReader.h"

using namespace tenon;

static StoredArray storedArray(const SourceTensor &tensor) {
  return {tensor.path, tensor.offset, tensor.format, tensor.shape};
}

StoredTensor tenon::storedForm(const SourceTensor &tensor) {
  if (!tensor.coding)
    return {"", {{"values", storedArray(tensor)}}, tensor.shape};
  StoredTensor result = {tensor.coding->rule, {}, tensor.shape};
  for (const auto &[name, part] : tensor.coding->parts)
    result.parts.push_back({name, storedArray(part)});
  return result;
}

StoredParameter tenon::storedForm(const ParameterSource &source) {
  StoredParameter result = {source.format, source.shape, {}, source.transposed, source.plus, source.function};
  for (const ParameterPiece &piece : source.pieces) {
    StoredTensor tensor = storedForm(*piece.tensor);
    int64_t count = piece.rows.count;
    if (count < 0)
      count = tensorRows(tensor, source.transposed, source.shape) - piece.rows.start;
    result.pieces.push_back({std::move(tensor), piece.rows.start, count, piece.rows.stride});
  }
  return result;
}

std::optional<std::vector<float>> tenon::readSmall(const ParameterSource &source) {
  constexpr int64_t most = 1 << 20;
  std::optional<int64_t> count = elementCount(source.shape);
  std::optional<ElementFormat> format = ElementFormat::find(source.format);
  if (!count || *count > most || !format)
    return std::nullopt;
  SourceFiles files;
  llvm::Expected<ParameterReader> reader = ParameterReader::open(storedForm(source), files);
  if (!reader) {
    llvm::consumeError(reader.takeError());
    return std::nullopt;
  }
  std::vector<uint8_t> bytes(reader->rows() * reader->rowBytes());
  if (llvm::Error error = reader->read(0, reader->rows(), bytes)) {
    llvm::consumeError(std::move(error));
    return std::nullopt;
  }
  std::vector<float> values(static_cast<size_t>(*count));
  format->decode(bytes.data(), *count, values.data());
  return values;
}
