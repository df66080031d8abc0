//===- Sample.cpp - verifiers and evaluators of samplers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/decode/Decode.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::decode;

/// The dimension in a diagnostic.
static std::string dimText(int64_t dim) {
  return ShapedType::isDynamic(dim) ? "?" : std::to_string(dim);
}

/// What both samplers ask of shapes: logits of rank 2 and vectors of as many elements as there are rows.
static LogicalResult verifyRows(Operation *op, Value logits, ValueRange vectors) {
  auto type = cast<RankedTensorType>(logits.getType());
  if (type.getRank() != 2)
    return op->emitOpError("expects rank-2 logits, but got rank ") << type.getRank();
  for (Value vector : vectors) {
    auto vectorType = cast<RankedTensorType>(vector.getType());
    if (vectorType.getRank() != 1 || failed(verifyCompatibleShape(vectorType.getShape(), type.getShape().take_front())))
      return op->emitOpError("expects one element for each of the ") << dimText(type.getDimSize(0)) << " rows, but got " << vectorType;
  }
  return success();
}

LogicalResult GreedyOp::verify() {
  return verifyRows(*this, getLogits(), {getResult()});
} // greedy_c1

LogicalResult SampleOp::verify() {
  if (failed(verifyRows(*this, getLogits(), {getUniform(), getResult()}))) // sample_c1
    return failure();
  double temperature = getTemperature().convertToDouble(), topP = getTopP().convertToDouble();
  double minP = getMinP().convertToDouble();
  if (!std::isfinite(temperature) || temperature < 0) // sample_c2
    return emitOpError("expects a finite temperature of at least 0, but got ") << temperature;
  if (getTopK() < 0) // sample_c3
    return emitOpError("expects a top_k of at least 0, but got ") << getTopK();
  if (!(topP > 0 && topP <= 1)) // sample_c4
    return emitOpError("expects a top_p above 0 and at most 1, but got ") << topP;
  if (!(minP >= 0 && minP <= 1)) // sample_c5
    return emitOpError("expects a min_p of at least 0 and at most 1, but got ") << minP;
  return success();
}

/// The index of the first of the largest values.
static int64_t argmax(ArrayRef<double> values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

/// Draws from one row of logits, as the op's documentation says.
static int64_t sampleRow(SampleOp op, ArrayRef<double> logits, double uniform) {
  double temperature = op.getTemperature().convertToDouble(), topP = op.getTopP().convertToDouble();
  int64_t first = argmax(logits);
  if (temperature == 0)
    return first;
  std::vector<double> w;
  for (double logit : logits)
    w.push_back(std::exp((logit - logits[first]) / temperature));
  auto weigh = [&](ArrayRef<int64_t> tokens) {
    return std::accumulate(tokens.begin(), tokens.end(), 0.0, [&](double sum, int64_t i) { return sum + w[i]; });
  };

  std::vector<int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
  if (op.getTopK() > 0 && op.getTopK() < static_cast<int64_t>(order.size()))
    order.resize(op.getTopK());
  if (topP < 1) {
    std::vector<int64_t> indices = order;
    llvm::sort(indices);
    double bound = topP * weigh(indices), sum = 0;
    size_t kept = 0;
    while (kept < order.size() && (sum += w[order[kept++]]) < bound)
      ;
    order.resize(kept);
  }
  llvm::erase_if(order, [&](int64_t i) { return w[i] < op.getMinP().convertToDouble(); });

  llvm::sort(order);
  double bound = uniform * weigh(order), sum = 0;
  for (int64_t token : order)
    if ((sum += w[token]) > bound)
      return token;
  return order.back();
}

/// Whether all logits are numbers; an error at the op otherwise.
static LogicalResult checkLogits(Operation *op, const EvalTensor &logits) {
  if (logits.dim(1) == 0 || llvm::any_of(logits.values(), [](double x) { return std::isnan(x); }))
    return op->emitOpError("expects at least one logit, and all of them to be numbers");
  return success();
}

LogicalResult GreedyOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor logits = operands[0].tensor().toDense(), tokens = EvalTensor::dense({logits.dim(0)});
  if (failed(checkLogits(*this, logits)))
    return failure();
  for (int64_t t = 0; t < logits.dim(0); ++t)
    tokens.at(t) = argmax(logits.values().slice(t * logits.dim(1), logits.dim(1)));
  results.push_back(tokens);
  return success();
}

LogicalResult SampleOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor logits = operands[0].tensor().toDense(), uniform = operands[1].tensor().toDense();
  if (failed(checkLogits(*this, logits)))
    return failure();
  if (uniform.size() != logits.dim(0))
    return emitOpError("expects a uniform number for each row");
  EvalTensor tokens = EvalTensor::dense({logits.dim(0)});
  for (int64_t t = 0; t < logits.dim(0); ++t)
    tokens.at(t) = sampleRow(*this, logits.values().slice(t * logits.dim(1), logits.dim(1)), uniform.at(t));
  results.push_back(tokens);
  return success();
}
