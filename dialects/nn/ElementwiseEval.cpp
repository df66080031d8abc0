//===- ElementwiseEval.cpp - evaluators of elementwise ops ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/nn/EvalImpl.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::nn;

/// result[...] = f(input[...]).
static LogicalResult unary(Operation *op, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results,
                           function_ref<double(double)> f) {
  EvalTensor input = operands[0].tensor().toDense(), result = EvalTensor::dense(input.shape());
  llvm::transform(input.values(), result.values().begin(), f);
  return yield(op, std::move(result), results);
}

/// result[...] = f(lhs[...], rhs[...]), the right operand repeated.
static LogicalResult binary(Operation *op, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results, double (*f)(double, double)) {
  EvalTensor lhs = operands[0].tensor().toDense(), rhs = operands[1].tensor().toDense();
  if (rhs.rank() > lhs.rank() || lhs.shape().take_back(rhs.rank()) != rhs.shape())
    return op->emitOpError("expects the right shape to be the end of the left shape");
  EvalTensor result = EvalTensor::dense(lhs.shape());
  for (int64_t i = 0; i < lhs.size(); ++i)
    result.at(i) = f(lhs.at(i), rhs.at(i % rhs.size()));
  return yield(op, std::move(result), results);
}

static double gelu(double x) {
  return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
}
static double geluTanh(double x) {
  return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

LogicalResult GeluOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  return unary(*this, operands, results, getApproximate() == GeluApproximate::tanh ? geluTanh : gelu);
}

/// A comparison that keeps what is not a number, as arith.maximumf and minimumf do.
static double larger(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
}
static double smaller(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
}

LogicalResult ClampOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  double low = getLow() ? getLow()->convertToDouble() : -INFINITY, high = getHigh() ? getHigh()->convertToDouble() : INFINITY;
  return unary(*this, operands, results, [=](double x) { return smaller(larger(x, low), high); });
}

// Each op is one formula.
#define TENON_UNARY(OP, FORMULA)                                                                                                           \
  LogicalResult OP::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {                           \
    return unary(*this, operands, results, [](double x) -> double { return FORMULA; });                                                    \
  }
TENON_UNARY(SiluOp, x / (1 + std::exp(-x)))
TENON_UNARY(ReluOp, larger(x, 0))
TENON_UNARY(Relu2Op, larger(x, 0) * larger(x, 0))
TENON_UNARY(TanhOp, std::tanh(x))
TENON_UNARY(SigmoidOp, 1 / (1 + std::exp(-x)))
TENON_UNARY(ExpOp, std::exp(x))
TENON_UNARY(SinOp, std::sin(x))
TENON_UNARY(CosOp, std::cos(x))
TENON_UNARY(NegOp, -x)
TENON_UNARY(SqrtOp, std::sqrt(x))
TENON_UNARY(RsqrtOp, 1 / std::sqrt(x))
TENON_UNARY(QuickGeluOp, x / (1 + std::exp(-1.702 * x)))
TENON_UNARY(SoftplusOp, std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))))
TENON_UNARY(AbsOp, std::fabs(x))
#undef TENON_UNARY

#define TENON_BINARY(OP, FORMULA)                                                                                                          \
  LogicalResult OP::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {                           \
    return binary(*this, operands, results, [](double a, double b) -> double { return FORMULA; });                                         \
  }
TENON_BINARY(AddOp, a + b)
TENON_BINARY(SubOp, a - b)
TENON_BINARY(MulOp, a *b)
TENON_BINARY(DivOp, a / b)
TENON_BINARY(MaxOp, larger(a, b))
TENON_BINARY(MinOp, smaller(a, b))
#undef TENON_BINARY
