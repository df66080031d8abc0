//===- LowRankKernel.cpp - the convolution kernel of S4 ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/hippo/Hippo.h"

#include <Eigen/LU>
#include <numbers>
#include <unsupported/Eigen/FFT>

using namespace tenon::hippo;

/// A half and its conjugate, one after the other.
static ComplexVector whole(const ComplexVector &half) {
  ComplexVector result(2 * half.size());
  result << half, half.conjugate();
  return result;
}

/// Abar^length of the whole state.
static ComplexMatrix powerOfStep(const DiagonalPlusLowRank &system, double dt, int64_t length) {
  int64_t n = system.lambda.size();
  ComplexMatrix p(2 * n, system.p.cols());
  p << system.p, system.p.conjugate();
  ComplexMatrix a = 0.5 * dt * (ComplexMatrix(whole(system.lambda).asDiagonal()) - p * p.adjoint());
  ComplexMatrix identity = ComplexMatrix::Identity(2 * n, 2 * n);
  ComplexMatrix square = (identity - a).partialPivLu().solve(identity + a), power = identity;
  for (; length > 0; length /= 2) {
    if (length % 2 == 1)
      power = power * square;
    square = square * square;
  }
  return power;
}

ComplexVector tenon::hippo::foldOutput(const DiagonalPlusLowRank &system, const ComplexVector &c, double dt, int64_t length) {
  ComplexVector row = whole(c);
  return (row - powerOfStep(system, dt, length).transpose() * row).head(c.size());
}

ComplexVector tenon::hippo::unfoldOutput(const DiagonalPlusLowRank &system, const ComplexVector &folded, double dt, int64_t length) {
  ComplexMatrix power = powerOfStep(system, dt, length);
  ComplexMatrix rest = ComplexMatrix::Identity(power.rows(), power.cols()) - power;
  return rest.transpose().partialPivLu().solve(whole(folded)).head(folded.size());
}

/// A state space of rank r with its products made, for the generating function.
struct Generator {
  Eigen::ArrayXcd lambda;    ///< times dt
  Eigen::ArrayXXcd products; ///< C B, C P (r), P* B (r), P* P (r r), each times dt, a column each
  int64_t rank;

  Generator(const DiagonalPlusLowRank &system, const ComplexVector &c, double dt)
      : lambda(dt * system.lambda.array()), rank(system.p.cols()) {
    ComplexMatrix left(lambda.size(), rank + 1), right(lambda.size(), rank + 1);
    left << c, system.p.conjugate();
    right << system.b, system.p;
    products.resize(lambda.size(), (rank + 1) * (rank + 1));
    for (int64_t i = 0; i <= rank; ++i)
      for (int64_t j = 0; j <= rank; ++j)
        products.col(i * (rank + 1) + j) = dt * left.col(i).array() * right.col(j).array();
  }

  /// C (I - Abar w)^-1 Bbar. Each Cauchy sum has (1 + w) multiplied into its denominators, so w = -1 is a number like the others.
  Complex operator()(Complex w) const {
    Eigen::ArrayXcd weights = (2.0 * (1.0 - w) - lambda * (1.0 + w)).inverse();
    Eigen::ArrayXcd conjugates = (2.0 * (1.0 - w) - lambda.conjugate() * (1.0 + w)).inverse();
    ComplexMatrix sums(rank + 1, rank + 1);
    for (int64_t i = 0; i < products.cols(); ++i)
      sums(i / (rank + 1), i % (rank + 1)) = (weights * products.col(i)).sum() + (conjugates * products.col(i).conjugate()).sum();
    ComplexMatrix inner = ComplexMatrix::Identity(rank, rank) + (1.0 + w) * sums.bottomRightCorner(rank, rank);
    ComplexVector solved = inner.partialPivLu().solve(sums.bottomLeftCorner(rank, 1));
    return 2.0 * (sums(0, 0) - (1.0 + w) * (sums.topRightCorner(1, rank) * solved)(0));
  }
};

Vector tenon::hippo::s4Kernel(const DiagonalPlusLowRank &system, const ComplexVector &folded, double dt, int64_t length) {
  Generator generate(system, folded, dt);
  ComplexVector spectrum(length);
  for (int64_t k = 0; 2 * k <= length; ++k) {
    spectrum(k) = generate(2 * k == length ? Complex(-1) : std::polar(1.0, -2 * std::numbers::pi * k / length));
    if (k > 0)
      spectrum(length - k) = std::conj(spectrum(k));
  }
  if (length == 1) // There is nothing to transform, and Eigen does not take it.
    return spectrum.real();
  Eigen::FFT<double> fft;
  ComplexVector kernel(length);
  fft.inv(kernel, spectrum);
  return kernel.real();
}
