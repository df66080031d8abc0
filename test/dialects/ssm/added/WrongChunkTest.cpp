//===- WrongChunkTest.cpp - a form that disagrees with the step is found ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "tenon/dialects/ssm/Graph.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/passes/graph/Passes.h"
#include "gtest/gtest.h"

#define GET_OP_CLASSES
#include "WrongChunk.h.inc"
#define GET_OP_CLASSES
#include "WrongChunk.cpp.inc"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

Step WrongChunkOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange states) {
  Value sum = Graph(builder, loc).add(slices[0], states[0]);
  return {{sum}, {sum}};
}

/// Right for the first row of a sequence that starts from zeros, and nowhere else.
std::optional<Step> WrongChunkOp::buildChunk(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange) {
  return Step{{slices[0]}, {Graph(builder, loc).rows(slices[0], -1, 1)}};
}

// The step and its scan agree; the closed form does not, and the error says by how much.
TEST(WrongChunkTest, IsFound) {
  MLIRContext context;
  context.loadDialect<func::FuncDialect, nn::NNDialect>();
  RegisteredOperationName::insert<WrongChunkOp>(*context.getOrLoadDialect<SSMDialect>());
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      "func.func @run(%x: tensor<?x3xf32>, %s: tensor<1x3xf32>) -> tensor<?x3xf32> {"
      "%y, %n = ssm.wrong_chunk %x state %s : tensor<?x3xf32>, tensor<1x3xf32> return %y : tensor<?x3xf32> }",
      &context);
  ASSERT_TRUE(module);
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { said += diagnostic.str(); });
  PassManager manager(&context);
  manager.addPass(createVerifyRecurrencesPass());
  EXPECT_TRUE(failed(manager.run(*module)));
  EXPECT_NE(said.find("the forms of ssm.wrong_chunk differ by"), std::string::npos) << said;
}
