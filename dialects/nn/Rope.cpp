//===- Rope.cpp - verifiers of rotary position embedding ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

LogicalResult RopeTableOp::verify() {
  if (failed(expectRank(*this, "tokens operand", getTokens(), 1)) || // rope_table_c1
      failed(expectRank(*this, "frequencies operand", getFrequencies(), 1)))
    return failure();
  if (!getScale().isFinite() || getScale().isNegative() || getScale().isZero()) // rope_table_c3
    return emitOpError("expects a finite scale above 0, but got ") << getScale().convertToDouble();
  int64_t pairs = shapeOf(getFrequencies())[0];
  return expectShape(*this, "result", getResult(), // rope_table_c2
                     {shapeOf(getTokens())[0], ShapedType::isDynamic(pairs) ? pairs : 2 * pairs});
}

LogicalResult RopeOp::verify() {
  if (failed(expectRank(*this, "input", getInput(), 3)) || // rope_c1
      failed(expectRank(*this, "table", getTable(), 2)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput()), table = shapeOf(getTable());
  if (!dimsAgree(input[0], table[0])) // rope_c2
    return emitOpError("expects a row of the table for each of the ") << dimText(input[0]) << " tokens, but got " << dimText(table[0]);
  bool known = !ShapedType::isDynamic(table[1]);
  if (known && (table[1] % 2 != 0 || (!ShapedType::isDynamic(input[2]) && table[1] > input[2]))) // rope_c3
    return emitOpError("expects an even row size of the table of at most ") << dimText(input[2]) << ", but got " << table[1];
  return success();
}
