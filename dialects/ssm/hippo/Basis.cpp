//===- Basis.cpp - the functions that coefficients stand for ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/hippo/Hippo.h"

#include <cmath>
#include <numbers>

using namespace tenon::hippo;

/// sqrt(2n+1) P_n(2x - 1) for all n, x in [0, 1].
static void legendre(double x, Eigen::Ref<Eigen::RowVectorXd> row) {
  double z = 2 * x - 1, before = 0, current = 1;
  for (int64_t n = 0; n < row.size(); ++n) {
    row(n) = std::sqrt(2.0 * n + 1) * current;
    double next = ((2 * n + 1) * z * current - n * before) / (n + 1);
    before = current;
    current = next;
  }
}

/// e^(-s/2) L_n(s) for all n, s the age.
static void laguerre(double s, Eigen::Ref<Eigen::RowVectorXd> row) {
  double before = 0, current = std::exp(-s / 2);
  for (int64_t n = 0; n < row.size(); ++n) {
    row(n) = current;
    double next = ((2 * n + 1 - s) * current - n * before) / (n + 1);
    before = current;
    current = next;
  }
}

static void fourier(double s, Eigen::Ref<Eigen::RowVectorXd> row) {
  row(0) = 1;
  row(1) = 0;
  for (int64_t k = 1; 2 * k < row.size(); ++k) {
    row(2 * k) = std::numbers::sqrt2 * std::cos(std::numbers::pi * k * s);
    row(2 * k + 1) = std::numbers::sqrt2 * std::sin(std::numbers::pi * k * s);
  }
}

Matrix tenon::hippo::basis(Measure measure, int64_t n, int64_t points) {
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> result(points, n);
  for (int64_t i = 0; i < points; ++i) {
    double x = points == 1 ? 1 : static_cast<double>(i) / (points - 1), age = (1 - x) * unitsOfWindow(measure);
    if (measure == Measure::lagt)
      laguerre(age, result.row(i));
    else if (measure == Measure::fout)
      fourier(age, result.row(i));
    else
      legendre(x, result.row(i));
  }
  return result;
}
