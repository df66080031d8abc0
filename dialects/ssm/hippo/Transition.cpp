//===- Transition.cpp - transitions of the HiPPO measures ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/hippo/Hippo.h"

#include <cassert>
#include <cmath>
#include <numbers>

using namespace tenon::hippo;

/// sqrt(2n + 1), the norm of the n-th Legendre polynomial on [0, 1].
static double root(int64_t n) {
  return std::sqrt(2.0 * n + 1);
}

static Transition legs(int64_t n) {
  Transition result{Matrix::Zero(n, n), Vector(n)};
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j)
      result.a(i, j) = -root(i) * root(j);
    result.a(i, i) = -(i + 1.0);
    result.b(i) = root(i);
  }
  return result;
}

static Transition legt(int64_t n) {
  Transition result{Matrix(n, n), Vector(n)};
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j)
      result.a(i, j) = -0.5 * root(i) * root(j) * (j > i && (j - i) % 2 == 1 ? -1 : 1);
    result.b(i) = 0.5 * root(i);
  }
  return result;
}

static Transition lagt(int64_t n) {
  Transition result{Matrix::Zero(n, n), Vector::Ones(n)};
  for (int64_t i = 0; i < n; ++i) {
    result.a.row(i).head(i).setConstant(-1);
    result.a(i, i) = -0.5;
  }
  return result;
}

/// Coefficient 2k is that of cos(pi k s) and 2k + 1 that of sin(pi k s), s the age; the second one stays zero.
static Transition fout(int64_t n) {
  assert(n % 2 == 0 && "expects cosines and sines in pairs");
  Transition result{Matrix::Zero(n, n), Vector::Zero(n)};
  for (int64_t k = 0; k < n / 2; ++k) {
    result.b(2 * k) = k == 0 ? 1 : std::numbers::sqrt2;
    result.a(2 * k, 2 * k + 1) = -std::numbers::pi * k;
    result.a(2 * k + 1, 2 * k) = std::numbers::pi * k;
  }
  result.a -= result.b * result.b.transpose();
  return result;
}

Transition tenon::hippo::transition(Measure measure, int64_t n) {
  switch (measure) {
  case Measure::legs:
    return legs(n);
  case Measure::legt:
    return legt(n);
  case Measure::lagt:
    return lagt(n);
  case Measure::fout:
    return fout(n);
  }
  __builtin_unreachable();
}

double tenon::hippo::unitsOfWindow(Measure measure) {
  return measure == Measure::legt || measure == Measure::fout ? 2 : 1;
}
