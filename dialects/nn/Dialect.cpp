//===- Dialect.cpp - registration of nn's types, attributes and ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/dialects/nn/NN.h"
#include "llvm/ADT/TypeSwitch.h"

#include "tenon/dialects/nn/Dialect.cpp.inc"
#include "tenon/dialects/nn/Enums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/nn/Attrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/nn/Types.cpp.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/nn/Ops.cpp.inc"

using namespace mlir;
using namespace tenon::nn;

void NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tenon/dialects/nn/Attrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "tenon/dialects/nn/Types.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tenon/dialects/nn/Ops.cpp.inc"
      >();
}

Operation *NNDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

void tenon::nn::decodeBlockOf(StringRef format, const uint8_t *block, float *values) {
  const BlockCodec *codec = findBlockCodec(format);
  assert(codec && "every block type has a codec of its name");
  codec->decode(block, values);
}

void tenon::nn::encodeBlockOf(StringRef format, const float *values, uint8_t *block) {
  const BlockCodec *codec = findBlockCodec(format);
  assert(codec && "every block type has a codec of its name");
  codec->encode(values, block);
}
