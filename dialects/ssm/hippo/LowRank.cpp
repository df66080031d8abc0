//===- LowRank.cpp - normal plus low rank ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/hippo/Hippo.h"

#include <Eigen/Eigenvalues>
#include <cassert>
#include <cmath>
#include <numbers>

using namespace tenon::hippo;

/// The P for which A + P P' is a multiple of the identity plus a skew-symmetric matrix.
static Matrix lowRank(Measure measure, int64_t n) {
  Matrix p = Matrix::Zero(n, measure == Measure::legt ? 2 : 1);
  for (int64_t i = 0; i < n; ++i) {
    if (measure == Measure::legs)
      p(i, 0) = std::sqrt(i + 0.5);
    else if (measure == Measure::legt)
      p(i, 1 - i % 2) = std::sqrt(i + 0.5);
    else if (measure == Measure::lagt)
      p(i, 0) = std::sqrt(0.5);
  }
  if (measure == Measure::fout)
    p = transition(measure, n).b;
  return p;
}

/// Makes two vectors that span a real plane of eigenvalue 0 each other's conjugates, as those of other pairs are.
static void pairNullVectors(ComplexMatrix &v, int64_t first) {
  auto plane = v.middleCols(first, 2);
  Eigen::SelfAdjointEigenSolver<Matrix> projector(Matrix((plane * plane.adjoint()).real()));
  Matrix axes = projector.eigenvectors().rightCols(2);
  for (int64_t sign : {-1, 1})
    v.col(first + (sign + 1) / 2) = (axes.col(0) + Complex(0, sign) * axes.col(1)) / std::numbers::sqrt2;
}

NormalPlusLowRank tenon::hippo::normalPlusLowRank(Measure measure, int64_t n) {
  Matrix p = lowRank(measure, n);
  Matrix normal = transition(measure, n).a + p * p.transpose();
  double shift = normal.diagonal().mean();
  Matrix skew = normal - shift * Matrix::Identity(n, n);
  assert((skew + skew.transpose()).norm() <= 1e-10 * (1 + skew.norm()) && "expects a skew-symmetric rest");
  // -i times a skew-symmetric matrix is Hermitian: its eigenvalues are real and its vectors orthogonal to the last digit.
  Eigen::SelfAdjointEigenSolver<ComplexMatrix> solver(Complex(0, -1) * skew.cast<Complex>());
  NormalPlusLowRank result{Complex(shift) + Complex(0, 1) * solver.eigenvalues().cast<Complex>().array(), solver.eigenvectors(),
                           std::move(p)};
  if (n % 2 == 0 && std::abs(solver.eigenvalues()(n / 2)) < 1e-10 * (1 + skew.norm()))
    pairNullVectors(result.v, n / 2 - 1);
  return result;
}

DiagonalPlusLowRank tenon::hippo::diagonalPlusLowRank(Measure measure, int64_t n) {
  assert(n % 2 == 0 && "expects pairs of eigenvalues");
  NormalPlusLowRank form = normalPlusLowRank(measure, n);
  ComplexMatrix half = form.v.rightCols(n / 2).adjoint();
  return {form.lambda.tail(n / 2), half * form.p, half * transition(measure, n).b};
}

LowRankStep tenon::hippo::bilinearStep(const DiagonalPlusLowRank &system, double dt) {
  assert(system.p.cols() == 1 && "expects rank 1");
  // With D = (2/dt - lambda)^-1 and r = 1 / (1 + P* D P): Abar = D (2/dt + lambda) - r D P (4/dt) P* D, Bbar = 2 (D B - r D P P* D B).
  Eigen::ArrayXcd d = (2 / dt - system.lambda.array()).inverse();
  Eigen::ArrayXcd p = system.p.col(0).array(), b = system.b.array();
  double r = 1 / (1 + 2 * (d * p * p.conjugate()).sum().real());
  double pdb = 2 * (p.conjugate() * d * b).sum().real();
  return {d * (2 / dt + system.lambda.array()), r * d * p, (4 / dt) * p.conjugate() * d, 2.0 * (d * b - r * pdb * d * p)};
}
