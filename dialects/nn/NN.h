//===- NN.h - pure tensor ops of neural networks ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "tenon/dialects/common/BlockTypeInterface.h"
#include "tenon/dialects/common/ElementwiseInterface.h"
#include "tenon/dialects/common/Eval.h"
#include "tenon/dialects/nn/stored/Stored.h"

#include "tenon/dialects/nn/Dialect.h.inc"
#include "tenon/dialects/nn/Enums.h.inc"
#include "tenon/dialects/nn/LinearInterface.h.inc"

namespace tenon::nn {
using ::tenon::BlockQuantizedTypeInterface;

/// Decodes or encodes one block by the codec of that name.
void decodeBlockOf(llvm::StringRef format, const uint8_t *block, float *values);
void encodeBlockOf(llvm::StringRef format, const float *values, uint8_t *block);

/// Rounds a tensor's rows through the blocks of a format, as nn.quantize does: the values that the blocks
/// stand for. A block with a value that is not finite becomes not-a-number throughout.
EvalTensor roundToBlocks(const EvalTensor &input, BlockQuantizedTypeInterface format);

/// The element type as a block type, or null for floats and integers.
inline BlockQuantizedTypeInterface getBlockType(mlir::Type type) {
  return llvm::dyn_cast<BlockQuantizedTypeInterface>(mlir::getElementTypeOrSelf(type));
}
} // namespace tenon::nn

#define GET_ATTRDEF_CLASSES
#include "tenon/dialects/nn/Attrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "tenon/dialects/nn/Types.h.inc"
#define GET_OP_CLASSES
#include "tenon/dialects/nn/Ops.h.inc"

namespace tenon::nn {
/// The name of the format in which files hold elements of this type ("f32", "q4_1"), or empty.
std::string formatOfElement(mlir::Type type);
/// The element type of that format, or null.
mlir::Type elementOfFormat(mlir::MLIRContext *context, llvm::StringRef format);
/// The text of what a parameter is made of.
mlir::ParseResult parseParamSource(mlir::OpAsmParser &parser, mlir::TypeAttr &type, mlir::ArrayAttr &pieces, mlir::UnitAttr &transposed,
                                   mlir::FloatAttr &plus, mlir::StringAttr &function);
void printParamSource(mlir::OpAsmPrinter &printer, ParamOp op, mlir::TypeAttr type, mlir::ArrayAttr pieces, mlir::UnitAttr transposed,
                      mlir::FloatAttr plus, mlir::StringAttr function);
/// An `#nn.stored` or `#nn.coded` as files hold it; relative files are in `folder`.
StoredTensor describeTensor(mlir::Attribute tensor, llvm::StringRef folder);
} // namespace tenon::nn
