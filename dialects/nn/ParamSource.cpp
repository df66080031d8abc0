//===- ParamSource.cpp - what parameters are made of, as text and as description ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/AsmParser/AsmParser.h"
#include "tenon/dialects/nn/NN.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

//===----------------------------------------------------------------------===//
// Element formats
//===----------------------------------------------------------------------===//

namespace {
struct NamedType {
  StringLiteral format;
  Type (*make)(MLIRContext *context);
};
} // namespace

template <unsigned width> static Type integer(MLIRContext *context) {
  return IntegerType::get(context, width);
}
static Type unsignedByte(MLIRContext *context) {
  return IntegerType::get(context, 8, IntegerType::Unsigned);
}
template <typename Float> static Type floating(MLIRContext *context) {
  return Float::get(context);
}

/// The types of formats that are not blocks.
static const NamedType namedTypes[] = {
    {"f32", floating<Float32Type>},
    {"f16", floating<Float16Type>},
    {"bf16", floating<BFloat16Type>},
    {"f64", floating<Float64Type>},
    {"f8_e4m3", floating<Float8E4M3FNType>},
    {"f8_e5m2", floating<Float8E5M2Type>},
    {"f8_e8m0", floating<Float8E8M0FNUType>},
    {"i64", integer<64>},
    {"i32", integer<32>},
    {"i16", integer<16>},
    {"i8", integer<8>},
    {"u8", unsignedByte},
    {"bool", integer<1>},
};

std::string nn::formatOfElement(Type type) {
  if (auto block = dyn_cast<BlockQuantizedTypeInterface>(type))
    return block.getFormatName().str();
  for (const NamedType &named : namedTypes)
    if (named.make(type.getContext()) == type)
      return named.format.str();
  return "";
}

Type nn::elementOfFormat(MLIRContext *context, StringRef format) {
  for (const NamedType &named : namedTypes)
    if (named.format == format)
      return named.make(context);
  return findBlockCodec(format) ? parseType(("!nn." + format).str(), context) : Type();
}

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

static StoredArray describeArray(StoredAttr stored, StringRef folder) {
  SmallString<128> path(stored.getFile().getValue());
  if (!folder.empty() && llvm::sys::path::is_relative(path)) {
    path = folder;
    llvm::sys::path::append(path, stored.getFile().getValue());
  }
  RankedTensorType type = stored.getType();
  return {std::string(path), uint64_t(stored.getOffset()), formatOfElement(type.getElementType()),
          SmallVector<int64_t, 4>(type.getShape())};
}

StoredTensor nn::describeTensor(Attribute tensor, StringRef folder) {
  if (auto stored = dyn_cast<StoredAttr>(tensor)) {
    StoredArray array = describeArray(stored, folder);
    SmallVector<int64_t, 4> shape = array.shape;
    return {"", {{"values", std::move(array)}}, std::move(shape)};
  }
  auto coded = cast<CodedAttr>(tensor);
  StoredTensor result = {coded.getRule().str(), {}, SmallVector<int64_t, 4>(coded.getShape().asArrayRef())};
  for (NamedAttribute part : coded.getParts())
    result.parts.push_back({part.getName().str(), describeArray(cast<StoredAttr>(part.getValue()), folder)});
  return result;
}

StoredParameter ParamOp::describe(StringRef folder) {
  auto type = cast<RankedTensorType>(getType());
  StoredParameter result;
  result.format = formatOfElement(type.getElementType());
  result.shape.assign(type.getShape().begin(), type.getShape().end());
  result.transposed = getTransposed();
  result.plus = getPlus() ? getPlus()->convertToDouble() : 0;
  result.function = getFunction().value_or("").str();
  for (Attribute piece : getPieces()) {
    auto view = dyn_cast<RowsAttr>(piece);
    StoredRows rows = {describeTensor(view ? view.getTensor() : piece, folder), 0, 0, 0};
    if (view) {
      rows.start = view.getStart();
      rows.count = view.getCount();
      rows.stride = view.getStride();
    } else {
      rows.count = tensorRows(rows.tensor, result.transposed, result.shape);
    }
    result.pieces.push_back(std::move(rows));
  }
  return result;
}

void ParamOp::build(OpBuilder &builder, OperationState &state, StringRef name, Type type, StringRef file, int64_t offset) {
  auto tensor = cast<RankedTensorType>(type);
  auto plain = RankedTensorType::get(tensor.getShape(), tensor.getElementType());
  Attribute piece = StoredAttr::get(builder.getContext(), builder.getStringAttr(file), offset, plain);
  build(builder, state, builder.getStringAttr(name), TypeAttr::get(type), builder.getArrayAttr(piece), UnitAttr(), FloatAttr(),
        StringAttr());
}

static StoredAttr storedAttr(MLIRContext *context, const StoredArray &array) {
  Type element = elementOfFormat(context, array.format);
  assert(element && "a frontend names formats that files hold");
  return StoredAttr::get(context, StringAttr::get(context, array.path), int64_t(array.offset), RankedTensorType::get(array.shape, element));
}

static Attribute tensorAttr(MLIRContext *context, const StoredTensor &tensor) {
  if (tensor.rule.empty())
    return storedAttr(context, *tensor.part("values"));
  NamedAttrList parts;
  for (const auto &[name, array] : tensor.parts)
    parts.append(name, storedAttr(context, array));
  return CodedAttr::get(context, StringAttr::get(context, tensor.rule), DenseI64ArrayAttr::get(context, tensor.shape),
                        parts.getDictionary(context));
}

void ParamOp::build(OpBuilder &builder, OperationState &state, StringRef name, Type type, const StoredParameter &stored) {
  MLIRContext *context = builder.getContext();
  SmallVector<Attribute> pieces;
  for (const StoredRows &rows : stored.pieces) {
    Attribute tensor = tensorAttr(context, rows.tensor);
    bool isWhole = rows.start == 0 && rows.count == tensorRows(rows.tensor, stored.transposed, stored.shape) && rows.stride == 0;
    pieces.push_back(isWhole ? tensor : RowsAttr::get(context, tensor, rows.start, rows.count, rows.stride));
  }
  build(builder, state, builder.getStringAttr(name), TypeAttr::get(type), builder.getArrayAttr(pieces),
        stored.transposed ? builder.getUnitAttr() : UnitAttr(), stored.plus != 0 ? builder.getF64FloatAttr(stored.plus) : FloatAttr(),
        stored.function.empty() ? StringAttr() : builder.getStringAttr(stored.function));
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// The only piece if it is one array of the parameter's own type, or null.
static StoredAttr plainSource(TypeAttr type, ArrayAttr pieces, UnitAttr transposed, FloatAttr plus, StringAttr function) {
  auto stored = pieces.size() == 1 ? dyn_cast<StoredAttr>(pieces[0]) : StoredAttr();
  auto tensor = cast<RankedTensorType>(type.getValue());
  if (!stored || transposed || plus || function || stored.getType() != RankedTensorType::get(tensor.getShape(), tensor.getElementType()))
    return nullptr;
  return stored;
}

ParseResult nn::parseParamSource(OpAsmParser &parser, TypeAttr &type, ArrayAttr &pieces, UnitAttr &transposed, FloatAttr &plus,
                                 StringAttr &function) {
  RankedTensorType tensor;
  if (parser.parseType(tensor))
    return failure();
  type = TypeAttr::get(tensor);
  Builder &builder = parser.getBuilder();
  if (succeeded(parser.parseOptionalKeyword("from"))) {
    StringAttr file;
    int64_t offset;
    if (parser.parseAttribute(file) || parser.parseKeyword("at") || parser.parseInteger(offset))
      return failure();
    auto plain = RankedTensorType::get(tensor.getShape(), tensor.getElementType());
    pieces = builder.getArrayAttr(StoredAttr::get(builder.getContext(), file, offset, plain));
    return success();
  }
  if (parser.parseKeyword("of", " or 'from'") || parser.parseAttribute(pieces))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("transposed")))
    transposed = builder.getUnitAttr();
  double addend;
  if (succeeded(parser.parseOptionalKeyword("plus"))) {
    if (parser.parseFloat(addend))
      return failure();
    plus = builder.getF64FloatAttr(addend);
  }
  if (succeeded(parser.parseOptionalKeyword("apply"))) {
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    function = builder.getStringAttr(name);
  }
  return success();
}

void nn::printParamSource(OpAsmPrinter &printer, ParamOp, TypeAttr type, ArrayAttr pieces, UnitAttr transposed, FloatAttr plus,
                          StringAttr function) {
  printer << type.getValue();
  if (StoredAttr stored = plainSource(type, pieces, transposed, plus, function)) {
    printer << " from " << stored.getFile() << " at " << stored.getOffset();
    return;
  }
  printer << " of " << pieces;
  if (transposed)
    printer << " transposed";
  if (plus) {
    printer << " plus ";
    printer.printFloat(plus.getValue());
  }
  if (function)
    printer << " apply " << function.getValue();
}
