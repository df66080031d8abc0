//===- Generate.cpp - the generate loop ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/decode/Decode.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::decode;

/// Whether a type is a tensor of the element type and shape; -1 stands for any static size.
static bool isTensor(Type type, bool (*element)(Type), ArrayRef<int64_t> shape) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !element(tensor.getElementType()) || tensor.getRank() != static_cast<int64_t>(shape.size()))
    return false;
  return llvm::all_of(llvm::zip_equal(tensor.getShape(), shape), [](auto pair) {
    auto [dim, expected] = pair;
    return expected == -1 ? !ShapedType::isDynamic(dim) : dim == expected;
  });
}
static bool isF32(Type type) {
  return type.isF32();
}
static bool isI32(Type type) {
  return type.isInteger(32);
}

LogicalResult GenerateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto step = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getStepAttr());
  if (!step) // generate_c1
    return emitOpError("expects @") << getStep() << " to be a function";
  FunctionType type = step.getFunctionType();
  if (type.getNumInputs() != 1 || type.getNumResults() != 1 || !isTensor(type.getInput(0), isI32, {ShapedType::kDynamic}) ||
      !isTensor(type.getResult(0), isF32, {1, -1})) // generate_c1
    return emitOpError("expects the step to map tensor<?xi32> to logits of one row, but got ") << type;
  if (type.getResult(0) != getChoose().getArgument(0).getType()) // generate_c2
    return emitOpError("expects the region to take the step's logits ")
           << type.getResult(0) << ", but got " << getChoose().getArgument(0).getType();
  return success();
}

LogicalResult GenerateOp::verifyRegions() {
  Block &block = getChoose().front();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (block.getNumArguments() != 2 || !isTensor(block.getArgument(1).getType(), isF32, {1}) || !yield ||
      !isTensor(yield.getToken().getType(), isI32, {1})) // generate_c2
    return emitOpError("expects a region that takes logits and tensor<1xf32> and yields tensor<1xi32>");
  return success();
}

LogicalResult GenerateOp::evaluate(EvalContext &context, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  if (operands.size() != 3 || !operands[0].isTensor() || !operands[1].isTensor() || !operands[2].isIndex())
    return emitOpError("expects the operands prompt, uniform numbers and limit");
  EvalTensor uniform = operands[1].tensor().toDense();
  EvalValue tokens = operands[0];
  std::vector<double> emitted;
  for (int64_t i = 0; i < operands[2].index(); ++i) {
    FailureOr<EvalValues> logits = context.evalFunction(*this, getStep(), tokens);
    if (failed(logits))
      return failure();
    EvalTensor number = EvalTensor::dense({1}, {i < uniform.size() ? uniform.at(i) : 0.0});
    FailureOr<EvalValues> chosen = context.evalRegion(getChoose(), {logits->front(), number});
    if (failed(chosen))
      return failure();
    double token = chosen->front().tensor().at(0);
    if (llvm::is_contained(getEos(), static_cast<int64_t>(token)))
      break;
    emitted.push_back(token);
    tokens = chosen->front();
  }
  results.push_back(EvalTensor::dense({static_cast<int64_t>(emitted.size())}, emitted));
  return success();
}

LogicalResult YieldOp::evaluate(EvalContext &, ArrayRef<EvalValue> operands, SmallVectorImpl<EvalValue> &results) {
  results.assign(operands.begin(), operands.end());
  return success();
}
