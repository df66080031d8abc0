//===- MathExpansion.h - transcendental functions in arithmetic ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace tenon {

/// Writes functions of an f32 scalar or vector at the builder's insertion point. Constants are made in place. `hasScalef` says that the
/// target multiplies 16 lanes by powers of two in one instruction. Of `flags`, `afn` lets exp2 be wrong by 1e-7, and `ninf` says that
/// its argument is finite.
class MathExpansion {
public:
  MathExpansion(mlir::OpBuilder &builder, mlir::Location loc, bool hasScalef, mlir::arith::FastMathFlags flags)
      : builder(builder), loc(loc), hasScalef(hasScalef), flags(flags) {}

  mlir::Value exp(mlir::Value x);
  mlir::Value exp2(mlir::Value x);
  mlir::Value log(mlir::Value x);
  mlir::Value log2(mlir::Value x);
  mlir::Value tanh(mlir::Value x);
  mlir::Value erf(mlir::Value x);
  mlir::Value rsqrt(mlir::Value x);
  mlir::Value sin(mlir::Value x) { return sinOrCos(x, false); }
  mlir::Value cos(mlir::Value x) { return sinOrCos(x, true); }

private:
  using Value = mlir::Value;

  /// A constant of the type, splat for a vector.
  Value number(double value, mlir::Type type);
  Value integer(int64_t value, mlir::Type type);
  mlir::Type ints(mlir::Type type);
  mlir::Type doubles(mlir::Type type);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value fma(Value a, Value b, Value c);
  Value less(Value a, Value b);
  Value select(Value condition, Value a, Value b);
  Value round(Value x);
  Value abs(Value x);
  Value copySign(Value x, Value sign);
  /// Keeps x in [low, high]; what is not a number stays so.
  Value clamp(Value x, double low, double high);
  /// c[0] + x (c[1] + x (...)).
  Value polynomial(Value x, llvm::ArrayRef<double> coefficients);
  /// Whether a value of the type is scaled in one instruction.
  bool scalesAtOnce(mlir::Type type) const;
  /// x * 2^n for an integral n in [-125, 128], 0 for n = -126. At once also for every other n, 0 below -125.
  Value scale(Value x, Value n);
  Value scaleAtOnce(Value x, Value n);
  /// x - floor(x), where a value of the type is scaled in one instruction.
  Value aboveFloor(Value x);
  /// What `make` makes of 16 lanes at a time.
  Value bySixteen(mlir::ValueRange vectors, llvm::function_ref<Value(mlir::ValueRange)> make);
  /// x = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  std::pair<Value, Value> split(Value x);
  Value logOfMantissa(Value m);
  /// `regular`, with what log gives for 0, negative numbers, infinity and what is not a number.
  Value withLogLimits(Value x, Value regular);
  Value sinOrCos(Value x, bool isCos);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  bool hasScalef;
  mlir::arith::FastMathFlags flags;
};

} // namespace tenon
