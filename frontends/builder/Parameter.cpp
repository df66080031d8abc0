//===- Parameter.cpp - parameters of a plan as symbols ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/ParameterImpl.h"

using namespace mlir;
using namespace tenon;

RankedTensorType tenon::parameterType(MLIRContext *context, const ParameterSource &parameter) {
  Type element = nn::elementOfFormat(context, parameter.format);
  return RankedTensorType::get(parameter.shape, element);
}

/// The tensor's own array, without its coding.
static nn::StoredAttr storedArray(MLIRContext *context, const SourceTensor &tensor) {
  Type element = nn::elementOfFormat(context, tensor.format);
  return nn::StoredAttr::get(context, StringAttr::get(context, tensor.path), static_cast<int64_t>(tensor.offset),
                             RankedTensorType::get(tensor.shape, element));
}

static Attribute storedTensor(MLIRContext *context, const SourceTensor &tensor) {
  if (!tensor.coding)
    return storedArray(context, tensor);
  SmallVector<NamedAttribute> parts;
  for (const auto &[name, part] : tensor.coding->parts)
    parts.push_back({StringAttr::get(context, name), storedArray(context, part)});
  return nn::CodedAttr::get(context, StringAttr::get(context, tensor.coding->rule), DenseI64ArrayAttr::get(context, tensor.shape),
                            DictionaryAttr::get(context, parts));
}

/// The rows that the view leaves of a tensor, counted as the parameter has them.
static int64_t rowsOf(const ParameterSource &parameter, const SourceTensor &tensor) {
  SmallVector<int64_t, 4> shape(tensor.shape);
  if (parameter.transposed && shape.size() >= 2)
    std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  int64_t elements = 1, row = !parameter.shape.empty() && !shape.empty() && shape.back() == parameter.shape.back() ? shape.back() : 1;
  for (int64_t size : shape)
    elements *= size;
  return elements / std::max<int64_t>(row, 1);
}

static Attribute pieceOf(MLIRContext *context, const ParameterSource &parameter, const ParameterPiece &piece) {
  Attribute tensor = storedTensor(context, *piece.tensor);
  if (piece.rows.start == 0 && piece.rows.count < 0)
    return tensor;
  int64_t count = piece.rows.count < 0 ? rowsOf(parameter, *piece.tensor) - piece.rows.start : piece.rows.count;
  return nn::RowsAttr::get(context, tensor, piece.rows.start, count, piece.rows.stride);
}

nn::ParamOp tenon::emitParameter(OpBuilder &builder, Location loc, const ParameterSource &parameter) {
  MLIRContext *context = builder.getContext();
  SmallVector<Attribute> pieces;
  for (const ParameterPiece &piece : parameter.pieces)
    pieces.push_back(pieceOf(context, parameter, piece));
  return nn::ParamOp::create(builder, loc, builder.getStringAttr(parameter.name), TypeAttr::get(parameterType(context, parameter)),
                             builder.getArrayAttr(pieces), parameter.transposed ? builder.getUnitAttr() : UnitAttr(),
                             parameter.plus == 0 ? FloatAttr() : builder.getF64FloatAttr(parameter.plus));
}
