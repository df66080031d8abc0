//===- Discretize.cpp - steps of continuous transitions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/hippo/Hippo.h"

#include <Eigen/LU>
#include <cassert>
#include <unsupported/Eigen/MatrixFunctions>

using namespace tenon::hippo;

static Transition bilinear(const Transition &continuous, double dt) {
  Matrix half = 0.5 * dt * continuous.a;
  Matrix identity = Matrix::Identity(half.rows(), half.cols());
  Eigen::PartialPivLU<Matrix> backward(identity - half);
  return {backward.solve(identity + half), backward.solve(dt * continuous.b)};
}

/// The exponential of [A B; 0 0] has exp(A) and the integral of exp(A s) B in its first rows; A need not be invertible.
static Transition holdInput(const Transition &continuous, double dt) {
  int64_t n = continuous.a.rows();
  Matrix extended = Matrix::Zero(n + 1, n + 1);
  extended.topLeftCorner(n, n) = dt * continuous.a;
  extended.topRightCorner(n, 1) = dt * continuous.b;
  Matrix exponential = extended.exp();
  return {exponential.topLeftCorner(n, n), exponential.topRightCorner(n, 1)};
}

Transition tenon::hippo::discretize(const Transition &continuous, double dt, Rule rule) {
  switch (rule) {
  case Rule::euler:
    return {Matrix::Identity(continuous.a.rows(), continuous.a.cols()) + dt * continuous.a, dt * continuous.b};
  case Rule::bilinear:
    return bilinear(continuous, dt);
  case Rule::zoh:
    return holdInput(continuous, dt);
  }
  __builtin_unreachable();
}

DiagonalStep tenon::hippo::discretizeDiagonal(const ComplexVector &lambda, const ComplexVector &b, double dt, Rule rule) {
  DiagonalStep step{ComplexVector(lambda.size()), ComplexVector(lambda.size())};
  for (int64_t n = 0; n < lambda.size(); ++n) {
    Complex x = dt * lambda(n);
    switch (rule) {
    case Rule::euler:
      step.a(n) = 1.0 + x;
      step.b(n) = dt * b(n);
      break;
    case Rule::bilinear:
      step.a(n) = (1.0 + 0.5 * x) / (1.0 - 0.5 * x);
      step.b(n) = dt * b(n) / (1.0 - 0.5 * x);
      break;
    case Rule::zoh:
      step.a(n) = std::exp(x);
      // (e^x - 1) / x loses its digits where x is small; the series has them.
      step.b(n) = dt * b(n) * (std::abs(x) < 1e-4 ? 1.0 + x / 2.0 + x * x / 6.0 : (std::exp(x) - 1.0) / x);
      break;
    }
  }
  return step;
}

void tenon::hippo::stepLegS(Eigen::Ref<Vector> c, double k, double f, Rule rule) {
  assert(rule != Rule::zoh && "no closed exponential of a transition that depends on time");
  // Row n of A c is -(r[n] sum_{m<n} r[m] c[m] + (n+1) c[n]) with r[n] = sqrt(2n+1): one running sum for each side of the equation.
  double forward = rule == Rule::euler ? 1 / k : 0.5 / k, backward = rule == Rule::euler ? 0 : 0.5 / k;
  double before = 0, after = 0;
  for (int64_t n = 0; n < c.size(); ++n) {
    double r = std::sqrt(2.0 * n + 1), old = c(n);
    double right = old - forward * (r * before + (n + 1) * old) + r * f / k;
    c(n) = (right - backward * r * after) / (1 + backward * (n + 1));
    before += r * old;
    after += r * c(n);
  }
}
