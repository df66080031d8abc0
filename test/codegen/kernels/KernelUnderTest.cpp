//===- KernelUnderTest.cpp - a kernel that runs, and the evaluator ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelUnderTest.h"
#include "mlir/Parser/Parser.h"
#include "tenon/codegen/package/Lowering.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::test;

MLIRContext &KernelUnderTest::context() {
  static MLIRContext *made = [] {
    DialectRegistry registry;
    codegen::registerCompilerDialects(registry);
    auto *context = new MLIRContext(registry);
    context->loadAllAvailableDialects();
    return context;
  }();
  return *made;
}

void tenon::test::giveUp(const Twine &why) {
  llvm::errs() << "cannot compile the kernel: " << why << "\n";
  std::abort();
}

KernelUnderTest::KernelUnderTest(StringRef text) {
  module = parseSourceString<ModuleOp>(text, &context());
  if (!module)
    giveUp("parse");
  op = *module->getOps<tile::KernelOp>().begin();
}

EvalValues KernelUnderTest::evaluate(ArrayRef<KernelArgument> arguments) {
  Evaluator evaluator(*module);
  EvalValues values;
  for (const KernelArgument &argument : arguments) {
    // The evaluator changes a slot in place; compiled code has its own.
    bool isState = argument.value.isState();
    values.push_back(isState ? EvalValue(std::make_shared<EvalState>(argument.value.state())) : argument.value);
  }
  FailureOr<EvalValues> results = evaluator.evalRegion(op.getBody(), values);
  if (failed(results))
    giveUp("evaluation");
  for (auto [argument, value] : llvm::zip(arguments, values))
    if (value.isState())
      results->push_back(value);
  return *results;
}

std::vector<KernelArgument> KernelUnderTest::randomArguments(int64_t tokens, unsigned seed, int64_t position) {
  std::mt19937 random(seed);
  std::vector<KernelArgument> arguments;
  for (Type type : inputs())
    arguments.push_back(randomArgument(type, tokens, position, random));
  return arguments;
}

/// Expects numbers within a tolerance that is relative to the largest of them, or to 0.3 if all are small: sums cancel.
static void expectNear(ArrayRef<double> expected, ArrayRef<double> got, double tolerance, const Twine &what) {
  ASSERT_EQ(expected.size(), got.size()) << what.str();
  double largest = 0;
  for (double value : expected)
    largest = std::max(largest, std::fabs(value));
  unsigned wrong = 0;
  for (size_t i = 0; i < expected.size() && wrong < 5; ++i)
    if (!(std::fabs(expected[i] - got[i]) <= tolerance * std::max(largest, 0.3))) {
      ++wrong;
      ADD_FAILURE() << what.str() << ": element " << i << " of " << expected.size() << " is " << got[i] << ", expected " << expected[i];
    }
}

static void checkSlot(Type slot, const Buffer &buffer, const EvalState &expected, double tolerance) {
  if (auto recurrent = dyn_cast<cache::RecurrentType>(slot))
    return expectNear(expected.planes.front(), readBuffer(recurrent.getTensorType(), buffer, 0), tolerance, "state");
  auto type = cast<cache::KvType>(slot);
  for (bool isKey : {true, false}) {
    if (!isKey && type.getLatent())
      continue;
    std::vector<double> got;
    for (int64_t p = 0; p < expected.length; ++p)
      for (int64_t head = 0; head < type.getHeads(); ++head)
        for (int64_t element = 0; element < type.getDim(); ++element)
          got.push_back(readSlot(type, buffer, isKey, p, head, element));
    expectNear(expected.planes[isKey ? 0 : 1], got, std::max(tolerance, 1e-3), isKey ? "keys" : "values");
  }
}

void KernelUnderTest::check(ArrayRef<KernelArgument> arguments, int64_t tokens, double tolerance, int64_t position, int64_t threads) {
  EvalValues expected = evaluate(arguments);
  std::vector<Buffer> got = run(arguments, tokens, position, threads);
  size_t results = op.getFunctionType().getNumResults();
  for (size_t i = 0; i < results; ++i) {
    auto type = cast<RankedTensorType>(op.getFunctionType().getResult(i));
    EvalTensor tensor = expected[i].tensor().toDense();
    expectNear(tensor.values(), readBuffer(type, got[i], tokens), tolerance, "result " + Twine(i));
  }
  for (const KernelArgument &argument : arguments)
    if (argument.value.isState())
      checkSlot(argument.type, argument.buffer, expected[results++].state(), tolerance);
}

void KernelUnderTest::checkRandom(int64_t tokens, double tolerance, unsigned seed, int64_t position, int64_t threads) {
  SCOPED_TRACE("tokens " + std::to_string(tokens) + ", position " + std::to_string(position) + ", threads " + std::to_string(threads));
  check(randomArguments(tokens, seed, position), tokens, tolerance, position, threads);
}

std::string tenon::test::withNumbers(std::string text, std::initializer_list<std::pair<StringRef, int64_t>> numbers) {
  for (auto [name, number] : numbers)
    for (size_t at = 0; (at = text.find(name.str(), at)) != std::string::npos;)
      text.replace(at, name.size(), std::to_string(number));
  return text;
}
