//===- GoingBackTest.cpp - rewinding equals never having run, evaluated ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "gtest/gtest.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;

// A recurrent slot (a running sum of all rows) beside one that grows, and what goes back in both.
static const char text[] = R"(
cache.declare @sum : !cache.recurrent<1x2xf32>
cache.declare @kv : !cache.kv<heads = 1, dim = 2, f32>
func.func @step(%x: tensor<?x2xf32>) -> (tensor<1x2xf32>, tensor<?x1x2xf32>, index, index) attributes {tenon.entry} {
  %c = cache.get @sum : !cache.recurrent<1x2xf32>
  %d = cache.get @kv : !cache.kv<heads = 1, dim = 2, f32>
  %n = cache.length %c : !cache.recurrent<1x2xf32> -> index
  %m = cache.length %d : !cache.kv<heads = 1, dim = 2, f32> -> index
  %s = cache.read %c : !cache.recurrent<1x2xf32> -> tensor<1x2xf32>
  %last = nn.slice %x dim = 0 start = -1 size = 1 : tensor<?x2xf32> -> tensor<1x2xf32>
  %half = nn.constant dense<0.5> : tensor<1x2xf32>
  %kept = nn.mul %s, %half : tensor<1x2xf32>, tensor<1x2xf32>
  %next = nn.add %kept, %last : tensor<1x2xf32>, tensor<1x2xf32>
  cache.write %c, %next : !cache.recurrent<1x2xf32>, tensor<1x2xf32>
  %k = nn.reshape %x : tensor<?x2xf32> to tensor<?x1x2xf32>
  cache.append %d, %k, %k : !cache.kv<heads = 1, dim = 2, f32>, tensor<?x1x2xf32>, tensor<?x1x2xf32>
  %keys, %values = cache.view %d : !cache.kv<heads = 1, dim = 2, f32> -> tensor<?x1x2xf32>, tensor<?x1x2xf32>
  return %next, %keys, %n, %m : tensor<1x2xf32>, tensor<?x1x2xf32>, index, index
}
func.func @mark() -> (!cache.mark, !cache.mark) {
  %c = cache.get @sum : !cache.recurrent<1x2xf32>
  %d = cache.get @kv : !cache.kv<heads = 1, dim = 2, f32>
  %a = cache.mark %c : !cache.recurrent<1x2xf32> -> !cache.mark
  %b = cache.mark %d : !cache.kv<heads = 1, dim = 2, f32> -> !cache.mark
  return %a, %b : !cache.mark, !cache.mark
}
func.func @rewind(%a: !cache.mark, %b: !cache.mark) {
  %c = cache.get @sum : !cache.recurrent<1x2xf32>
  %d = cache.get @kv : !cache.kv<heads = 1, dim = 2, f32>
  cache.rewind %c, %a : !cache.recurrent<1x2xf32>, !cache.mark
  cache.rewind %d, %b : !cache.kv<heads = 1, dim = 2, f32>, !cache.mark
  return
}
)";

namespace {
class GoingBackTest : public ::testing::Test {
protected:
  void SetUp() override {
    context.loadDialect<func::FuncDialect, nn::NNDialect, cache::CacheDialect>();
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
  }

  static EvalTensor rows(int64_t count, double seed) {
    EvalTensor tensor = EvalTensor::dense({count, 2});
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.at(i) = seed + 0.1 * double(i);
    return tensor;
  }
  static EvalValues run(Evaluator &evaluator, StringRef name, ArrayRef<EvalValue> arguments) {
    FailureOr<EvalValues> results = evaluator.run(name, arguments);
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? *results : EvalValues();
  }
  static void expectSame(const EvalValues &a, const EvalValues &b) {
    ASSERT_EQ(a.size(), 4u);
    ASSERT_EQ(b.size(), 4u);
    for (int i : {0, 1})
      EXPECT_TRUE(llvm::equal(a[i].tensor().values(), b[i].tensor().values())) << "result " << i;
    for (int i : {2, 3})
      EXPECT_EQ(a[i].index(), b[i].index()) << "result " << i;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

// Both kinds of slots count the positions of the calls before.
TEST_F(GoingBackTest, LengthsAgree) {
  Evaluator evaluator(*module);
  int64_t position = 0;
  for (int64_t count : {3, 1, 5}) {
    EvalValues results = run(evaluator, "step", {rows(count, 1)});
    ASSERT_EQ(results.size(), 4u);
    EXPECT_EQ(results[2].index(), position);
    EXPECT_EQ(results[3].index(), position);
    position += count;
  }
  evaluator.resetState();
  EXPECT_EQ(run(evaluator, "step", {rows(2, 1)})[2].index(), 0);
}

// Whatever runs between a mark and the rewind, and however often, what follows is the same.
TEST_F(GoingBackTest, RewindEqualsNeverHavingRun) {
  Evaluator plain(*module);
  run(plain, "step", {rows(3, 1)});
  EvalValues second = run(plain, "step", {rows(2, 7)}), third = run(plain, "step", {rows(1, 9)});

  Evaluator evaluator(*module);
  run(evaluator, "step", {rows(3, 1)});
  EvalValues marks = run(evaluator, "mark", {});
  for (int64_t count : {1, 4}) {
    run(evaluator, "step", {rows(count, 50)});
    run(evaluator, "rewind", marks);
    expectSame(run(evaluator, "step", {rows(2, 7)}), second);
    expectSame(run(evaluator, "step", {rows(1, 9)}), third);
    run(evaluator, "rewind", marks);
  }
}
