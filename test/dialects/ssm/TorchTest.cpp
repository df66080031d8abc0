//===- TorchTest.cpp - recurrences that are written as regions, against torch ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The golden data is made by tools/dev/make-recurrence-golden.

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;

static EvalValue tensorOf(const llvm::json::Value &value) {
  SmallVector<int64_t> shape;
  for (const llvm::json::Value &size : *value.getAsObject()->getArray("shape"))
    shape.push_back(*size.getAsInteger());
  std::vector<double> values;
  for (const llvm::json::Value &number : *value.getAsObject()->getArray("values"))
    values.push_back(*number.getAsNumber());
  return EvalTensor::dense(shape, std::move(values));
}

class TorchTest : public testing::TestWithParam<const char *> {};

// Outputs and last states, to the last digits of a double.
TEST_P(TorchTest, Agrees) {
  std::string name = GetParam(), folder = SSM_TESTS;
  MLIRContext context;
  context.loadDialect<func::FuncDialect, ssm::SSMDialect>();
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(folder + "/" + name + ".mlir", &context);
  ASSERT_TRUE(module);
  auto buffer = llvm::MemoryBuffer::getFile(folder + "/Inputs/torch-golden.json");
  ASSERT_TRUE(buffer);
  llvm::Expected<llvm::json::Value> golden = llvm::json::parse((*buffer)->getBuffer());
  ASSERT_TRUE(static_cast<bool>(golden));
  const llvm::json::Object &layer = *golden->getAsObject()->getObject(name);
  EvalValues arguments;
  for (const llvm::json::Value &value : *layer.getArray("arguments"))
    arguments.push_back(tensorOf(value));
  FailureOr<EvalValues> results = Evaluator(*module).run(name, arguments);
  ASSERT_TRUE(succeeded(results));
  const llvm::json::Array &expected = *layer.getArray("results");
  ASSERT_EQ(results->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EvalValue wanted = tensorOf(expected[i]);
    ASSERT_EQ((*results)[i].tensor().shape(), wanted.tensor().shape());
    for (int64_t j = 0; j < wanted.tensor().size(); ++j)
      EXPECT_NEAR((*results)[i].tensor().at(j), wanted.tensor().at(j), 1e-13) << "result " << i << ", element " << j;
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, TorchTest, testing::Values("lstm", "gru"));
