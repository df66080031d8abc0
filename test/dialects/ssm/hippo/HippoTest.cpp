//===- HippoTest.cpp - state-space mathematics against published and dense values ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The golden numbers are made by tools/dev/make-hippo-golden.

#include "tenon/dialects/ssm/hippo/Hippo.h"
#include "gtest/gtest.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace tenon::hippo;
using Json = nlohmann::json;

namespace {
const Json &golden() {
  static const Json json = [] {
    std::ifstream file(HIPPO_GOLDEN);
    return Json::parse(file, nullptr, /*allow_exceptions=*/false);
  }();
  return json;
}

Vector vectorOf(const Json &json) {
  return Eigen::Map<const Vector>(json.get<std::vector<double>>().data(), json.size());
}

ComplexVector complexOf(const Json &json) {
  return vectorOf(json["re"]).cast<Complex>() + Complex(0, 1) * vectorOf(json["im"]).cast<Complex>();
}

/// The matrix whose rows follow each other.
Matrix matrixOf(const Json &json, int64_t columns) {
  Vector values = vectorOf(json);
  return values.reshaped(columns, values.size() / columns).transpose();
}

double distance(const Matrix &got, const Matrix &wanted) {
  EXPECT_EQ(got.rows(), wanted.rows());
  EXPECT_EQ(got.cols(), wanted.cols());
  return (got - wanted).cwiseAbs().maxCoeff();
}

constexpr std::pair<const char *, Measure> measures[] = {
    {"legs", Measure::legs}, {"legt", Measure::legt}, {"lagt", Measure::lagt}, {"fout", Measure::fout}};
constexpr std::pair<const char *, Rule> rules[] = {{"euler", Rule::euler}, {"bilinear", Rule::bilinear}, {"zoh", Rule::zoh}};

TEST(Hippo, PublishedTransitions) {
  Matrix legs(4, 4);
  legs << -1, 0, 0, 0, -1.732051, -2, 0, 0, -2.236068, -3.872983, -3, 0, -2.645751, -4.582576, -5.916080, -4;
  EXPECT_LT(distance(transition(Measure::legs, 4).a, legs), 1e-6);
  Matrix row(1, 4);
  row << -.5, .866025, -1.118034, 1.322876;
  Matrix legt = transition(Measure::legt, 4).a;
  EXPECT_LT(distance(legt.row(0), row), 1e-6);
  for (int64_t n = 0; n < 4; ++n)
    EXPECT_DOUBLE_EQ(legt(n, n), -(n + 0.5));
}

TEST(Hippo, PublishedEigenvalues) {
  NormalPlusLowRank form = normalPlusLowRank(Measure::legs, 64);
  for (Complex lambda : form.lambda)
    EXPECT_NEAR(lambda.real(), -0.5, 1e-13);
  const double largest[] = {1303.27, 433.03, 258.15}, smallest[] = {.2639, .9059, 1.7030};
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(form.lambda(63 - i).imag(), largest[i], 5e-3);
    EXPECT_NEAR(form.lambda(32 + i).imag(), smallest[i], 5e-5);
  }
  ComplexVector inv = diagonalInit(DiagonalInit::inv, 64), lin = diagonalInit(DiagonalInit::lin, 64);
  const double inverse[] = {1283.43, 414.23, 240.39};
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(inv(i).imag(), inverse[i], 5e-3);
    EXPECT_NEAR(lin(i).imag(), 3.14159265358979 * i, 1e-12);
  }
  EXPECT_EQ(diagonalInit(DiagonalInit::legs, 64).size(), 32);
  EXPECT_EQ(diagonalInit(DiagonalInit::real, 4)(3), Complex(-4));
}

TEST(Hippo, TransitionsAreThoseOfProjections) {
  for (auto [name, measure] : measures) {
    const Json &wanted = golden()["measures"][name];
    int64_t n = wanted["n"];
    Transition got = transition(measure, n);
    EXPECT_LT(distance(got.a, matrixOf(wanted["a"], n)), 1e-6) << name;
    EXPECT_LT(distance(got.b, vectorOf(wanted["b"])), 1e-12) << name;
    EXPECT_LT(distance(basis(measure, n, wanted["points"]), matrixOf(wanted["basis"], n)), 1e-12) << name;
  }
}

TEST(Hippo, StepsAreScipys) {
  for (auto [name, measure] : measures)
    for (auto [ruleName, rule] : rules) {
      const Json &wanted = golden()["measures"][name];
      Transition got = discretize(transition(measure, wanted["n"]), wanted["dt"], rule);
      EXPECT_LT(distance(got.a, matrixOf(wanted[ruleName]["a"], wanted["n"])), 1e-13) << name << " " << ruleName;
      EXPECT_LT(distance(got.b, vectorOf(wanted[ruleName]["b"])), 1e-13) << name << " " << ruleName;
    }
}

TEST(Hippo, NormalPlusLowRank) {
  for (auto [name, measure] : measures)
    for (int64_t n : {2, 5, 8, 64}) {
      if (measure == Measure::fout && n % 2 == 1)
        continue;
      NormalPlusLowRank form = normalPlusLowRank(measure, n);
      ComplexMatrix a = form.v * form.lambda.asDiagonal() * form.v.adjoint() - (form.p * form.p.transpose()).cast<Complex>();
      Matrix wanted = transition(measure, n).a;
      EXPECT_LT((a - wanted.cast<Complex>()).norm(), 1e-13 * (1 + wanted.norm()) * n) << name << " " << n;
      EXPECT_LT((form.v.adjoint() * form.v - ComplexMatrix::Identity(n, n)).norm(), 1e-12 * n) << name << " " << n;
      EXPECT_EQ(form.p.cols(), measure == Measure::legt ? 2 : 1);
    }
}

/// c, an output row for the coefficients, as a half.
ComplexVector halfOutput(Measure measure, const Vector &c) {
  return normalPlusLowRank(measure, c.size()).v.rightCols(c.size() / 2).transpose() * c.cast<Complex>();
}

TEST(Hippo, S4KernelsAreThoseOfDensePowers) {
  for (auto [name, measure] : measures)
    for (const Json &wanted : golden()["measures"][name]["kernels"]) {
      if (measure == Measure::fout) // see s4Kernel
        continue;
      int64_t n = wanted["n"], length = wanted["length"];
      DiagonalPlusLowRank system = diagonalPlusLowRank(measure, n);
      ComplexVector c = halfOutput(measure, vectorOf(wanted["c"]));
      ComplexVector folded = foldOutput(system, c, wanted["dt"], length);
      Vector kernel = s4Kernel(system, folded, wanted["dt"], length);
      EXPECT_LT(distance(kernel, vectorOf(wanted["kernel"])), 2e-13) << name << " " << n << " " << length;
      ComplexVector unfolded = unfoldOutput(system, folded, wanted["dt"], length);
      EXPECT_LT((unfolded - c).norm(), 1e-8 * c.norm()) << name << " " << n << " " << length;
    }
}

TEST(Hippo, AFoldedOutputIsNotTheOutput) {
  DiagonalPlusLowRank system = diagonalPlusLowRank(Measure::legs, 8);
  ComplexVector c = halfOutput(Measure::legs, Vector::Ones(8));
  Vector right = s4Kernel(system, foldOutput(system, c, 0.05, 16), 0.05, 16), wrong = s4Kernel(system, c, 0.05, 16);
  EXPECT_GT((right - wrong).norm(), 0.05 * right.norm());
}

TEST(Hippo, TheStepOfRankOneIsTheRecurrence) {
  for (auto [name, measure] : measures) {
    if (measure == Measure::legt)
      continue;
    for (const Json &wanted : golden()["measures"][name]["kernels"]) {
      DiagonalPlusLowRank system = diagonalPlusLowRank(measure, wanted["n"]);
      ComplexVector c = halfOutput(measure, vectorOf(wanted["c"]));
      LowRankStep step = bilinearStep(system, wanted["dt"]);
      ComplexVector state = step.b;
      Vector kernel(wanted["length"].get<int64_t>());
      for (double &value : kernel) {
        value = 2 * c.cwiseProduct(state).sum().real();
        double shared = 2 * step.q.cwiseProduct(state).sum().real();
        state = step.a.cwiseProduct(state) - step.p * shared;
      }
      EXPECT_LT(distance(kernel, vectorOf(wanted["kernel"])), 2e-13) << name << " " << wanted["n"];
    }
  }
}

TEST(Hippo, DiagonalKernels) {
  for (const Json &wanted : golden()["diagonal"]) {
    ComplexVector lambda = complexOf(wanted["a"]), b = vectorOf(wanted["b"]).cast<Complex>(), c = complexOf(wanted["c"]);
    std::string rule = wanted["rule"];
    double dt = wanted["dt"];
    int64_t length = wanted["length"];
    Vector kernel = rule == "dss"
                        ? dssKernel(lambda, c, dt, length)
                        : diagonalKernel(discretizeDiagonal(lambda, b, dt, rule == "zoh" ? Rule::zoh : Rule::bilinear), c, length);
    // The reciprocal of DSS has 1e-7 added to its denominator.
    EXPECT_LT(distance(kernel, vectorOf(wanted["kernel"])), rule == "dss" ? 1e-5 : 2e-13) << rule;
  }
}

TEST(Hippo, DiagonalEdges) {
  ComplexVector zero = ComplexVector::Zero(1), one = ComplexVector::Ones(1);
  Vector held = diagonalKernel(discretizeDiagonal(zero, one, 0.5, Rule::zoh), one, 3);
  EXPECT_LT((held - Vector::Ones(3)).norm(), 1e-15); // an integrator
  Vector once = diagonalKernel({zero, one}, one, 3);
  EXPECT_EQ(once, Vector(Eigen::Vector3d(2, 0, 0))); // a transition of 0 forgets at once
  ComplexVector growing = ComplexVector::Constant(1, {3.0, 1.0});
  EXPECT_TRUE(dssKernel(growing, one, 0.5, 4096).allFinite()); // e^6144 is no double
}

/// Powers of 16384 steps do not drift.
TEST(Hippo, LongKernels) {
  ComplexVector lambda = ComplexVector::Constant(1, {-1e-3, 3.0}), one = ComplexVector::Ones(1);
  Vector kernel = diagonalKernel(discretizeDiagonal(lambda, one, 0.1, Rule::zoh), one, 16384);
  Complex b = (std::exp(0.1 * lambda(0)) - 1.0) / lambda(0);
  for (int64_t l : {63, 64, 1000, 16383})
    EXPECT_NEAR(kernel(l), 2 * (b * std::exp(lambda(0) * 0.1 * double(l))).real(), 1e-12);
}

TEST(Hippo, OnlineLegS) {
  const Json &wanted = golden()["online"];
  int64_t n = wanted["n"];
  Vector f = vectorOf(wanted["f"]);
  for (const char *rule : {"euler", "bilinear"}) {
    Matrix rows = matrixOf(wanted[rule], n);
    Vector c = Vector::Zero(n);
    for (int64_t k = 0; k < f.size(); ++k) {
      stepLegS(c, k + 1, f(k), std::string(rule) == "euler" ? Rule::euler : Rule::bilinear);
      EXPECT_LT(distance(c, rows.row(k).transpose()), 1e-11) << rule << " " << k;
    }
  }
}

/// A signal that is a polynomial of the past is reconstructed from its coefficients.
TEST(Hippo, Reconstruction) {
  const int64_t n = 16, steps = 4000, points = 9;
  Vector c = Vector::Zero(n), seen(points);
  auto f = [](double x) { return 1 - 2 * x + 3 * x * x * x; };
  for (int64_t k = 1; k <= steps; ++k)
    stepLegS(c, k, f((k - 0.5) / steps), Rule::bilinear);
  for (int64_t i = 0; i < points; ++i)
    seen(i) = f(static_cast<double>(i) / (points - 1));
  // Where the past begins, the first steps were too large.
  Vector whole = basis(Measure::legs, n, points) * c;
  EXPECT_LT(distance(whole.tail(points - 1), seen.tail(points - 1)), 5e-3);
  // The window of LegT holds the last quarter.
  Transition step = discretize(transition(Measure::legt, n), 2.0 / (steps / 4), Rule::bilinear);
  c.setZero();
  for (int64_t k = 1; k <= steps; ++k)
    c = step.a * c + step.b * f((k - 0.5) / steps);
  for (int64_t i = 0; i < points; ++i)
    seen(i) = f(0.75 + 0.25 * i / (points - 1));
  EXPECT_LT(distance(basis(Measure::legt, n, points) * c, seen), 5e-3);
}
} // namespace
