//===- AttentionEval.cpp - evaluator of attention ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/ParallelFor.h"
#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

namespace {
/// One attention: dense operands, the sizes by their names in the documentation, and the options.
struct AttentionEval {
  EvalTensor query, key, value;
  std::optional<EvalTensor> bias, sinks, slopes;
  int64_t T, H, D, S, K, V;
  double scale, softCap;
  bool causal;
  int64_t window, chunk;

  /// Whether query t sees key s.
  bool visible(int64_t t, int64_t s) const {
    int64_t position = S - T + t;
    return !causal || (s <= position && s > position - window && s / chunk == position / chunk);
  }

  /// The score of key s for query t of head h.
  double score(int64_t t, int64_t h, int64_t s) const {
    const double *q = query.values().data() + (t * H + h) * D;
    const double *k = key.values().data() + (s * K + h / (H / K)) * D;
    double sum = 0;
    for (int64_t i = 0; i < D; ++i)
      sum += q[i] * k[i];
    sum *= scale;
    if (softCap > 0)
      sum = softCap * std::tanh(sum / softCap);
    if (bias)
      sum += bias->at(((bias->rank() == 3 ? h * T : 0) + t) * S + s);
    if (slopes)
      sum += slopes->at(h) * static_cast<double>(s - (S - T + t));
    return sum;
  }

  /// Writes the V elements of the result for query t of head h.
  void run(int64_t t, int64_t h, double *out) const {
    std::vector<double> weight(S, -INFINITY);
    double largest = -INFINITY, sum = 0;
    for (int64_t s = 0; s < S; ++s)
      if (visible(t, s))
        largest = std::max(largest, weight[s] = score(t, h, s));
    if (largest == -INFINITY)
      return;
    if (sinks) {
      largest = std::max(largest, sinks->at(h));
      sum = std::exp(sinks->at(h) - largest);
    }
    for (double &w : weight)
      sum += w = std::exp(w - largest);
    for (int64_t s = 0; s < S; ++s)
      for (int64_t i = 0; i < V; ++i)
        out[i] += weight[s] / sum * value.at((s * K + h / (H / K)) * V + i);
  }
};
} // namespace

LogicalResult AttentionOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  AttentionEval eval;
  eval.query = operands[0].tensor().toDense(), eval.key = operands[1].tensor().toDense();
  eval.value = operands[2].tensor().toDense();
  eval.T = eval.query.dim(0), eval.H = eval.query.dim(1), eval.D = eval.query.dim(2);
  eval.S = eval.key.dim(0), eval.K = eval.key.dim(1), eval.V = eval.value.dim(2);
  if (eval.value.dim(0) != eval.S || eval.value.dim(1) != eval.K || eval.key.dim(2) != eval.D || eval.K == 0 || eval.H % eval.K != 0)
    return emitOpError("expects query, key and value whose sizes agree");
  ArrayRef<EvalValue> options = operands.drop_front(3);
  for (auto [operand, value] : {std::pair(getBias(), &eval.bias), {getSinks(), &eval.sinks}, {getSlopes(), &eval.slopes}})
    if (operand) {
      *value = options.front().tensor().toDense();
      options = options.drop_front();
    }
  if (eval.bias && eval.bias->size() != (eval.bias->rank() == 3 ? eval.H : 1) * eval.T * eval.S)
    return emitOpError("expects a bias for each query and key");
  eval.scale = getScale().convertToDouble();
  eval.softCap = getSoftCap() ? getSoftCap()->convertToDouble() : 0;
  eval.causal = getCausal();
  eval.chunk = getChunk().value_or(std::numeric_limits<int32_t>::max());
  eval.window = getWindow().value_or(std::numeric_limits<int32_t>::max());

  EvalTensor result = EvalTensor::dense({eval.T, eval.H, eval.V});
  double *out = result.values().data();
  parallelFor(eval.T * eval.H, 4, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      eval.run(row / eval.H, row % eval.H, out + row * eval.V);
  });
  return yield(*this, std::move(result), results);
}
