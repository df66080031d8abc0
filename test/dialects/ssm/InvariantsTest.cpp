//===- InvariantsTest.cpp - what recurrences have in common and what they reduce to ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Each test runs one function on random values and compares it with another, or with sums that are written out here.

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "gtest/gtest.h"

#include <cmath>
#include <complex>
#include <random>

using namespace mlir;
using namespace tenon;

namespace {
class InvariantsTest : public testing::Test {
protected:
  InvariantsTest() { context.loadDialect<func::FuncDialect, ssm::SSMDialect>(); }

  /// Runs @run of a module; a failure is an empty list.
  EvalValues run(StringRef text, ArrayRef<EvalValue> arguments) {
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return {};
    FailureOr<EvalValues> results = Evaluator(*module).run("run", arguments);
    return succeeded(results) ? *results : EvalValues();
  }

  EvalTensor uniform(ArrayRef<int64_t> shape, double least = -1, double most = 1) {
    EvalTensor tensor = EvalTensor::dense(shape);
    std::uniform_real_distribution<double> distribution(least, most);
    for (double &value : tensor.values())
      value = distribution(random);
    return tensor;
  }
  static EvalTensor filled(ArrayRef<int64_t> shape, double value) {
    EvalTensor tensor = EvalTensor::dense(shape);
    llvm::fill(tensor.values(), value);
    return tensor;
  }
  static void expectEqual(const EvalValues &got, ArrayRef<EvalTensor> expected, double tolerance = 1e-12) {
    ASSERT_GE(got.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(got[i].tensor().size(), expected[i].size());
      for (int64_t j = 0; j < expected[i].size(); ++j)
        ASSERT_NEAR(got[i].tensor().at(j), expected[i].at(j), tolerance) << "result " << i << ", element " << j;
    }
  }

  MLIRContext context;
  std::mt19937 random{7};
};

constexpr const char *selectiveScan = R"(
  func.func @run(%x: tensor<?x3xf32>, %dt: tensor<?x3xf32>, %a: tensor<2x3xf32>, %b: tensor<?x2xf32>, %c: tensor<?x2xf32>,
                 %d: tensor<3xf32>, %s: tensor<2x3xf32>) -> (tensor<?x3xf32>, tensor<2x3xf32>) {
    %y, %n = ssm.selective_scan %x, %dt, %a, %b, %c skip %d state %s
        : tensor<?x3xf32>, tensor<?x3xf32>, tensor<2x3xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<3xf32>, tensor<2x3xf32>
    return %y, %n : tensor<?x3xf32>, tensor<2x3xf32>
  })";
constexpr const char *ssd = R"(
  func.func @run(%x: tensor<?xHxPxf32>, %dt: tensor<?xHxf32>, %a: tensor<Hxf32>, %b: tensor<?xGx2xf32>, %c: tensor<?xGx2xf32>,
                 %s: tensor<Hx2xPxf32>) -> (tensor<?xHxPxf32>, tensor<Hx2xPxf32>) {
    %y, %n = ssm.ssd %x, %dt, %a, %b, %c state %s
        : tensor<?xHxPxf32>, tensor<?xHxf32>, tensor<Hxf32>, tensor<?xGx2xf32>, tensor<?xGx2xf32>, tensor<Hx2xPxf32>
    return %y, %n : tensor<?xHxPxf32>, tensor<Hx2xPxf32>
  })";

/// The text with sizes for its letters H, P and G, which stand before an x.
std::string withSizes(StringRef text, StringRef heads, StringRef width, StringRef groups) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    bool isSize = i + 1 < text.size() && text[i + 1] == 'x';
    if (isSize && (text[i] == 'H' || text[i] == 'P' || text[i] == 'G'))
      result += (text[i] == 'H' ? heads : text[i] == 'P' ? width : groups).str();
    else
      result += text[i];
  }
  return result;
}

constexpr int64_t rows = 9;
} // namespace

// Nothing is left of a state that decays at once: each row stands alone.
TEST_F(InvariantsTest, DecayOfNothingIsPositionWise) {
  EvalTensor x = uniform({rows, 3}), dt = uniform({rows, 3}, 0.1, 1), b = uniform({rows, 2}), c = uniform({rows, 2}), d = uniform({3});
  EvalTensor expected = EvalTensor::dense({rows, 3});
  for (int64_t i = 0; i < rows * 3; ++i) {
    int64_t t = i / 3;
    expected.at(i) = (c.at(2 * t) * b.at(2 * t) + c.at(2 * t + 1) * b.at(2 * t + 1)) * dt.at(i) * x.at(i) + d.at(i % 3) * x.at(i);
  }
  for (double a : {-1e6, -std::numeric_limits<double>::infinity()})
    expectEqual(run(selectiveScan, {x, dt, filled({2, 3}, a), b, c, d, uniform({2, 3})}), {expected});
}

// Without a decay the state is the sum of what rows add.
TEST_F(InvariantsTest, NoDecayIsACumulativeSum) {
  EvalTensor x = uniform({rows, 3}), dt = uniform({rows, 3}, 0.1, 1), b = uniform({rows, 2}), s = uniform({2, 3});
  EvalTensor sums = EvalTensor::dense({2, 3}, std::vector<double>(s.values().begin(), s.values().end()));
  EvalTensor expected = EvalTensor::dense({rows, 3});
  for (int64_t t = 0; t < rows; ++t)
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t c = 0; c < 3; ++c) {
        sums.at(n * 3 + c) += dt.at(t * 3 + c) * b.at(t * 2 + n) * x.at(t * 3 + c);
        expected.at(t * 3 + c) += sums.at(n * 3 + c);
      }
  expectEqual(run(selectiveScan, {x, dt, filled({2, 3}, 0), b, filled({rows, 2}, 1), filled({3}, 0), s}), {expected, sums});
}

// One head of one value is one channel, whose states all have one decay.
TEST_F(InvariantsTest, SsdOfOneValueIsASelectiveScan) {
  constexpr const char *channel = R"(
    func.func @run(%x: tensor<?x1xf32>, %dt: tensor<?x1xf32>, %a: tensor<2x1xf32>, %b: tensor<?x2xf32>, %c: tensor<?x2xf32>,
                   %s: tensor<2x1xf32>) -> (tensor<?x1xf32>, tensor<2x1xf32>) {
      %y, %n = ssm.selective_scan %x, %dt, %a, %b, %c state %s
          : tensor<?x1xf32>, tensor<?x1xf32>, tensor<2x1xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<2x1xf32>
      return %y, %n : tensor<?x1xf32>, tensor<2x1xf32>
    })";
  EvalTensor x = uniform({rows, 1}), dt = uniform({rows, 1}, 0.1, 1), b = uniform({rows, 2}), c = uniform({rows, 2}), s = uniform({2, 1});
  EvalValues expected = run(channel, {x, dt, filled({2, 1}, -0.7), b, c, s});
  ASSERT_EQ(expected.size(), 2u);
  expectEqual(run(withSizes(ssd, "1", "1", "1"), {x.reshaped({rows, 1, 1}), dt, filled({1}, -0.7), b.reshaped({rows, 1, 2}),
                                                  c.reshaped({rows, 1, 2}), s.reshaped({1, 2, 1})}),
              {expected[0].tensor(), expected[1].tensor()});
}

// Retention: a fixed decay, which is an ssd of steps of 1; and its sum written out, (q k^T * gamma^(i - j)) v.
TEST_F(InvariantsTest, RetentionIsAnSsd) {
  constexpr const char *retention = R"(
    func.func @run(%q: tensor<?x2x2xf32>, %k: tensor<?x2x2xf32>, %v: tensor<?x4x3xf32>, %g: tensor<4xf32>, %s: tensor<4x2x3xf32>)
        -> (tensor<?x4x3xf32>, tensor<4x2x3xf32>) {
      %y, %n = ssm.linear_attention %q, %k, %v decay %g state %s {fixed_decay}
          : tensor<?x2x2xf32>, tensor<?x2x2xf32>, tensor<?x4x3xf32>, tensor<4xf32>, tensor<4x2x3xf32>
      return %y, %n : tensor<?x4x3xf32>, tensor<4x2x3xf32>
    })";
  EvalTensor q = uniform({rows, 2, 2}), k = uniform({rows, 2, 2}), v = uniform({rows, 4, 3}), g = uniform({4}, -0.5, 0),
             s = uniform({4, 2, 3});
  EvalValues expected = run(retention, {q, k, v, g, s});
  ASSERT_EQ(expected.size(), 2u);
  expectEqual(run(withSizes(ssd, "4", "3", "2"), {v, filled({rows, 4}, 1), g, k, q, s}), {expected[0].tensor(), expected[1].tensor()});

  EvalTensor sums = EvalTensor::dense({rows, 4, 3});
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j <= i; ++j)
      for (int64_t h = 0; h < 4; ++h) {
        const double *query = q.values().data() + (i * 2 + h / 2) * 2, *key = k.values().data() + (j * 2 + h / 2) * 2;
        double score = (query[0] * key[0] + query[1] * key[1]) * std::exp(g.at(h) * (i - j));
        for (int64_t c = 0; c < 3; ++c)
          sums.at((i * 4 + h) * 3 + c) += score * v.at((j * 4 + h) * 3 + c);
      }
  expectEqual(run(retention, {q, k, v, g, filled({4, 2, 3}, 0)}), {sums});
}

// Read before with a bonus: y = q^T (S + diag(u) k v^T), S the decayed sum of the rows before.
TEST_F(InvariantsTest, ReadBeforeSeesItsOwnRowByTheBonus) {
  constexpr const char *text = R"(
    func.func @run(%q: tensor<?x1x2xf32>, %k: tensor<?x1x2xf32>, %v: tensor<?x1x3xf32>, %g: tensor<?x1x2xf32>, %u: tensor<1x2xf32>,
                   %s: tensor<1x2x3xf32>) -> (tensor<?x1x3xf32>, tensor<1x2x3xf32>) {
      %y, %n = ssm.linear_attention %q, %k, %v decay %g bonus %u state %s {read = #ssm.read<before>}
          : tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<?x1x3xf32>, tensor<?x1x2xf32>, tensor<1x2xf32>, tensor<1x2x3xf32>
      return %y, %n : tensor<?x1x3xf32>, tensor<1x2x3xf32>
    })";
  EvalTensor q = uniform({rows, 1, 2}), k = uniform({rows, 1, 2}), v = uniform({rows, 1, 3}), g = uniform({rows, 1, 2}, -2, 0);
  EvalTensor u = uniform({1, 2}), s = uniform({1, 2, 3});
  EvalTensor state = EvalTensor::dense({1, 2, 3}, std::vector<double>(s.values().begin(), s.values().end()));
  EvalTensor expected = EvalTensor::dense({rows, 1, 3});
  for (int64_t t = 0; t < rows; ++t)
    for (int64_t i = 0; i < 2; ++i)
      for (int64_t c = 0; c < 3; ++c) {
        double own = k.at(t * 2 + i) * v.at(t * 3 + c);
        expected.at(t * 3 + c) += q.at(t * 2 + i) * (state.at(i * 3 + c) + u.at(i) * own);
        state.at(i * 3 + c) = std::exp(g.at(t * 2 + i)) * state.at(i * 3 + c) + own;
      }
  expectEqual(run(text, {q, k, v, g, u, s}), {expected, state});
}

namespace {
constexpr const char *deltaRule = R"(
  func.func @run(%q: tensor<?x2x4xf32>, %k: tensor<?x2x4xf32>, %v: tensor<?x2x3xf32>, %a: tensor<?x2x4xf32>, %b: tensor<?x2x4xf32>,
                 %g: tensor<?x2x4xf32>, %s: tensor<2x4x3xf32>) -> (tensor<?x2x3xf32>, tensor<2x4x3xf32>) {
    %y, %n = ssm.delta_rule %q, %k, %v, %a, %b decay %g state %s
        : tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?x2x3xf32>, tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?x2x4xf32>,
          tensor<2x4x3xf32>
    return %y, %n : tensor<?x2x3xf32>, tensor<2x4x3xf32>
  })";
} // namespace

// Without its change of rank one a delta rule is linear attention that is read after.
TEST_F(InvariantsTest, DeltaRuleWithoutItsChangeIsLinearAttention) {
  constexpr const char *attention = R"(
    func.func @run(%q: tensor<?x2x4xf32>, %k: tensor<?x2x4xf32>, %v: tensor<?x2x3xf32>, %g: tensor<?x2x4xf32>, %s: tensor<2x4x3xf32>)
        -> (tensor<?x2x3xf32>, tensor<2x4x3xf32>) {
      %y, %n = ssm.linear_attention %q, %k, %v decay %g state %s
          : tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?x2x3xf32>, tensor<?x2x4xf32>, tensor<2x4x3xf32>
      return %y, %n : tensor<?x2x3xf32>, tensor<2x4x3xf32>
    })";
  EvalTensor q = uniform({rows, 2, 4}), k = uniform({rows, 2, 4}), v = uniform({rows, 2, 3}), g = uniform({rows, 2, 4}, -1, 0);
  EvalTensor s = uniform({2, 4, 3});
  EvalValues expected = run(attention, {q, k, v, g, s});
  ASSERT_EQ(expected.size(), 2u);
  expectEqual(run(deltaRule, {q, k, v, filled({rows, 2, 4}, 0), uniform({rows, 2, 4}), g, s}),
              {expected[0].tensor(), expected[1].tensor()});
}

// A step of 1 along a key of length 1 replaces what the state says of it: asked for that key, it gives the value.
TEST_F(InvariantsTest, DeltaRuleOfFullStepRemembersTheLastValue) {
  EvalTensor k = uniform({rows, 2, 4}), v = uniform({rows, 2, 3}), a = EvalTensor::dense({rows, 2, 4});
  for (int64_t row = 0; row < rows * 2; ++row) {
    double norm = 0;
    for (int64_t i = 0; i < 4; ++i)
      norm += k.at(row * 4 + i) * k.at(row * 4 + i);
    for (int64_t i = 0; i < 4; ++i) {
      k.at(row * 4 + i) /= std::sqrt(norm);
      a.at(row * 4 + i) = -k.at(row * 4 + i);
    }
  }
  expectEqual(run(deltaRule, {k, k, v, a, k, filled({rows, 2, 4}, 0), uniform({2, 4, 3})}), {v});
}

// The running maximum changes no number, even where exponentials of keys overflow.
TEST_F(InvariantsTest, WkvIsItsSum) {
  constexpr const char *text = R"(
    func.func @run(%k: tensor<?x3xf32>, %v: tensor<?x3xf32>, %w: tensor<3xf32>, %u: tensor<3xf32>, %s: tensor<3x3xf32>) -> tensor<?x3xf32> {
      %y, %n = ssm.wkv %k, %v, %w, %u state %s : tensor<?x3xf32>, tensor<?x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3x3xf32>
      return %y : tensor<?x3xf32>
    })";
  for (double offset : {0.0, 2000.0, -2000.0}) {
    EvalTensor k = uniform({rows, 3}, -5, 5), v = uniform({rows, 3}), w = uniform({3}, -1, 0), u = uniform({3});
    EvalTensor expected = EvalTensor::dense({rows, 3});
    for (int64_t t = 0; t < rows; ++t)
      for (int64_t c = 0; c < 3; ++c) {
        double own = std::exp(u.at(c) + k.at(t * 3 + c)), sum = own * v.at(t * 3 + c), weight = own;
        for (int64_t j = 0; j < t; ++j) {
          double term = std::exp((t - 1 - j) * w.at(c) + k.at(j * 3 + c));
          sum += term * v.at(j * 3 + c);
          weight += term;
        }
        expected.at(t * 3 + c) = sum / weight;
      }
    for (double &key : k.values())
      key += offset;
    expectEqual(run(text, {k, v, w, u, filled({3, 3}, 0)}), {expected}, 1e-11);
  }
}

// The complex recurrence is that of complex numbers.
TEST_F(InvariantsTest, LruTurns) {
  constexpr const char *text = R"(
    func.func @run(%x: tensor<?x2x3xf32>, %g: tensor<3xf32>, %p: tensor<3xf32>, %s: tensor<2x3xf32>)
        -> (tensor<?x2x3xf32>, tensor<2x3xf32>) {
      %y, %n = ssm.lru %x, %g phase %p state %s : tensor<?x2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2x3xf32>
      return %y, %n : tensor<?x2x3xf32>, tensor<2x3xf32>
    })";
  EvalTensor x = uniform({rows, 2, 3}), g = uniform({3}, -0.2, 0), p = uniform({3}, 0, 6), s = uniform({2, 3});
  EvalTensor expected = EvalTensor::dense({rows, 2, 3});
  for (int64_t c = 0; c < 3; ++c) {
    std::complex<double> state(s.at(c), s.at(3 + c));
    for (int64_t t = 0; t < rows; ++t) {
      state = std::exp(std::complex<double>(g.at(c), p.at(c))) * state + std::complex<double>(x.at(t * 6 + c), x.at(t * 6 + 3 + c));
      expected.at(t * 6 + c) = state.real();
      expected.at(t * 6 + 3 + c) = state.imag();
    }
  }
  expectEqual(run(text, {x, g, p, s}), {expected});
}

// A sequence that is shorter than the window reads the state, and keeps of it what the next one needs.
TEST_F(InvariantsTest, ConvolutionOfFewRows) {
  constexpr const char *text = R"(
    func.func @run(%x: tensor<?x2xf32>, %w: tensor<2x4xf32>, %b: tensor<2xf32>, %s: tensor<3x2xf32>) -> (tensor<?x2xf32>, tensor<3x2xf32>) {
      %y, %n = ssm.causal_conv %x, %w bias %b state %s : tensor<?x2xf32>, tensor<2x4xf32>, tensor<2xf32>, tensor<3x2xf32>
      return %y, %n : tensor<?x2xf32>, tensor<3x2xf32>
    })";
  EvalTensor w = uniform({2, 4}), b = uniform({2}), s = uniform({3, 2});
  for (int64_t count : {0, 1, 2, 3, 4, 9}) {
    EvalTensor x = uniform({count, 2}), expected = EvalTensor::dense({count, 2}), next = EvalTensor::dense({3, 2});
    auto at = [&](int64_t t, int64_t c) { return t < 0 ? s.at((t + 3) * 2 + c) : x.at(t * 2 + c); };
    for (int64_t i = 0; i < count * 2; ++i) {
      expected.at(i) = b.at(i % 2);
      for (int64_t j = 0; j < 4; ++j)
        expected.at(i) += w.at(i % 2 * 4 + j) * at(i / 2 - 3 + j, i % 2);
    }
    for (int64_t i = 0; i < 6; ++i)
      next.at(i) = at(count - 3 + i / 2, i % 2);
    expectEqual(run(text, {x, w, b, s}), {expected, next});
  }
}

// Rows that do not agree are an error that says so, not a read beyond the end.
TEST_F(InvariantsTest, RowsThatDisagree) {
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { said += diagnostic.str(); });
  EvalValues results = run(selectiveScan, {uniform({rows, 3}), uniform({rows - 1, 3}), filled({2, 3}, -1), uniform({rows, 2}),
                                           uniform({rows, 2}), uniform({3}), uniform({2, 3})});
  EXPECT_TRUE(results.empty());
  EXPECT_NE(said.find("expects sequences of 9 rows, but got 8"), std::string::npos) << said;
}
