//===- GatedMeanTest.cpp - what a recurrence gets that has nothing but a step ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GatedMean.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "tenon/passes/graph/Passes.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

namespace {
class GatedMeanTest : public testing::Test {
protected:
  GatedMeanTest() {
    context.loadDialect<func::FuncDialect, nn::NNDialect>();
    RegisteredOperationName::insert<ssm::GatedMeanOp>(*context.getOrLoadDialect<ssm::SSMDialect>());
  }

  /// The op in a function of `channels` values a row; its state has `states` rows.
  OwningOpRef<ModuleOp> parse(int64_t channels, int64_t states) {
    std::string row = "tensor<?x" + std::to_string(channels) + "xf32>", state = "tensor<" + std::to_string(states) + "x3xf32>";
    std::string text = "func.func @run(%z: tensor<?x3xf32>, %i: ROW, %f: tensor<?x3xf32>, %s: STATE) -> (tensor<?x3xf32>, STATE) {"
                       "%y, %n = ssm.gated_mean %z, %i decay %f state %s : tensor<?x3xf32>, ROW, tensor<?x3xf32>, STATE "
                       "return %y, %n : tensor<?x3xf32>, STATE }";
    for (auto [word, type] : {std::pair(std::string("ROW"), row), std::pair(std::string("STATE"), state)})
      for (size_t at; (at = text.find(word)) != std::string::npos;)
        text.replace(at, word.size(), type);
    return parseSourceString<ModuleOp>(text, &context);
  }

  MLIRContext context;
};
} // namespace

// The evaluator runs the step; the numbers are those of the sums written out.
TEST_F(GatedMeanTest, IsEvaluated) {
  OwningOpRef<ModuleOp> module = parse(3, 3);
  ASSERT_TRUE(module);
  constexpr int64_t rows = 5, channels = 3;
  std::vector<double> z, gate, decay;
  for (int64_t i = 0; i < rows * channels; ++i) {
    z.push_back(std::sin(i));
    gate.push_back(3 * std::cos(2.0 * i));
    decay.push_back(-std::fabs(std::sin(3.0 * i)));
  }
  Evaluator evaluator(*module);
  FailureOr<EvalValues> results = evaluator.run("run", {EvalTensor::dense({rows, channels}, z), EvalTensor::dense({rows, channels}, gate),
                                                        EvalTensor::dense({rows, channels}, decay), EvalTensor::dense({3, channels})});
  ASSERT_TRUE(succeeded(results));
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t t = 0; t < rows; ++t) {
      double sum = 0, weight = 0;
      for (int64_t j = 0; j <= t; ++j) {
        double exponent = gate[j * channels + c];
        for (int64_t i = j + 1; i <= t; ++i)
          exponent += decay[i * channels + c];
        sum += std::exp(exponent) * z[j * channels + c];
        weight += std::exp(exponent);
      }
      EXPECT_NEAR((*results)[0].tensor().at(t * channels + c), sum / weight, 1e-12);
    }
}

// Its forms, which are the step in place and in a scan, are compared like those of any recurrence.
TEST_F(GatedMeanTest, IsVerifiedAndExpanded) {
  OwningOpRef<ModuleOp> module = parse(3, 3);
  ASSERT_TRUE(module);
  PassManager manager(&context);
  manager.addPass(createVerifyRecurrencesPass());
  manager.addPass(createExpandRecurrencesPass());
  ASSERT_TRUE(succeeded(manager.run(*module)));
  int64_t scans = 0;
  module->walk([&](ssm::ScanOp) { ++scans; });
  EXPECT_EQ(scans, 1);
}

// Shapes are checked by their letters.
TEST_F(GatedMeanTest, IsChecked) {
  std::string text;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { text += diagnostic.str(); });
  EXPECT_FALSE(parse(4, 3));
  EXPECT_NE(text.find("expects gate of shape [T, C] = [?, 3], but got 'tensor<?x4xf32>'"), std::string::npos) << text;
  EXPECT_FALSE(parse(3, 2));
  EXPECT_NE(text.find("expects state of shape [3, C] = [3, 3], but got 'tensor<2x3xf32>'"), std::string::npos) << text;
}
