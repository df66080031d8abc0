//===- RouteEval.cpp - evaluator of the choice of experts ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A routing is evaluated to a tensor [T, 2, K]: of each token the experts' indices, then their weights.
//
//===----------------------------------------------------------------------===//

#include "tenon/dialects/moe/Moe.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::moe;

/// The indices of `values` in descending order of value; of equals the lower index first.
static SmallVector<int64_t> descending(ArrayRef<double> values) {
  SmallVector<int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) { return values[a] > values[b] || (values[a] == values[b] && a < b); });
  return order;
}

/// exp(x) / sum exp(x) of the values.
static std::vector<double> softmax(ArrayRef<double> values) {
  double largest = *std::max_element(values.begin(), values.end()), sum = 0;
  std::vector<double> result;
  for (double value : values)
    sum += result.emplace_back(std::exp(value - largest));
  for (double &value : result)
    value /= sum;
  return result;
}

static std::vector<double> scoresOf(Score score, ArrayRef<double> logits) {
  if (score == Score::softmax)
    return softmax(logits);
  std::vector<double> scores(logits);
  if (score == Score::sigmoid)
    for (double &value : scores)
      value = 1 / (1 + std::exp(-value));
  return scores;
}

/// The experts of the groups that stay, ascending.
static SmallVector<int64_t> expertsThatStay(RouteOp op, ArrayRef<double> choice) {
  int64_t groups = op.getGroups(), size = choice.size() / groups;
  std::vector<double> worth;
  for (int64_t group = 0; group < groups; ++group) {
    std::vector<double> members(choice.slice(group * size, size));
    llvm::sort(members, std::greater<>());
    worth.push_back(op.getGroupScore() == GroupScore::top2 ? members[0] + members[1] : members[0]);
  }
  SmallVector<int64_t> kept = descending(worth), experts;
  kept.truncate(op.getGroupsUsed());
  llvm::sort(kept);
  for (int64_t group : kept)
    for (int64_t i = 0; i < size; ++i)
      experts.push_back(group * size + i);
  return experts;
}

/// Writes the indices and weights of one token.
static void routeToken(RouteOp op, ArrayRef<double> logits, ArrayRef<double> bias, MutableArrayRef<double> indices,
                       MutableArrayRef<double> weights) {
  std::iota(indices.begin(), indices.end(), 0.0);
  llvm::fill(weights, std::nan(""));
  auto isNan = [](double value) { return std::isnan(value); };
  if (llvm::any_of(logits, isNan) || llvm::any_of(bias, isNan))
    return;
  std::vector<double> scores = scoresOf(op.getScore(), logits), choice = scores;
  for (auto [value, added] : llvm::zip(choice, bias))
    value += added;
  SmallVector<int64_t> experts = expertsThatStay(op, choice);
  std::vector<double> candidates;
  for (int64_t expert : experts)
    candidates.push_back(choice[expert]);
  SmallVector<int64_t> order = descending(candidates);
  for (size_t j = 0; j < indices.size(); ++j) {
    indices[j] = experts[order[j]];
    weights[j] = scores[experts[order[j]]];
  }
  if (op.getScore() == Score::softmax_selected)
    llvm::copy(softmax(weights), weights.begin());
  double sum = std::accumulate(weights.begin(), weights.end(), 1e-20);
  for (double &weight : weights)
    weight = (op.getRenormalise() ? weight / sum : weight) * op.getScale().convertToFloat();
}

LogicalResult RouteOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  EvalTensor logits = operands[0].tensor().toDense();
  std::vector<double> bias;
  if (getBias())
    bias = std::vector<double>(operands[1].tensor().toDense().values());
  int64_t experts = getType().getExperts(), used = getType().getUsed();
  EvalTensor routing = EvalTensor::dense({logits.dim(0), 2, used});
  for (int64_t t = 0; t < logits.dim(0); ++t) {
    MutableArrayRef<double> row = routing.values().slice(t * 2 * used, 2 * used);
    routeToken(*this, logits.values().slice(t * experts, experts), bias, row.take_front(used), row.drop_front(used));
  }
  results.push_back(std::move(routing));
  return success();
}
