//===- Inputs.cpp - the values that both sides are given ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Inputs.h"
#include <random>

using namespace mlir;
using namespace tenon;
using namespace tenon::verify;

namespace {
/// The rows of the smallest embedding table of the module; 1 where there is none.
int64_t vocabularySize(ModuleOp module) {
  int64_t rows = 0;
  module.walk([&](nn::EmbeddingOp embedding) {
    int64_t here = cast<RankedTensorType>(embedding.getTable().getType()).getDimSize(0);
    rows = rows ? std::min(rows, here) : here;
  });
  return std::max<int64_t>(rows, 1);
}

LogicalResult fillTokens(func::FuncOp entry, const Options &options, std::mt19937_64 &random, Input &input) {
  int64_t vocabulary = vocabularySize(entry->getParentOfType<ModuleOp>());
  if (options.tokens.empty()) {
    for (double &value : input.values)
      value = double(random() % uint64_t(vocabulary));
    return success();
  }
  input.values.assign(options.tokens.begin(), options.tokens.end());
  for (int32_t token : options.tokens)
    if (token < 0 || token >= vocabulary)
      return entry.emitError("expects tokens from 0 to ") << vocabulary - 1 << ", but got " << token;
  return success();
}
} // namespace

FailureOr<std::vector<Input>> verify::makeInputs(func::FuncOp entry, const Options &options) {
  std::mt19937_64 random(options.seed);
  std::vector<Input> inputs;
  int64_t dynamicSize = options.tokens.empty() ? options.count : int64_t(options.tokens.size());
  for (auto [index, type] : llvm::enumerate(entry.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !(tensor.getElementType().isF32() || tensor.getElementType().isInteger(32)))
      return entry.emitError("expects arguments that are tensors of f32 or i32, but argument ") << index << " is " << type;
    Input &input = inputs.emplace_back();
    input.elementType = tensor.getElementType();
    int64_t size = 1;
    for (int64_t dim : tensor.getShape()) {
      input.shape.push_back(ShapedType::isDynamic(dim) ? dynamicSize : dim);
      size *= input.shape.back();
    }
    input.values.resize(size);
    if (input.elementType.isInteger(32)) {
      if (failed(fillTokens(entry, options, random, input)))
        return failure();
      continue;
    }
    std::normal_distribution<double> normal;
    for (double &value : input.values)
      value = double(float(normal(random)));
  }
  return inputs;
}

EvalValues verify::toEvalValues(ArrayRef<Input> inputs) {
  EvalValues values;
  for (const Input &input : inputs)
    values.push_back(EvalTensor::dense(input.shape, input.values));
  return values;
}
