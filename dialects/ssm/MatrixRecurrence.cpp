//===- MatrixRecurrence.cpp - recurrences whose state is a matrix for each head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/MatrixRecurrence.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon::ssm;

static int64_t dimOf(Value tensor, int64_t dim) {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
}

std::optional<MatrixRecurrence> MatrixRecurrence::of(Operation *op) {
  MatrixRecurrence made;
  made.op = op;
  if (auto ssd = dyn_cast<SsdOp>(op)) {
    made.query = ssd.getC(), made.key = ssd.getB(), made.value = ssd.getX();
    made.step = ssd.getDt(), made.decay = ssd.getA(), made.skip = ssd.getSkip(), made.state = ssd.getState();
    made.hasFixedDecay = true;
  } else if (auto attention = dyn_cast<LinearAttentionOp>(op)) {
    made.query = attention.getQ(), made.key = attention.getK(), made.value = attention.getV();
    made.decay = attention.getDecay(), made.bonus = attention.getBonus(), made.state = attention.getState();
    made.hasFixedDecay = attention.getFixedDecay();
    made.readsBefore = attention.getRead() == Read::before;
  } else if (auto delta = dyn_cast<DeltaRuleOp>(op)) {
    made.query = delta.getQ(), made.key = delta.getK(), made.value = delta.getV();
    made.left = delta.getA(), made.right = delta.getB(), made.decay = delta.getDecay(), made.state = delta.getState();
  } else {
    return std::nullopt;
  }
  if (made.decay)
    made.decaysByKey = cast<RankedTensorType>(made.decay.getType()).getRank() == (made.hasFixedDecay ? 2 : 3);
  made.groups = dimOf(made.query, 1);
  made.heads = dimOf(made.state, 0);
  made.keys = dimOf(made.state, 1);
  made.values = dimOf(made.state, 2);
  return made;
}

const char *MatrixRecurrence::whyNotByProducts() const {
  if (left)
    return "its state changes by more than a decay and a product";
  if (decaysByKey)
    return "each key has its own decay";
  return nullptr;
}
