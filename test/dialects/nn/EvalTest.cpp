//===- EvalTest.cpp - evaluators against torch ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The cases are made by tools/dev/make-eval-golden.

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "tenon/dialects/nn/NN.h"
#include "gtest/gtest.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace mlir;
using namespace tenon;

namespace {
using Case = nlohmann::json;

std::vector<Case> readCases() {
  std::ifstream file(EVAL_GOLDEN);
  Case cases = Case::parse(file, nullptr, /*allow_exceptions=*/false);
  return cases.is_array() ? std::vector<Case>(cases.begin(), cases.end()) : std::vector<Case>();
}

class EvalGolden : public testing::TestWithParam<Case> {
protected:
  EvalGolden() { context.loadDialect<nn::NNDialect, func::FuncDialect, arith::ArithDialect>(); }
  MLIRContext context;
};
} // namespace

TEST_P(EvalGolden, AgreesWithTorch) {
  const Case &golden = GetParam();
  auto module = parseSourceString<ModuleOp>(golden["module"].get<std::string>(), &context);
  ASSERT_TRUE(module) << golden["module"];
  EvalValues arguments;
  for (const Case &input : golden["inputs"])
    arguments.push_back(EvalTensor::dense(input["shape"].get<std::vector<int64_t>>(), input["values"].get<std::vector<double>>()));
  Evaluator evaluator(*module);
  FailureOr<EvalValues> results = evaluator.run("run", arguments);
  ASSERT_TRUE(succeeded(results));
  ASSERT_EQ(results->size(), 1u);
  EvalTensor got = results->front().tensor().toDense();
  ASSERT_EQ(std::vector<int64_t>(got.shape()), golden["shape"].get<std::vector<int64_t>>());
  auto expected = golden["values"].get<std::vector<double>>();
  double tolerance = golden["tolerance"];
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(got.at(i), expected[i], tolerance * std::max(1.0, std::fabs(expected[i]))) << "element " << i;
}

INSTANTIATE_TEST_SUITE_P(Cases, EvalGolden, testing::ValuesIn(readCases()),
                         [](const auto &info) { return info.param["name"].template get<std::string>(); });

TEST(EvalGolden, HasCases) {
  EXPECT_GE(readCases().size(), 50u);
}
