//===- MatmulRules.cpp - products of two activations at one place ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The right side of nn.matmul is no parameter, so there is nothing to pack: a row of the left side is copied to scratch memory once,
// and a pull adds its products with the rows of the right side, k ascending. This is the plain form for small products; weights take
// nn.linear.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ElementRules.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Scratch memory is on the stack of a thread of the host program.
static constexpr int64_t mostScratch = 1 << 16;

namespace {
/// The sizes of a product. Of more than two dimensions, a row holds `batches` matrices [rows, columns] of the result.
struct Product {
  int64_t depth, columns;
  int64_t leftSize, rightSize, resultSize; ///< elements of one matrix in a row
  bool isBatched;

  explicit Product(nn::MatmulOp op) {
    ArrayRef<int64_t> left = cast<RankedTensorType>(op.getLhs().getType()).getShape();
    depth = left.back();
    columns = cast<RankedTensorType>(op.getRhs().getType()).getShape().back();
    isBatched = left.size() > 2;
    int64_t rows = isBatched ? left[left.size() - 2] : 1;
    leftSize = rows * depth;
    rightSize = depth * columns;
    resultSize = rows * columns;
  }
};
} // namespace

static void prepareMatmul(ElementEmitter &emitter, Operation *op, Value row) {
  auto matmul = cast<nn::MatmulOp>(op);
  LoopBuilder &b = emitter.b;
  Product product(matmul);
  int64_t elements = Matrix::of(matmul.getLhs().getType()).columns;
  if (ShapedType::isDynamic(product.depth) || ShapedType::isDynamic(product.columns) || elements < 0 ||
      (product.isBatched && ShapedType::isDynamic(product.leftSize))) {
    emitter.fail(op, "multiplies matrices with a dynamic dimension other than the first");
    return;
  }
  if (elements > mostScratch) {
    emitter.fail(op, "multiplies rows of more than " + Twine(mostScratch) + " elements");
    return;
  }
  emitter.prepare(matmul.getLhs(), row);
  if (product.isBatched)
    emitter.prepare(matmul.getRhs(), row);
  Value left = emitter.scratch({std::max<int64_t>(1, elements)}, b.builder.getF32Type());
  emitter.forColumns(row, b.index(0), elements,
                     [&](Place place) { b.storeFloats(emitter.pull(matmul.getLhs(), place), left, {place.column}, place.active); });
  emitter.meet();
  emitter.setStatistic(op, row, 0, left);
}

static Value pullMatmul(ElementEmitter &emitter, Operation *op, Place place) {
  auto matmul = cast<nn::MatmulOp>(op);
  LoopBuilder &b = emitter.b;
  Product product(matmul);
  Value left = emitter.getScratch(op, place.row, 0);
  bool isOneRow = product.columns == Matrix::of(op->getResult(0).getType()).columns;
  if (!left || (!isOneRow && !emitter.staysTogether(product.columns)))
    return b.splat(0, emitter.lanes);
  Value column = isOneRow ? place.column : b.rem(place.column, product.columns);
  Value firstLeft = isOneRow ? b.index(0) : b.mul(b.div(place.column, product.columns), product.depth);
  Value batch = product.isBatched ? b.mul(b.div(place.column, std::max<int64_t>(1, product.resultSize)), product.rightSize) : b.index(0);
  return b.loop(b.index(0), b.index(product.depth), 1, {b.splat(0, emitter.lanes)}, [&](Value k, ValueRange sum) {
    Value a = b.broadcast(b.load(left, {b.add(firstLeft, k)}), emitter.lanes);
    Place right{k, column, place.active};
    if (product.isBatched)
      right = {place.row, b.add(batch, b.add(b.mul(k, product.columns), column)), place.active};
    return Values{b.fma(a, emitter.pull(matmul.getRhs(), right), sum[0])};
  })[0];
}

void tenon::codegen::addMatmulRules(ElementRules &rules) {
  rules.add<nn::MatmulOp>({pullMatmul, prepareMatmul, nullptr});
}
