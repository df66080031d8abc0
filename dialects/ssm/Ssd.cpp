//===- Ssd.cpp - forms of the recurrence of matrices with one decay a head ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/HeadState.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

LogicalResult SsdOp::verify() {
  return verifyGroups(*this, getX(), getB()); // ssd_c4
}

StringRef SsdOp::getLogDecayName() {
  return "a";
}

Step SsdOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  HeadState head(g, states[0]);
  Value x = head.values(slices[0]), dt = slices[1], b = head.keys(slices[2]), c = head.keys(slices[3]);
  Value scaled = g.mul(x, g.broadcast(g.reshape(dt, {head.heads}), {head.heads, head.valueSize}, {0}));
  Value next = g.add(head.decayed(states[0], g.mul(dt, fixed[0]), /*ofKeys=*/false), head.outer(b, scaled));
  Value result = head.read(c, next);
  if (getSkip())
    result = g.add(result, g.mul(x, g.broadcast(fixed[1], {head.heads, head.valueSize}, {0})));
  return {{head.row(result)}, {next}};
}
