//===- Entry.cpp - one call of a function ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Entry.h"
#include "Npy.h"
#include "TensorText.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/decode/Decode.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

namespace {
/// The types of the call's values and how they are named.
struct Call {
  ArrayRef<Type> inputs, outputs;
  bool languageModel;

  std::string nameOf(bool input, unsigned index) const {
    if (languageModel && index == 0)
      return input ? "tokens" : "logits";
    return (input ? "input" : "output") + std::to_string(index);
  }
  /// The index of a name, or nothing.
  std::optional<unsigned> find(bool input, StringRef name) const {
    for (unsigned i = 0, count = (input ? inputs : outputs).size(); i < count; ++i)
      if (name == nameOf(input, i) || name == ((input ? "input" : "output") + Twine(i)).str() || name == std::to_string(i))
        return i;
    return std::nullopt;
  }
  bool isInteger(unsigned output) const { return getElementTypeOrSelf(outputs[output]).isIntOrIndex(); }
};
} // namespace

/// The value that a function of this argument type gets from a tensor: itself, or an index.
static EvalValue asArgument(const EvalTensor &tensor, Type type) {
  if (type.isIntOrIndex() && tensor.size() == 1)
    return static_cast<int64_t>(tensor.at(0));
  return tensor;
}

/// The value as a tensor; an index has rank 0.
static EvalTensor asTensor(const EvalValue &value) {
  return value.isIndex() ? EvalTensor::dense({}, {static_cast<double>(value.index())}) : value.tensor();
}

static int readInputs(const InterpOptions &options, const Call &call, EvalValues &arguments) {
  std::vector<bool> given(call.inputs.size());
  arguments.resize(given.size());
  for (const Binding &binding : options.inputs) {
    std::optional<unsigned> index = call.find(/*input=*/true, binding.name);
    if (!index)
      return fail(exitUsage, "'" + options.entry + "' has no input '" + binding.name + "'");
    llvm::Expected<EvalTensor> tensor = parseTensor(binding.value);
    if (!tensor)
      return fail(exitUsage, "input '" + binding.name + "': " + llvm::toString(tensor.takeError()));
    arguments[*index] = asArgument(*tensor, call.inputs[*index]);
    given[*index] = true;
  }
  for (auto [index, type] : llvm::enumerate(call.inputs)) {
    if (given[index])
      continue;
    // A slot that is an argument starts empty.
    auto slot = dyn_cast<cache::SlotTypeInterface>(type);
    if (!slot)
      return fail(exitUsage, "'" + options.entry + "' needs --input=" + call.nameOf(true, index) + "=...");
    arguments[index] = cache::emptyState(slot);
  }
  return exitOk;
}

/// Compares elements and says where they differ.
static int compare(StringRef name, const EvalTensor &got, const EvalTensor &expected, double tolerance) {
  if (got.shape() != expected.shape())
    return fail(exitMismatch, "output '" + name + "' has another shape than expected");
  int64_t wrong = 0, first = -1;
  double largest = 0;
  for (int64_t i = 0; i < got.size(); ++i) {
    double a = got.at(i), b = expected.at(i), error = a == b || (std::isnan(a) && std::isnan(b)) ? 0 : std::fabs(a - b);
    largest = std::isnan(error) ? error : std::max(largest, error);
    if (error <= tolerance)
      continue;
    first = wrong++ ? first : i;
  }
  if (wrong == 0)
    return exitOk;
  return fail(exitMismatch, "output '" + name + "' differs at " + Twine(wrong) + " of " + Twine(got.size()) + " elements; the first, " +
                                Twine(first) + ", expects " + numberText(expected.at(first)) + ", but got " + numberText(got.at(first)) +
                                " (largest difference " + numberText(largest) + ")");
}

static int writeOutputs(const InterpOptions &options, const Call &call, ArrayRef<EvalValue> results) {
  for (const Binding &binding : options.outputs) {
    std::optional<unsigned> index = call.find(/*input=*/false, binding.name);
    if (!index)
      return fail(exitUsage, "'" + options.entry + "' has no output '" + binding.name + "'");
    StringRef path = binding.value;
    path.consume_front("@");
    if (llvm::Error error = writeNpy(path, asTensor(results[*index]), call.isInteger(*index)))
      return fail(exitUsage, llvm::toString(std::move(error)));
  }
  if (options.outputs.empty() && options.expected.empty())
    for (auto [index, result] : llvm::enumerate(results))
      printTensor(llvm::outs(), call.nameOf(/*input=*/false, index), asTensor(result), call.isInteger(index));
  return exitOk;
}

static int checkExpected(const InterpOptions &options, const Call &call, ArrayRef<EvalValue> results) {
  for (const Binding &binding : options.expected) {
    std::optional<unsigned> index = call.find(/*input=*/false, binding.name);
    if (!index)
      return fail(exitUsage, "'" + options.entry + "' has no output '" + binding.name + "'");
    llvm::Expected<EvalTensor> expected = parseTensor(binding.value);
    if (!expected)
      return fail(exitUsage, "output '" + binding.name + "': " + llvm::toString(expected.takeError()));
    if (int code = compare(binding.name, asTensor(results[*index]).toDense(), *expected, options.tolerance))
      return code;
  }
  return exitOk;
}

int tenon::runEntry(const InterpOptions &options, ModuleOp module, Evaluator &evaluator) {
  auto function = module.lookupSymbol<func::FuncOp>(options.entry);
  if (!function)
    return fail(exitUsage, "the module has no function '" + options.entry + "'");
  bool languageModel = function->hasAttr("tenon.entry") && !module.getOps<decode::GenerateOp>().empty();
  Call call{function.getArgumentTypes(), function.getResultTypes(), languageModel};
  EvalValues arguments;
  if (int code = readInputs(options, call, arguments))
    return code;
  FailureOr<EvalValues> results = evaluator.run(options.entry, arguments);
  if (failed(results))
    return exitUnsupported;
  for (const EvalValue &result : *results)
    if (result.isState())
      return fail(exitUnsupported, "'" + options.entry + "' gives a state slot, which has no text");
  if (int code = writeOutputs(options, call, *results))
    return code;
  return checkExpected(options, call, *results);
}
