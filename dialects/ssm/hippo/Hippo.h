//===- Hippo.h - constants and kernels of structured state spaces ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What structured state-space models need at compile time, in double precision. A state of N coefficients follows an input f by
//
//   c'(t) = A c(t) + B f(t)      (LegS as an online projection: divided by t)
//
// where (A, B) projects the past of f onto N basis functions. The signs and scales are those of the S4 code base: A is stable, and one unit
// of time is half a window for LegT and FouT (a window of w samples has the step 2 / w), the decay e^(-s/2) for LagT.
//
// Complex forms keep one of each pair of conjugate eigenvalues, the one with the positive imaginary part: a real quantity is twice the real
// part of the sum over them. Here "half" means such a vector of N / 2 elements.
//
//===----------------------------------------------------------------------===//

#pragma once

#include <Eigen/Core>

#include <complex>
#include <cstdint>

namespace tenon::hippo {

using Complex = std::complex<double>;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using ComplexMatrix = Eigen::MatrixXcd;
using ComplexVector = Eigen::VectorXcd;

/// What the past is weighed by, and the basis that it is projected onto.
enum class Measure {
  legs, ///< all of the past alike; Legendre polynomials stretched over it
  legt, ///< a sliding window; Legendre polynomials
  lagt, ///< exponential decay; Laguerre functions
  fout, ///< a sliding window; cosines and sines
};

/// How a step of time is taken.
enum class Rule {
  euler,    ///< I + dt A, dt B
  bilinear, ///< (I - dt/2 A)^-1 (I + dt/2 A), (I - dt/2 A)^-1 dt B
  zoh,      ///< exp(dt A), the input held between samples
};

struct Transition {
  Matrix a;
  Vector b;
};

/// The transition of N coefficients; N is even for `fout`.
Transition transition(Measure measure, int64_t n);
/// The units of time in a window: 2 for `legt` and `fout`, 1 otherwise.
double unitsOfWindow(Measure measure);
/// One step of dt: c[k] = a c[k-1] + b f[k].
Transition discretize(const Transition &continuous, double dt, Rule rule);
/// The value of each basis function at `points` places of the window from its oldest sample to its newest; [points, n].
Matrix basis(Measure measure, int64_t n, int64_t points);
/// The step of the online LegS projection, c' = (A c + B f) / t, at sample k = 1, 2, ...; `zoh` is not one of its rules. O(N), in place.
void stepLegS(Eigen::Ref<Vector> coefficients, double k, double f, Rule rule);

/// A = V diag(lambda) V* - P P', P real with `rank` columns and V unitary.
struct NormalPlusLowRank {
  ComplexVector lambda; ///< sorted by imaginary part
  ComplexMatrix v;
  Matrix p;
};
NormalPlusLowRank normalPlusLowRank(Measure measure, int64_t n);

/// A state space in the basis V, halves: A = diag(lambda) - P P*, input B.
struct DiagonalPlusLowRank {
  ComplexVector lambda;
  ComplexMatrix p; ///< a column each rank
  ComplexVector b;
};
/// N is even.
DiagonalPlusLowRank diagonalPlusLowRank(Measure measure, int64_t n);

/// The bilinear step of a state space of rank 1, which is of rank 1 again: s[k] = a s[k-1] - p (2 Re sum q s[k-1]) + b f[k]. Halves.
struct LowRankStep {
  ComplexVector a, p, q, b;
};
LowRankStep bilinearStep(const DiagonalPlusLowRank &system, double dt);

/// C folded for kernels of `length`, C (I - Abar^length), and its inverse. Halves; Abar is bilinear.
ComplexVector foldOutput(const DiagonalPlusLowRank &system, const ComplexVector &c, double dt, int64_t length);
ComplexVector unfoldOutput(const DiagonalPlusLowRank &system, const ComplexVector &folded, double dt, int64_t length);
/// The convolution kernel K[l] = C Abar^l Bbar, l < length, of an output that was folded for that length, by the generating function at
/// the roots of unity: Cauchy sums and Woodbury's identity, O(N length). Not for `fout`, whose eigenvalue 0 has no Cauchy sum at 1.
Vector s4Kernel(const DiagonalPlusLowRank &system, const ComplexVector &folded, double dt, int64_t length);

/// Initial eigenvalues of diagonal models: S4D-Lin, -Inv, -LegS (those of LegS without its low rank), half of them, and S4D-Real (all).
enum class DiagonalInit { lin, inv, legs, real };
ComplexVector diagonalInit(DiagonalInit init, int64_t n);

/// The step of a diagonal state space, element by element: s[k] = a s[k-1] + b f[k], where the continuous input is `b`.
struct DiagonalStep {
  ComplexVector a, b;
};
DiagonalStep discretizeDiagonal(const ComplexVector &lambda, const ComplexVector &b, double dt, Rule rule);

/// K[l] = 2 Re sum_n c[n] b[n] a[n]^l: powers are made anew from the logarithm every 64 samples, so that they do not drift.
Vector diagonalKernel(const DiagonalStep &step, const ComplexVector &c, int64_t length);
/// The kernel of DSS: K[l] = 2 Re sum_n w[n] / lambda[n] * e^(dt lambda l) / sum_r e^(dt lambda r), r < length; sums that nearly cancel and
/// eigenvalues in the right half plane are safe.
Vector dssKernel(const ComplexVector &lambda, const ComplexVector &w, double dt, int64_t length);

} // namespace tenon::hippo
