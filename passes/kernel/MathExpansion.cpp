//===- MathExpansion.cpp - transcendental functions in arithmetic ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each function is reduced to an interval around zero, where a polynomial of least largest relative error stands for it. The coefficients
// were fitted by iteratively reweighted least squares on Chebyshev points; the error of each fit is beside it.
//
//===----------------------------------------------------------------------===//

#include "tenon/passes/kernel/MathExpansion.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include <limits>

using namespace mlir;
using namespace tenon;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value MathExpansion::number(double value, Type type) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr attr = FloatAttr::get(element, element.isF32() ? APFloat(float(value)) : APFloat(value));
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(builder, loc, attr);
}

Value MathExpansion::integer(int64_t value, Type type) {
  TypedAttr attr = IntegerAttr::get(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(builder, loc, attr);
}

static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

Type MathExpansion::ints(Type type) {
  return withElement(type, builder.getI32Type());
}
Type MathExpansion::doubles(Type type) {
  return withElement(type, builder.getF64Type());
}
Value MathExpansion::add(Value a, Value b) {
  return arith::AddFOp::create(builder, loc, a, b);
}
Value MathExpansion::sub(Value a, Value b) {
  return arith::SubFOp::create(builder, loc, a, b);
}
Value MathExpansion::mul(Value a, Value b) {
  return arith::MulFOp::create(builder, loc, a, b);
}
Value MathExpansion::div(Value a, Value b) {
  return arith::DivFOp::create(builder, loc, a, b);
}
Value MathExpansion::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(builder, loc, a, b, c);
}
Value MathExpansion::less(Value a, Value b) {
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, a, b);
}
Value MathExpansion::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(builder, loc, condition, a, b);
}
Value MathExpansion::round(Value x) {
  return math::RoundEvenOp::create(builder, loc, x);
}
Value MathExpansion::abs(Value x) {
  return math::AbsFOp::create(builder, loc, x);
}
Value MathExpansion::copySign(Value x, Value sign) {
  return math::CopySignOp::create(builder, loc, x, sign);
}

Value MathExpansion::clamp(Value x, double low, double high) {
  Value lowest = number(low, x.getType()), highest = number(high, x.getType());
  x = select(less(x, lowest), lowest, x);
  return select(less(highest, x), highest, x);
}

Value MathExpansion::polynomial(Value x, ArrayRef<double> coefficients) {
  Value sum = number(coefficients.back(), x.getType());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, number(coefficient, x.getType()));
  return sum;
}

bool MathExpansion::scalesAtOnce(Type type) const {
  auto vector = dyn_cast<VectorType>(type);
  return hasScalef && vector && vector.getNumElements() >= 16 && llvm::isPowerOf2_64(vector.getNumElements());
}

Value MathExpansion::bySixteen(ValueRange vectors, function_ref<Value(ValueRange)> make) {
  int64_t lanes = cast<VectorType>(vectors[0].getType()).getNumElements(), half = lanes / 2;
  if (lanes == 16)
    return make(vectors);
  auto made = [&](int64_t first) {
    SmallVector<Value> parts = llvm::map_to_vector(vectors, [&](Value vector) -> Value {
      return vector::ShuffleOp::create(builder, loc, vector, vector, llvm::to_vector(llvm::seq(first, first + half)));
    });
    return bySixteen(parts, make);
  };
  Value low = made(0), high = made(half);
  return vector::ShuffleOp::create(builder, loc, low, high, llvm::to_vector(llvm::seq<int64_t>(0, lanes)));
}

Value MathExpansion::scaleAtOnce(Value x, Value n) {
  return bySixteen({x, n}, [&](ValueRange values) -> Value {
    Value x = values[0], n = values[1];
    // Lanes that the mask leaves out are zero. Where the function may be approximate, results that are not normal are as they come.
    Value mask = arith::ConstantOp::create(builder, loc, builder.getI16IntegerAttr(-1));
    if (!bitEnumContainsAll(flags, arith::FastMathFlags::afn)) {
      Value isNormal = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UGE, n, number(-125, n.getType()));
      mask = LLVM::BitcastOp::create(builder, loc, builder.getI16Type(), isNormal);
    }
    Value rounding = arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(/*the current one*/ 4));
    return LLVM::CallIntrinsicOp::create(builder, loc, x.getType(), builder.getStringAttr("llvm.x86.avx512.mask.scalef.ps.512"),
                                         ValueRange{x, n, number(0, x.getType()), mask, rounding})
        .getResults();
  });
}

Value MathExpansion::aboveFloor(Value x) {
  return bySixteen(x, [&](ValueRange values) -> Value {
    auto constant = [&](TypedAttr attr) -> Value { return arith::ConstantOp::create(builder, loc, attr); };
    Value toFloor = constant(builder.getI32IntegerAttr(/*toward -inf, no exception*/ 9)), all = constant(builder.getI16IntegerAttr(-1));
    Value rounding = constant(builder.getI32IntegerAttr(/*the current one*/ 4));
    return LLVM::CallIntrinsicOp::create(builder, loc, values[0].getType(), builder.getStringAttr("llvm.x86.avx512.mask.reduce.ps.512"),
                                         ValueRange{values[0], toFloor, number(0, values[0].getType()), all, rounding})
        .getResults();
  });
}

Value MathExpansion::scale(Value x, Value n) {
  if (scalesAtOnce(x.getType()))
    return scaleAtOnce(x, n);
  // 2^(n - 1) from its bits, then a factor of two, since 2^128 is no f32. The bits of n = -126 are 0.
  Type type = ints(x.getType());
  Value exponent = arith::FPToSIOp::create(builder, loc, type, n);
  Value biased = arith::AddIOp::create(builder, loc, exponent, integer(126, type));
  Value bits = arith::ShLIOp::create(builder, loc, biased, integer(23, type));
  Value half = mul(x, arith::BitcastOp::create(builder, loc, x.getType(), bits));
  return add(half, half);
}

//===----------------------------------------------------------------------===//
// exp
//===----------------------------------------------------------------------===//

// Results below 2^-125.5 are 0: numbers that are not normal take a processor a hundred cycles each, and weights that small mean
// nothing. From 2^128 on results are infinite.
static constexpr double lowestExponent = -126, highestExponent = 128.5;

Value MathExpansion::exp2(Value x) {
  static constexpr double taylor[] = {
      1, 0.6931472029, 0.2402264791, 0.05550332471, 0.009618437358, 0.001339887442, 0.0001535336188};                 // 2.0e-9
  static constexpr double shorter[] = {1, 0.6931469776, 0.2402224209, 0.05550733743, 0.009671512645, 0.001326472712}; // 9.1e-8
  // The same of x - 1/2.
  static constexpr double centred[] = {0.7071067165, 0.4901338262, 0.1698105928, 0.03948049392, 0.006355330865, 0.001326472712};
  bool isShort = bitEnumContainsAll(flags, arith::FastMathFlags::afn), isFinite = bitEnumContainsAll(flags, arith::FastMathFlags::ninf);
  if (isShort && isFinite && scalesAtOnce(x.getType())) {
    // Scaling takes the floor of its exponent, so that of x + 1/2 is the nearest integer and needs no instruction of its own.
    Value shifted = add(x, number(0.5, x.getType()));
    return scaleAtOnce(polynomial(aboveFloor(shifted), centred), shifted);
  }
  if (!isFinite || !scalesAtOnce(x.getType()))
    x = clamp(x, lowestExponent, highestExponent);
  Value n = round(x), rest = sub(x, n);
  return scale(isShort ? polynomial(rest, shorter) : polynomial(rest, taylor), n);
}

Value MathExpansion::exp(Value x) {
  static constexpr double taylor[] = {1, 1, 0.4999999306, 0.1666651486, 0.04166845599, 0.008369410751, 0.001381316124}; // 3.3e-9
  static constexpr double log2e = 1.4426950408889634, ln2High = 0.693145751953125, ln2Low = 1.42860682030941723e-06;
  x = clamp(x, lowestExponent / log2e, highestExponent / log2e);
  Value n = round(mul(x, number(log2e, x.getType())));
  Value rest = fma(n, number(-ln2High, x.getType()), x);
  rest = fma(n, number(-ln2Low, x.getType()), rest);
  return scale(polynomial(rest, taylor), n);
}

//===----------------------------------------------------------------------===//
// log
//===----------------------------------------------------------------------===//

std::pair<Value, Value> MathExpansion::split(Value x) {
  // Numbers below the least normal one are brought up by 2^23 first.
  Type type = x.getType(), words = ints(type);
  Value isTiny = less(x, number(std::numeric_limits<float>::min(), type));
  x = select(isTiny, mul(x, number(8388608, type)), x);
  Value bits = arith::BitcastOp::create(builder, loc, words, x);
  // The bits of sqrt(1/2) are taken off, so that the exponent field counts from there.
  constexpr int64_t rootBits = 0x3f3504f3;
  Value offset = arith::SubIOp::create(builder, loc, bits, integer(rootBits, words));
  Value exponent = arith::ShRSIOp::create(builder, loc, offset, integer(23, words));
  Value fraction = arith::AndIOp::create(builder, loc, offset, integer(0x7fffff, words));
  Value mantissa = arith::AddIOp::create(builder, loc, fraction, integer(rootBits, words));
  Value e = arith::SIToFPOp::create(builder, loc, type, exponent);
  e = add(e, select(isTiny, number(-23, type), number(0, type)));
  return {arith::BitcastOp::create(builder, loc, type, mantissa), e};
}

Value MathExpansion::logOfMantissa(Value m) {
  static constexpr double ofSquare[] = {-0.4999998834, 0.3333332568,  -0.2500158305, 0.2000197456,  -0.1660908141,
                                        0.1418181416,  -0.1324298503, 0.1290449424,  -0.07621856296}; // 4.1e-9
  Value f = sub(m, number(1, m.getType()));
  return fma(mul(f, f), polynomial(f, ofSquare), f);
}

Value MathExpansion::withLogLimits(Value x, Value regular) {
  Type type = x.getType();
  double infinity = std::numeric_limits<double>::infinity();
  Value isRegular = less(x, number(infinity, type));
  // x itself is right for infinity and for what is not a number.
  Value result = select(isRegular, regular, x);
  result = select(less(x, number(0, type)), number(std::numeric_limits<double>::quiet_NaN(), type), result);
  Value isZero = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, x, number(0, type));
  return select(isZero, number(-infinity, type), result);
}

Value MathExpansion::log(Value x) {
  auto [m, e] = split(x);
  Value low = fma(e, number(1.42860682030941723e-06, x.getType()), logOfMantissa(m));
  return withLogLimits(x, fma(e, number(0.693145751953125, x.getType()), low));
}

Value MathExpansion::log2(Value x) {
  auto [m, e] = split(x);
  return withLogLimits(x, fma(logOfMantissa(m), number(1.4426950408889634, x.getType()), e));
}

//===----------------------------------------------------------------------===//
// tanh, erf, rsqrt
//===----------------------------------------------------------------------===//

Value MathExpansion::tanh(Value x) {
  static constexpr double ofCube[] = {-0.3333325985, 0.1333083035, -0.05368802325, 0.02046942027, -0.005515164233}; // 6.8e-9 below 0.65
  Type type = x.getType();
  Value square = mul(x, x), magnitude = abs(x);
  Value small = fma(mul(x, square), polynomial(square, ofCube), x);
  // 1 - 2 / (exp(2|x|) + 1); the exponential may be infinite.
  Value grown = add(exp(add(magnitude, magnitude)), number(1, type));
  Value large = copySign(sub(number(1, type), div(number(2, type), grown)), x);
  return select(less(magnitude, number(0.625, type)), small, large);
}

Value MathExpansion::erf(Value x) {
  static constexpr double ofSquare[] = {1.128379166,   -0.3761262583,    0.1128358517,   -0.0268538127,
                                        0.00518832895, -0.0008010203632, 7.853891867e-05}; // 1.2e-9 below 1
  static constexpr double logOfRest[] = {0.0002712797473, -1.629637169,    -0.9135432403,   -0.1564149025,
                                         0.03636780223,   -0.006065891854, 0.0006367121332, -3.128737648e-05}; // log2(1 - erf), 1 to 4
  Type type = x.getType();
  Value magnitude = abs(x);
  Value small = mul(x, polynomial(mul(x, x), ofSquare));
  // From 4 on 1 - erf is less than half a unit of the last place of 1.
  Value near = clamp(magnitude, 1, 4);
  Value large = copySign(sub(number(1, type), exp2(polynomial(near, logOfRest))), x);
  return select(less(magnitude, number(1, type)), small, large);
}

Value MathExpansion::rsqrt(Value x) {
  return div(number(1, x.getType()), math::SqrtOp::create(builder, loc, x));
}

//===----------------------------------------------------------------------===//
// sin and cos
//===----------------------------------------------------------------------===//

Value MathExpansion::sinOrCos(Value argument, bool isCos) {
  static constexpr double ofSine[] = {-0.1666666667, 0.008333333325, -0.0001984126378, 2.755534769e-06, -2.47609128e-08}; // 4.9e-15
  static constexpr double ofCosine[] = {0.04166666662, -0.001388888371, 2.47995095e-05, -2.720935892e-07};                // 1.0e-13
  static constexpr double twoOverPi = 0.63661977236758134308, halfPiHigh = 1.57079632673412561417, halfPiLow = 6.07710050650619224932e-11;
  Type type = doubles(argument.getType());
  Value x = arith::ExtFOp::create(builder, loc, type, argument);
  Value n = round(mul(x, number(twoOverPi, type)));
  Value rest = fma(n, number(-halfPiHigh, type), x);
  rest = fma(n, number(-halfPiLow, type), rest);
  Value square = mul(rest, rest);
  Value sine = fma(mul(rest, square), polynomial(square, ofSine), rest);
  Value cosine = fma(mul(square, square), polynomial(square, ofCosine), fma(square, number(-0.5, type), number(1, type)));
  // The quarter of the circle: odd ones exchange the two, two of four are negative; cos is a quarter ahead.
  Type words = withElement(type, builder.getI64Type());
  Value quarter = arith::FPToSIOp::create(builder, loc, words, n);
  if (isCos)
    quarter = arith::AddIOp::create(builder, loc, quarter, integer(1, words));
  auto hasBit = [&](int64_t bit) -> Value {
    Value masked = arith::AndIOp::create(builder, loc, quarter, integer(bit, words));
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, masked, integer(0, words));
  };
  Value result = select(hasBit(1), cosine, sine);
  result = select(hasBit(2), arith::NegFOp::create(builder, loc, result), result);
  return arith::TruncFOp::create(builder, loc, argument.getType(), result);
}
