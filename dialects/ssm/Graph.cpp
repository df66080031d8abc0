//===- Graph.cpp - nn ops whose types follow from their operands ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Graph.h"

#include "tenon/dialects/ssm/Ssm.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

RankedTensorType Graph::typed(Value like, ArrayRef<int64_t> shape) {
  return cast<RankedTensorType>(like.getType()).clone(shape);
}

Value Graph::reshape(Value a, ArrayRef<int64_t> shape) {
  return shapeOf(a) == shape ? a : nn::ReshapeOp::create(builder, loc, typed(a, shape), a).getResult();
}

Value Graph::transpose(Value a, ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> shape = llvm::map_to_vector(permutation, [&](int64_t dim) { return shapeOf(a)[dim]; });
  return nn::TransposeOp::create(builder, loc, typed(a, shape), a, permutation);
}

Value Graph::broadcast(Value a, ArrayRef<int64_t> shape, ArrayRef<int64_t> dims, Value like) {
  return nn::BroadcastOp::create(builder, loc, typed(a, shape), a, dims, like);
}

Value Graph::sum(Value a, int64_t dim) {
  SmallVector<int64_t> shape(shapeOf(a));
  shape.erase(shape.begin() + dim);
  return nn::ReduceOp::create(builder, loc, typed(a, shape), nn::Reduction::sum, a, dim);
}

Value Graph::matmul(Value a, Value b) {
  SmallVector<int64_t> shape(shapeOf(a));
  shape.back() = shapeOf(b).back();
  return nn::MatmulOp::create(builder, loc, typed(a, shape), a, b);
}

Value Graph::part(Value a, int64_t dim, int64_t start, int64_t size) {
  SmallVector<int64_t> shape(shapeOf(a));
  shape[dim] = size;
  return nn::SliceOp::create(builder, loc, typed(a, shape), a, dim, start, size);
}

Value Graph::join(ValueRange parts, int64_t dim) {
  SmallVector<int64_t> shape(shapeOf(parts[0]));
  shape[dim] = 0;
  for (Value part : parts)
    shape[dim] = ShapedType::isDynamic(shape[dim]) || ShapedType::isDynamic(shapeOf(part)[dim]) ? ShapedType::kDynamic
                                                                                                : shape[dim] + shapeOf(part)[dim];
  return nn::ConcatOp::create(builder, loc, typed(parts[0], shape), parts, dim);
}

Value Graph::number(double value) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  return nn::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, static_cast<float>(value)));
}

Value Graph::identity(int64_t size) {
  std::vector<float> values(size * size);
  for (int64_t i = 0; i < size; ++i)
    values[i * size + i] = 1;
  auto type = RankedTensorType::get({size, size}, builder.getF32Type());
  return nn::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, ArrayRef(values)));
}

Value Graph::asRow(Value state) {
  SmallVector<int64_t> shape(shapeOf(state));
  shape.insert(shape.begin(), 1);
  return reshape(state, shape);
}

Value Graph::runningSum(Value rows) {
  auto sum = [&](OpBuilder &inner, ValueRange first, ValueRange second) {
    return SmallVector<Value>{Graph(inner, loc).add(first[0], second[0])};
  };
  return PrefixOp::create(builder, loc, ValueRange(rows), sum)->getResult(0);
}
