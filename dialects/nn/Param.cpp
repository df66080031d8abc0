//===- Param.cpp - verifiers of parameters and constants ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"
#include "tenon/dialects/nn/stored/Coding.h"
#include "tenon/dialects/nn/stored/ElementFunction.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// Constants are for small tables; anything larger is a parameter.
static constexpr int64_t maxConstantElements = 65536;

/// Emits an error if an array cannot be stored.
static LogicalResult verifyStored(ParamOp op, StoredAttr stored) {
  RankedTensorType type = stored.getType();
  if (stored.getOffset() < 0) // param_c3
    return op.emitOpError("expects an offset of at least 0, but got ") << stored.getOffset();
  std::string format = formatOfElement(type.getElementType());
  std::optional<ElementFormat> known = ElementFormat::find(format);
  if (!type.hasStaticShape() || !known || !elementCount(type.getShape())) // param_c5
    return op.emitOpError("expects an array that files can hold, but got ") << type;
  int64_t last = type.getRank() ? type.getShape().back() : 1;
  if (last % known->blockElements() != 0) // param_c2
    return op.emitOpError("expects the last dimension to be a multiple of ")
           << known->blockElements() << " for " << type.getElementType() << ", but got " << last;
  return success();
}

static LogicalResult verifyCoded(ParamOp op, CodedAttr coded) {
  for (NamedAttribute part : coded.getParts()) {
    auto stored = dyn_cast<StoredAttr>(part.getValue());
    if (!stored) // param_c6
      return op.emitOpError("expects part ") << part.getName() << " to be an #nn.stored, but got " << part.getValue();
    if (failed(verifyStored(op, stored)))
      return failure();
  }
  StoredTensor tensor = describeTensor(coded, /*folder=*/"");
  if (!elementCount(tensor.shape)) // param_c6
    return op.emitOpError("expects a shape of at most 2^48 elements, but got ") << shapeText(tensor.shape);
  if (std::string problem = checkCoding(tensor); !problem.empty()) // param_c6
    return op.emitOpError("expects ") << problem;
  return success();
}

/// Adds the elements of a piece to `elements`, or emits an error.
static LogicalResult verifyPiece(ParamOp op, Attribute piece, int64_t &elements) {
  auto parameter = cast<RankedTensorType>(op.getType());
  auto view = dyn_cast<RowsAttr>(piece);
  Attribute tensor = view ? view.getTensor() : piece;
  auto stored = dyn_cast<StoredAttr>(tensor);
  auto coded = dyn_cast<CodedAttr>(tensor);
  if (!stored && !coded) // param_c4
    return op.emitOpError("expects pieces to be #nn.stored or #nn.coded, or #nn.rows of them, but got ") << piece;
  if (failed(stored ? verifyStored(op, stored) : verifyCoded(op, coded)))
    return failure();

  StoredTensor described = describeTensor(tensor, /*folder=*/"");
  bool plain = stored && !getBlockType(stored.getType());
  if (op.getTransposed() && (!plain || described.shape.size() < 2)) // param_c9
    return op.emitOpError("expects transposed tensors to be arrays of plain elements of rank 2 or more, but got ") << tensor;
  bool same = stored && stored.getType().getElementType() == parameter.getElementType();
  std::optional<ElementFormat> format = ElementFormat::find(formatOfElement(parameter.getElementType()));
  if (!format || (!same && !format->isParameterFormat())) // param_c10
    return op.emitOpError("expects elements of ") << parameter.getElementType() << ", to which floats are not rounded, but got " << tensor;

  SmallVector<int64_t, 4> shape = readShape(described, op.getTransposed());
  int64_t row = rowElements(shape, parameter.getShape());
  int64_t rows = *elementCount(shape) / std::max<int64_t>(row, 1);
  StoredRows viewed = {described, 0, rows, 0};
  if (view)
    viewed = {described, view.getStart(), view.getCount(), view.getStride()};
  if (viewed.start < 0 || viewed.count < 0 || viewed.stride < 0 || viewed.start > rows || viewed.count > rows - viewed.start ||
      (viewed.stride > 0 && viewed.stride < viewed.count)) // param_c7
    return op.emitOpError("expects rows within the ")
           << rows << " of the tensor, but got [" << viewed.start << ", " << viewed.count << ", " << viewed.stride << "]";
  int64_t block = format->blockElements();
  if (stored)
    block = std::max(block, ElementFormat::find(formatOfElement(stored.getType().getElementType()))->blockElements());
  bool byElement = row == 1 && !shape.empty() && shape.back() != 1;
  if (row % block != 0 || (row > 0 && elements % row != 0) || (byElement && (coded || op.getTransposed()))) // param_c8
    return op.emitOpError("expects pieces of whole rows and blocks, but got ") << piece << " after " << elements << " elements";
  elements += viewedRows(viewed, rows) * row;
  return success();
}

LogicalResult ParamOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape()) // param_c1
    return emitOpError("expects a static shape, but got ") << shapeText(type.getShape());
  if (auto block = getBlockType(type)) { // param_c2
    int64_t last = type.getRank() ? type.getShape().back() : 1;
    if (last % block.getBlockElements() != 0)
      return emitOpError("expects the last dimension to be a multiple of ")
             << block.getBlockElements() << " for " << type.getElementType() << ", but got " << last;
  }
  std::optional<int64_t> wanted = elementCount(type.getShape());
  if (!wanted) // param_c5
    return emitOpError("expects at most 2^48 elements, but got ") << shapeText(type.getShape());
  if ((getPlus() || getFunction()) && !type.getElementType().isF32()) // param_c11
    return emitOpError("expects elements of f32 where something is added or a function applied, but got ") << type.getElementType();
  if (getFunction() && !findElementFunction(*getFunction())) // param_c12
    return emitOpError("expects a function among ") << elementFunctionNames() << ", but got " << *getFunction();
  int64_t elements = 0;
  for (Attribute piece : getPieces())
    if (elements <= *wanted && failed(verifyPiece(*this, piece, elements)))
      return failure();
  if (elements != *wanted) // param_c8
    return emitOpError("expects pieces of ") << *wanted << " elements together, but got " << elements;
  return success();
}

LogicalResult GetParamOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto param = symbols.lookupNearestSymbolFrom<ParamOp>(*this, getParamAttr());
  if (!param) // get_param_c1
    return emitOpError("expects @") << getParam() << " to be an nn.param";
  if (param.getType() != getResult().getType()) { // get_param_c2
    InFlightDiagnostic diagnostic = emitOpError("expects the parameter's type ")
                                    << param.getType() << ", but got " << getResult().getType();
    diagnostic.attachNote(param.getLoc()) << "the parameter is declared here";
    return diagnostic;
  }
  return success();
}

LogicalResult ConstantOp::verify() {
  if (getValue().getNumElements() > maxConstantElements) // constant_c1
    return emitOpError("expects at most ") << maxConstantElements << " elements, but got " << getValue().getNumElements();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) {
  return getValue();
}
