//===- Shape.cpp - verifiers and folders of ops that move elements ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace tenon::nn;

/// The product of the static dimensions.
static int64_t staticSize(ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t dim : shape)
    if (!ShapedType::isDynamic(dim))
      size *= dim;
  return size;
}

/// Whether a tensor of one shape can have as many elements as one of the other.
static bool sizesCanAgree(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  bool dynamicA = ShapedType::isDynamicShape(a), dynamicB = ShapedType::isDynamicShape(b);
  int64_t sizeA = staticSize(a), sizeB = staticSize(b);
  if (dynamicA == dynamicB)
    return dynamicA || sizeA == sizeB;
  int64_t fixed = dynamicA ? sizeB : sizeA, partial = dynamicA ? sizeA : sizeB;
  return partial == 0 ? fixed == 0 : fixed % partial == 0;
}

LogicalResult ReshapeOp::verify() {
  if (failed(expectSameElement(*this, getInput(), getResult()))) // reshape_c1
    return failure();
  ArrayRef<int64_t> from = shapeOf(getInput()), to = shapeOf(getResult());
  int64_t dynamic = llvm::count_if(to, ShapedType::isDynamic);
  if (dynamic > 1 || (dynamic == 1 && !ShapedType::isDynamicShape(from))) // reshape_c2
    return emitOpError("expects at most one dynamic result dimension, and none for a static input, but got ")
           << shapeText(from) << " to " << shapeText(to);
  if (!sizesCanAgree(from, to)) // reshape_c3
    return emitOpError("expects shapes of the same number of elements, but got ") << shapeText(from) << " and " << shapeText(to);
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getResult().getType());
  if (getInput().getType() == type && llvm::count_if(type.getShape(), ShapedType::isDynamic) <= 1)
    return getInput();
  auto elements = dyn_cast_or_null<DenseElementsAttr>(adaptor.getInput());
  return elements && type.hasStaticShape() ? OpFoldResult(elements.reshape(type)) : nullptr;
}

namespace {
/// reshape(reshape(x)) reads x: row-major order makes the shape between irrelevant.
struct ReshapeOfReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the input is not a reshape");
    if (ShapedType::isDynamicShape(shapeOf(op.getResult())) && !ShapedType::isDynamicShape(shapeOf(inner.getInput())))
      return rewriter.notifyMatchFailure(op, "the result's dynamic dimension would lose its origin");
    rewriter.modifyOpInPlace(op, [&] { op.getInputMutable().assign(inner.getInput()); });
    return success();
  }
};

/// transpose(transpose(x)) is one transpose by the product of the permutations.
struct TransposeOfTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the input is not a transpose");
    SmallVector<int64_t> product;
    for (int64_t dim : op.getPermutation())
      product.push_back(inner.getPermutation()[dim]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getResult().getType(), inner.getInput(), product);
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReshapeOfReshape>(context);
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<TransposeOfTranspose>(context);
}

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> shape = shapeOf(getInput()), permutation = getPermutation();
  llvm::SmallBitVector seen(shape.size());
  for (int64_t dim : permutation)
    if (dim >= 0 && dim < static_cast<int64_t>(shape.size()))
      seen.set(dim);
  if (permutation.size() != shape.size() || !seen.all()) // transpose_c1
    return emitOpError("expects a permutation of ") << shape.size() << " dimensions, but got " << shapeText(permutation);
  SmallVector<int64_t> expected;
  for (int64_t dim : permutation)
    expected.push_back(shape[dim]);
  if (failed(expectSameElement(*this, getInput(), getResult()))) // transpose_c2
    return failure();
  return expectShape(*this, "result", getResult(), expected); // transpose_c2
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  bool identity =
      llvm::all_of(llvm::enumerate(getPermutation()), [](auto pair) { return static_cast<int64_t>(pair.index()) == pair.value(); });
  return identity && getInput().getType() == getResult().getType() ? OpFoldResult(getInput()) : nullptr;
}

LogicalResult ConcatOp::verify() {
  SmallVector<int64_t> expected(shapeOf(getResult()));
  if (getInputs().empty()) // concat_c1
    return emitOpError("expects at least one input");
  if (failed(expectDim(*this, getDim(), expected.size()))) // concat_c2
    return failure();
  int64_t total = 0;
  for (Value input : getInputs()) {
    if (rankOf(input) != rankOf(getResult())) // concat_c1
      return emitOpError("expects inputs of the result's rank ") << rankOf(getResult()) << ", but got " << rankOf(input);
    if (failed(expectSameElement(*this, input, getResult()))) // concat_c1
      return failure();
    int64_t dim = shapeOf(input)[getDim()];
    total = ShapedType::isDynamic(dim) || ShapedType::isDynamic(total) ? ShapedType::kDynamic : total + dim;
    expected[getDim()] = dim;
    if (failed(expectShape(*this, "input", input, expected))) // concat_c3
      return failure();
  }
  expected[getDim()] = total;
  return expectShape(*this, "result", getResult(), expected); // concat_c4
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  bool alone = getInputs().size() == 1 && getInputs()[0].getType() == getResult().getType();
  return alone ? OpFoldResult(getInputs()[0]) : nullptr;
}

LogicalResult SliceOp::verify() {
  SmallVector<int64_t> shape(shapeOf(getInput()));
  if (failed(expectDim(*this, getDim(), shape.size()))) // slice_c1
    return failure();
  int64_t size = getSize(), start = getStart(), extent = shape[getDim()];
  if (size < 0) // slice_c2
    return emitOpError("expects a size of at least 0, but got ") << size;
  bool dynamic = ShapedType::isDynamic(extent);
  bool inside = start < 0 ? size <= -start && (dynamic || -start <= extent) : dynamic || (start <= extent && size <= extent - start);
  if (start == std::numeric_limits<int64_t>::min() || !inside) // slice_c3
    return emitOpError("expects a slice inside the dimension of ")
           << dimText(extent) << ", but got start " << start << " and size " << size;
  shape[getDim()] = size;
  if (failed(expectSameElement(*this, getInput(), getResult()))) // slice_c4
    return failure();
  return expectShape(*this, "result", getResult(), shape); // slice_c4
}

/// A slice of a whole static dimension is the input.
OpFoldResult SliceOp::fold(FoldAdaptor) {
  bool whole = getInput().getType() == getResult().getType() && shapeOf(getInput())[getDim()] == getSize();
  return whole ? OpFoldResult(getInput()) : nullptr;
}

LogicalResult GatherOp::verify() {
  if (failed(expectRankAtLeast(*this, "input", getInput(), 1))) // gather_c1
    return failure();
  if (failed(expectSameElement(*this, getInput(), getResult()))) // gather_c2
    return failure();
  SmallVector<int64_t> shape(shapeOf(getIndices()));
  llvm::append_range(shape, shapeOf(getInput()).drop_front());
  return expectShape(*this, "result", getResult(), shape); // gather_c2
}
