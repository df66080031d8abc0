//===- Wkv.cpp - forms of averages weighted by exponentials ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Graph.h"
#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

StringRef WkvOp::getLogDecayName() {
  return "w";
}

Step WkvOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  Value k = slices[0], v = slices[1], w = fixed[0], u = fixed[1];
  Value a = g.rows(states[0], 0, 1), b = g.rows(states[0], 1, 1), m = g.rows(states[0], 2, 1);
  // Less than any exponent where b is 0, and 0 where it is 1 or more.
  Value absent = g.mul(g.add(g.make<nn::NegOp>({g.min(b, g.number(1))}), g.number(1)), g.number(-1e30));
  m = g.add(m, absent);

  Value now = g.add(k, u), most = g.max(m, now);
  Value past = g.exp(g.sub(m, most)), present = g.exp(g.sub(now, most));
  Value result = g.div(g.add(g.mul(past, a), g.mul(present, v)), g.add(g.mul(past, b), present));

  Value faded = g.add(m, w);
  most = g.max(faded, k);
  past = g.exp(g.sub(faded, most)), present = g.exp(g.sub(k, most));
  Value next = g.stack({g.add(g.mul(past, a), g.mul(present, v)), g.add(g.mul(past, b), present), most});
  return {{result}, {next}};
}
