//===- Diagonal.cpp - diagonal state spaces ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/hippo/Hippo.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace tenon::hippo;

ComplexVector tenon::hippo::diagonalInit(DiagonalInit init, int64_t n) {
  if (init == DiagonalInit::legs)
    return diagonalPlusLowRank(Measure::legs, n).lambda;
  if (init == DiagonalInit::real)
    return -Vector::LinSpaced(n, 1, n).cast<Complex>();
  ComplexVector result(n / 2);
  for (int64_t i = 0; i < n / 2; ++i)
    result(i) = {-0.5,
                 init == DiagonalInit::lin ? std::numbers::pi * i : n / std::numbers::pi * (static_cast<double>(n) / (2 * i + 1) - 1)};
  return result;
}

/// sum_n weights[n] e^(exponents[n] (l - origins[n])), twice the real part. A power is a product of at most 64 factors.
static Vector sumOfPowers(const ComplexVector &exponents, const Vector &origins, const ComplexVector &weights, int64_t length) {
  const int64_t block = 64;
  Vector kernel = Vector::Zero(length);
  for (int64_t n = 0; n < exponents.size(); ++n) {
    Complex ratio = std::exp(exponents(n));
    for (int64_t first = 0; first < length; first += block) {
      Complex power = weights(n) * std::exp(exponents(n) * (static_cast<double>(first) - origins(n)));
      for (int64_t l = first; l < std::min(first + block, length); ++l, power *= ratio)
        kernel(l) += 2 * power.real();
    }
  }
  return kernel;
}

Vector tenon::hippo::diagonalKernel(const DiagonalStep &step, const ComplexVector &c, int64_t length) {
  // A transition of 0 has no logarithm, but an exponent whose powers are 0 from the first one on.
  ComplexVector exponents = step.a.unaryExpr([](Complex a) { return a == 0.0 ? Complex(-1e4) : std::log(a); });
  return sumOfPowers(exponents, Vector::Zero(c.size()), c.cwiseProduct(step.b), length);
}

Vector tenon::hippo::dssKernel(const ComplexVector &lambda, const ComplexVector &w, double dt, int64_t length) {
  ComplexVector exponents = dt * lambda, weights(lambda.size());
  Vector origins = Vector::Zero(lambda.size());
  for (int64_t n = 0; n < lambda.size(); ++n) {
    // In the right half plane the largest power is the last one; with all powers divided by it the sum is that of the mirrored exponent.
    bool grows = lambda(n).real() > 0;
    Complex x = grows ? -exponents(n) : exponents(n);
    Complex denominator = (std::exp(x * static_cast<double>(length)) - 1.0) * lambda(n);
    weights(n) = w(n) * (std::exp(x) - 1.0) * std::conj(denominator) / (std::norm(denominator) + 1e-7);
    origins(n) = grows ? length - 1 : 0;
  }
  return sumOfPowers(exponents, origins, weights, length);
}
