//===- Elementwise.cpp - elementwise ops: verifiers and the computation of one element ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/nn/ShapeCheckImpl.h"

using namespace mlir;
using namespace tenon::nn;

/// A number as an f32 or as a vector of f32, as the type says.
static Value number(OpBuilder &builder, Location loc, Type type, double value) {
  TypedAttr attribute = builder.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(type))
    attribute = DenseElementsAttr::get(vector, cast<Attribute>(attribute));
  return arith::ConstantOp::create(builder, loc, attribute);
}

/// 1 / (1 + exp(-x)), divided into `numerator`.
static Value logistic(OpBuilder &builder, Location loc, Value x, Value numerator) {
  Value exp = math::ExpOp::create(builder, loc, arith::NegFOp::create(builder, loc, x));
  Value sum = arith::AddFOp::create(builder, loc, number(builder, loc, x.getType(), 1), exp);
  return arith::DivFOp::create(builder, loc, numerator, sum);
}

static Value relu(OpBuilder &builder, Location loc, Value x) {
  return arith::MaximumFOp::create(builder, loc, x, number(builder, loc, x.getType(), 0));
}

Value SiluOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return logistic(builder, loc, operands[0], operands[0]);
}

Value SigmoidOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return logistic(builder, loc, operands[0], number(builder, loc, operands[0].getType(), 1));
}

Value QuickGeluOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  Value x = operands[0], scaled = arith::MulFOp::create(builder, loc, x, number(builder, loc, x.getType(), 1.702));
  Value exp = math::ExpOp::create(builder, loc, arith::NegFOp::create(builder, loc, scaled));
  return arith::DivFOp::create(builder, loc, x, arith::AddFOp::create(builder, loc, number(builder, loc, x.getType(), 1), exp));
}

LogicalResult ClampOp::verify() {
  std::optional<APFloat> low = getLow(), high = getHigh();
  if ((!low && !high) || (low && low->isNaN()) || (high && high->isNaN())) // clamp_c1
    return emitOpError("expects low, high or both to be numbers");
  if (low && high && *low > *high) // clamp_c2
    return emitOpError("expects low to be at most high, but got ") << low->convertToDouble() << " and " << high->convertToDouble();
  return success();
}

Value ClampOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  Value x = operands[0];
  if (std::optional<APFloat> low = getLow())
    x = arith::MaximumFOp::create(builder, loc, x, number(builder, loc, x.getType(), low->convertToDouble()));
  if (std::optional<APFloat> high = getHigh())
    x = arith::MinimumFOp::create(builder, loc, x, number(builder, loc, x.getType(), high->convertToDouble()));
  return x;
}

Value ReluOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return relu(builder, loc, operands[0]);
}

Value Relu2Op::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  Value positive = relu(builder, loc, operands[0]);
  return arith::MulFOp::create(builder, loc, positive, positive);
}

Value TanhOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return math::TanhOp::create(builder, loc, operands[0]);
}

Value ExpOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return math::ExpOp::create(builder, loc, operands[0]);
}

Value SinOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return math::SinOp::create(builder, loc, operands[0]);
}

Value CosOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return math::CosOp::create(builder, loc, operands[0]);
}

Value NegOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return arith::NegFOp::create(builder, loc, operands[0]);
}

Value SqrtOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return math::SqrtOp::create(builder, loc, operands[0]);
}

Value RsqrtOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  Value root = math::SqrtOp::create(builder, loc, operands[0]);
  return arith::DivFOp::create(builder, loc, number(builder, loc, root.getType(), 1), root);
}

/// max(x, 0) + log(1 + e) with e = exp(-|x|). From 0 to 1 the logarithm is e times a polynomial, fitted to the least largest relative
/// error: as exact where e is small as where it is not, and nothing is divided.
Value SoftplusOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  static constexpr double ofLogarithm[] = {
      1, -0.4999964796, 0.3332132246, -0.2485716239, 0.1915364985, -0.1375379141, 0.07920440595, -0.03006571242, 0.005364804354}; // 3.3e-8
  Value x = operands[0];
  auto constant = [&](double value) { return number(builder, loc, x.getType(), value); };
  Value magnitude = math::AbsFOp::create(builder, loc, x);
  Value e = math::ExpOp::create(builder, loc, arith::NegFOp::create(builder, loc, magnitude));
  // A multiplication and an addition that may be one: folding knows them, but no fused ones.
  auto multiplyAdd = [&](Value a, Value b, Value c) -> Value {
    Value product = arith::MulFOp::create(builder, loc, a, b, arith::FastMathFlags::contract);
    return arith::AddFOp::create(builder, loc, product, c, arith::FastMathFlags::contract);
  };
  Value sum = constant(ofLogarithm[8]);
  for (int power = 7; power >= 0; --power)
    sum = multiplyAdd(sum, e, constant(ofLogarithm[power]));
  return multiplyAdd(e, sum, relu(builder, loc, x));
}

Value AbsOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  return math::AbsFOp::create(builder, loc, operands[0]);
}

Value GeluOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  Value x = operands[0], inner;
  auto constant = [&](double value) { return number(builder, loc, x.getType(), value); };
  auto mul = [&](Value a, Value b) -> Value { return arith::MulFOp::create(builder, loc, a, b); };
  auto add = [&](Value a, Value b) -> Value { return arith::AddFOp::create(builder, loc, a, b); };
  if (getApproximate() == GeluApproximate::tanh) {
    Value cube = mul(mul(x, x), x);
    Value argument = mul(constant(0.79788456080286535588), add(x, mul(constant(0.044715), cube)));
    inner = math::TanhOp::create(builder, loc, argument);
  } else {
    inner = math::ErfOp::create(builder, loc, mul(x, constant(0.70710678118654752440)));
  }
  return mul(mul(constant(0.5), x), add(constant(1), inner));
}

/// Kernels compute in f32, so that a conversion is the rounding that its result type does.
Value ConvertOp::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {
  Type wide = operands[0].getType(), element = elementOf(getResult());
  if (element.isF32())
    return operands[0];
  Type narrow = element;
  if (auto vector = dyn_cast<VectorType>(wide))
    narrow = VectorType::get(vector.getShape(), element);
  Value rounded = arith::TruncFOp::create(builder, loc, narrow, operands[0]);
  return arith::ExtFOp::create(builder, loc, wide, rounded);
}

/// What all binary ops ask: (C1) `rhs` has the last dimensions of `lhs`, (C2) equal element types.
static LogicalResult verifyBinary(Operation *op) {
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  ArrayRef<int64_t> left = shapeOf(lhs), right = shapeOf(rhs);
  bool fits = right.size() <= left.size() && llvm::all_of(llvm::zip_equal(left.take_back(right.size()), right),
                                                          [](auto pair) { return dimsAgree(std::get<0>(pair), std::get<1>(pair)); });
  if (!fits) // add_c1 sub_c1 mul_c1 div_c1 max_c1 min_c1
    return op->emitOpError("expects the right shape to be the end of the left shape ")
           << shapeText(left) << ", but got " << shapeText(right);
  if (elementOf(lhs) != elementOf(rhs)) // add_c2 sub_c2 mul_c2 div_c2 max_c2 min_c2
    return op->emitOpError("expects operands of one element type, but got ") << elementOf(lhs) << " and " << elementOf(rhs);
  return success();
}

// Each binary op is one arith op.
#define TENON_BINARY(OP, ARITH)                                                                                                            \
  LogicalResult OP::verify() {                                                                                                             \
    return verifyBinary(*this);                                                                                                            \
  }                                                                                                                                        \
  Value OP::emitElement(OpBuilder &builder, Location loc, ValueRange operands) {                                                           \
    return arith::ARITH::create(builder, loc, operands[0], operands[1]);                                                                   \
  }
TENON_BINARY(AddOp, AddFOp)
TENON_BINARY(SubOp, SubFOp)
TENON_BINARY(MulOp, MulFOp)
TENON_BINARY(DivOp, DivFOp)
TENON_BINARY(MaxOp, MaximumFOp)
TENON_BINARY(MinOp, MinimumFOp)
#undef TENON_BINARY
