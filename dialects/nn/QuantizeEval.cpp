//===- QuantizeEval.cpp - evaluators of rounding and conversion ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

EvalTensor tenon::nn::roundToBlocks(const EvalTensor &tensor, BlockQuantizedTypeInterface format) {
  EvalTensor input = tensor.toDense(), result = EvalTensor::dense(input.shape());
  int64_t elements = format.getBlockElements();
  SmallVector<float, 64> values(elements);
  SmallVector<uint8_t, 128> block(format.getBlockBytes());
  for (int64_t begin = 0; begin + elements <= input.size(); begin += elements) {
    bool finite = true;
    for (int64_t i = 0; i < elements; ++i)
      finite &= std::isfinite(values[i] = static_cast<float>(input.at(begin + i)));
    if (!finite) {
      llvm::fill(result.values().slice(begin, elements), std::nan(""));
      continue;
    }
    format.encodeBlock(values.data(), block.data());
    format.decodeBlock(block.data(), values.data());
    llvm::copy(values, result.values().begin() + begin);
  }
  return result;
}

LogicalResult QuantizeOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  BlockQuantizedTypeInterface format = getBlockType(getResult().getType());
  if (operands[0].tensor().rowSize() % format.getBlockElements() != 0)
    return emitOpError("expects rows of whole blocks of ") << format.getBlockElements() << ", but got " << operands[0].tensor().rowSize();
  results.push_back(roundToBlocks(operands[0].tensor(), format));
  return success();
}

LogicalResult ConvertOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense();
  return yield(*this, EvalTensor::dense(input.shape(), input.values()), results);
}
