//===- ElementTest.cpp - what kernels emit for an element against the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every elementwise op emits arith and math ops for one element. Here those are folded on numbers and compared with
// the op's evaluator, for scalars and for vectors.

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "tenon/dialects/nn/NN.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

namespace {
/// The op as it stands in a function of `%a`, `%b : tensor<1xf32>`.
class ElementTest : public testing::TestWithParam<const char *> {
protected:
  ElementTest() {
    context.loadDialect<nn::NNDialect, func::FuncDialect, arith::ArithDialect, math::MathDialect, vector::VectorDialect>();
    module = parseSourceString<ModuleOp>((Twine("func.func @run(%a: tensor<1xf32>, %b: tensor<1xf32>) -> tensor<1xf32> { %r = ") +
                                          GetParam() + " return %r : tensor<1xf32> }")
                                             .str(),
                                         &context);
  }

  ElementwiseOpInterface op() {
    auto function = module->lookupSymbol<func::FuncOp>("run");
    return cast<ElementwiseOpInterface>(&function.getBody().front().front());
  }

  double evaluate(double a, double b) {
    Evaluator evaluator(*module);
    FailureOr<EvalValues> results = evaluator.run("run", {EvalTensor::dense({1}, {a}), EvalTensor::dense({1}, {b})});
    return succeeded(results) ? results->front().tensor().at(0) : NAN;
  }

  /// Emits the op's element computation on constants and folds it to a number.
  double fold(double a, double b) {
    OpBuilder builder(&context);
    OwningOpRef<ModuleOp> scratch = ModuleOp::create(builder, builder.getUnknownLoc());
    builder.setInsertionPointToStart(scratch->getBody());
    SmallVector<Value> operands;
    for (double value : {a, b})
      operands.push_back(arith::ConstantOp::create(builder, builder.getUnknownLoc(), builder.getF32FloatAttr(value)));
    operands.resize(op()->getNumOperands());
    Value result = op().emitElement(builder, builder.getUnknownLoc(), operands);
    llvm::DenseMap<Value, Attribute> values;
    for (Operation &inner : *scratch->getBody()) {
      SmallVector<Attribute> attributes;
      for (Value operand : inner.getOperands())
        attributes.push_back(values.lookup(operand));
      SmallVector<OpFoldResult> folded;
      if (failed(inner.fold(attributes, folded)) || folded.empty())
        return NAN;
      auto value = dyn_cast<Value>(folded.front());
      values[inner.getResult(0)] = value ? values.lookup(value) : cast<Attribute>(folded.front());
    }
    auto number = dyn_cast_or_null<FloatAttr>(values.lookup(result));
    return number ? number.getValueAsDouble() : NAN;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

// In f32, so within a few units in the last place of the evaluator's doubles.
TEST_P(ElementTest, AgreesWithTheEvaluator) {
  ASSERT_TRUE(module);
  for (double a : {0.25, 1.0, 2.5, 7.0})
    for (double b : {-3.0, 0.5}) {
      double expected = evaluate(a, b);
      EXPECT_NEAR(fold(a, b), expected, 4e-6 * std::max(1.0, std::fabs(expected))) << a << ", " << b;
    }
}

TEST_P(ElementTest, WorksOnVectors) {
  ASSERT_TRUE(module);
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(builder, builder.getUnknownLoc());
  builder.setInsertionPointToStart(scratch->getBody());
  auto type = VectorType::get({16}, builder.getF32Type());
  auto zeros = DenseElementsAttr::get(type, 0.5f);
  Value operand = arith::ConstantOp::create(builder, builder.getUnknownLoc(), zeros);
  SmallVector<Value> operands(op()->getNumOperands(), operand);
  EXPECT_EQ(op().emitElement(builder, builder.getUnknownLoc(), operands).getType(), type);
  EXPECT_TRUE(succeeded(verify(*scratch)));
}

INSTANTIATE_TEST_SUITE_P(Ops, ElementTest,
                         testing::Values("nn.silu %a : tensor<1xf32>", "nn.relu %a : tensor<1xf32>", "nn.relu2 %a : tensor<1xf32>",
                                         "nn.tanh %a : tensor<1xf32>", "nn.sigmoid %a : tensor<1xf32>", "nn.exp %a : tensor<1xf32>",
                                         "nn.neg %a : tensor<1xf32>", "nn.sqrt %a : tensor<1xf32>", "nn.rsqrt %a : tensor<1xf32>",
                                         "nn.abs %a : tensor<1xf32>", "nn.softplus %a : tensor<1xf32>", "nn.quick_gelu %a : tensor<1xf32>",
                                         "nn.sin %a : tensor<1xf32>", "nn.cos %a : tensor<1xf32>",
                                         "nn.clamp %a {low = 0.5 : f32, high = 2.0 : f32} : tensor<1xf32>", "nn.gelu %a : tensor<1xf32>",
                                         "nn.gelu %a {approximate = #nn.approximate<tanh>} : tensor<1xf32>",
                                         "nn.convert %a : tensor<1xf32> to tensor<1xf32>", "nn.add %a, %b : tensor<1xf32>, tensor<1xf32>",
                                         "nn.sub %a, %b : tensor<1xf32>, tensor<1xf32>", "nn.mul %a, %b : tensor<1xf32>, tensor<1xf32>",
                                         "nn.div %a, %b : tensor<1xf32>, tensor<1xf32>", "nn.max %a, %b : tensor<1xf32>, tensor<1xf32>",
                                         "nn.min %a, %b : tensor<1xf32>, tensor<1xf32>"));
