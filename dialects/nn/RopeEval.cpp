//===- RopeEval.cpp - evaluators of rotary position embedding ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

LogicalResult RopeTableOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor frequencies = operands[2].tensor().toDense();
  int64_t tokens = operands[0].tensor().size(), start = operands[1].index(), pairs = frequencies.size();
  double scale = getScale().convertToDouble();
  EvalTensor result = EvalTensor::dense({tokens, 2 * pairs});
  for (int64_t t = 0; t < tokens; ++t)
    for (int64_t i = 0; i < pairs; ++i) {
      float angle = static_cast<float>(start + t) * static_cast<float>(frequencies.at(i));
      result.at((t * pairs + i) * 2) = static_cast<float>(scale * static_cast<float>(std::cos(static_cast<double>(angle))));
      result.at((t * pairs + i) * 2 + 1) = static_cast<float>(scale * static_cast<float>(std::sin(static_cast<double>(angle))));
    }
  results.push_back(std::move(result));
  return success();
}

LogicalResult RopeOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor input = operands[0].tensor().toDense(), table = operands[1].tensor().toDense();
  int64_t tokens = input.dim(0), heads = input.dim(1), size = input.dim(2), pairs = table.dim(1) / 2;
  if (table.dim(0) != tokens || table.dim(1) % 2 != 0 || table.dim(1) > size)
    return emitOpError("expects a table of ") << tokens << " rows of at most " << size << " elements";
  EvalTensor result = EvalTensor::dense(input.shape(), std::vector<double>(input.values()));
  bool interleaved = getPairing() == Pairing::interleaved;
  for (int64_t row = 0; row < tokens * heads; ++row)
    for (int64_t i = 0; i < pairs; ++i) {
      int64_t at = row * size, j = at + (interleaved ? 2 * i : i), k = at + (interleaved ? 2 * i + 1 : i + pairs);
      double c = table.at((row / heads * pairs + i) * 2), s = table.at((row / heads * pairs + i) * 2 + 1);
      result.at(j) = input.at(j) * c - input.at(k) * s;
      result.at(k) = input.at(j) * s + input.at(k) * c;
    }
  return yield(*this, std::move(result), results);
}
