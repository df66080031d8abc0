//===- Eval.cpp - runs functions of a module op by op ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/common/Eval.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/dialects/common/RecordTypeInterface.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tenon;

/// Calls deeper than this are taken for unbounded recursion.
static constexpr size_t maxDepth = 64;

struct Evaluator::MappedFile {
  std::unique_ptr<llvm::MemoryBuffer> buffer;
};

Evaluator::Evaluator(ModuleOp module, StringRef folder) : module(module), symbols(module), folder(folder) {}

Evaluator::~Evaluator() = default;

void Evaluator::resetState() {
  // The next look-up makes an empty slot.
  SmallVector<StringAttr> slots;
  for (auto &entry : symbolValues)
    if (entry.second.isState())
      slots.push_back(entry.first);
  for (StringAttr slot : slots)
    symbolValues.erase(slot);
}

FailureOr<EvalValue> Evaluator::lookupSymbol(Operation *user, StringAttr name) {
  if (auto it = symbolValues.find(name); it != symbolValues.end())
    return it->second;
  auto op = dyn_cast_or_null<EvalOpInterface>(symbols.lookup(name));
  if (!op)
    return user->emitError("expects the symbol @") << name.getValue() << " to have a value";
  EvalValues results;
  if (failed(op.evaluate(*this, {}, results)))
    return failure();
  if (results.size() != 1)
    return user->emitError("expects the symbol @") << name.getValue() << " to have one value";
  return symbolValues[name] = results.front();
}

FailureOr<EvalTensor> Evaluator::mapParameter(Operation *user, StringRef source, uint64_t offset, RankedTensorType type) {
  llvm::SmallString<256> path(source);
  if (!folder.empty() && !llvm::sys::path::is_absolute(path)) {
    path = folder;
    llvm::sys::path::append(path, source);
  }
  std::shared_ptr<MappedFile> &file = files[path];
  if (!file) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!buffer)
      return user->emitError("cannot open '") << path << "': " << buffer.getError().message();
    file = std::make_shared<MappedFile>(MappedFile{std::move(*buffer)});
  }
  std::optional<size_t> size = EvalTensor::storedBytes(type.getShape(), type.getElementType());
  if (!size)
    return user->emitError("expects a type with a stored form, but got ") << type;
  size_t available = file->buffer->getBufferSize();
  if (offset > available || *size > available - offset)
    return user->emitError("expects ") << *size << " bytes at offset " << offset << " of '" << path << "', but the file has " << available;
  auto *data = reinterpret_cast<const uint8_t *>(file->buffer->getBufferStart()) + offset;
  return EvalTensor::mapped(type.getShape(), type.getElementType(), data, *size, file);
}

/// The value of a constant attribute, or nothing if it has no form in the evaluator.
static std::optional<EvalValue> constantValue(Attribute attribute) {
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return EvalValue(integer.getValue().getSExtValue());
  auto elements = dyn_cast<DenseElementsAttr>(attribute);
  if (!elements)
    return std::nullopt;
  std::vector<double> values;
  values.reserve(elements.getNumElements());
  if (isa<FloatType>(elements.getElementType()))
    for (const llvm::APFloat &value : elements.getValues<llvm::APFloat>())
      values.push_back(value.convertToDouble());
  else if (elements.getElementType().isIntOrIndex())
    for (const llvm::APInt &value : elements.getValues<llvm::APInt>())
      values.push_back(value.getSExtValue());
  else
    return std::nullopt;
  return EvalValue(EvalTensor::dense(elements.getType().getShape(), std::move(values)));
}

/// Emits an error at `user` if a value is not of its type: a tensor of the type's rank and static
/// dimensions, an index for an integer, some tensor for a record, a state slot for anything else.
static LogicalResult checkType(Operation *user, StringRef what, unsigned number, const EvalValue &value, Type type) {
  auto complain = [&] { return user->emitError("expects ") << what << ' ' << number << " to be of type " << type << ", but got "; };
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) {
    if (value.isTensor() != isa<RecordTypeInterface>(type))
      return complain() << (value.isTensor() ? "a tensor" : "none");
    if (value.isTensor())
      return success();
    if (value.isIndex() != type.isIntOrIndex())
      return complain() << (value.isIndex() ? "an index" : "a state slot");
    return success();
  }
  if (!value.isTensor())
    return complain() << (value.isIndex() ? "an index" : "a state slot");
  if (failed(verifyCompatibleShape(tensor.getShape(), value.tensor().shape()))) {
    InFlightDiagnostic diagnostic = complain() << "the shape [";
    llvm::interleaveComma(value.tensor().shape(), diagnostic);
    return diagnostic << ']';
  }
  return success();
}

FailureOr<EvalValues> Evaluator::evalRegion(Region &region, ArrayRef<EvalValue> arguments) {
  if (!region.hasOneBlock())
    return region.getParentOp()->emitError("expects a region of one block, but got ") << region.getBlocks().size();
  Block &block = region.front();
  if (block.getNumArguments() != arguments.size())
    return region.getParentOp()->emitError("expects ") << block.getNumArguments() << " arguments, but got " << arguments.size();
  llvm::DenseMap<Value, EvalValue> values;
  for (auto [index, pair] : llvm::enumerate(llvm::zip_equal(block.getArguments(), arguments))) {
    auto [argument, value] = pair;
    if (failed(checkType(region.getParentOp(), "argument", index, value, argument.getType())))
      return failure();
    values[argument] = value;
  }

  for (Operation &op : block) {
    EvalValues operands, results;
    for (Value operand : op.getOperands()) {
      auto it = values.find(operand);
      if (it == values.end())
        return op.emitError("expects operands that are defined in the same region");
      operands.push_back(it->second);
    }
    if (op.hasTrait<OpTrait::IsTerminator>())
      return operands;
    if (auto eval = dyn_cast<EvalOpInterface>(op)) {
      if (failed(eval.evaluate(*this, operands, results)))
        return failure();
    } else if (auto call = dyn_cast<func::CallOp>(op)) {
      FailureOr<EvalValues> called = evalFunction(&op, call.getCallee(), operands);
      if (failed(called))
        return failure();
      results = std::move(*called);
    } else if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      std::optional<EvalValue> value = constantValue(constant.getValue());
      if (!value)
        return op.emitError("expects an integer or dense constant");
      results.push_back(std::move(*value));
    } else {
      return op.emitError("expects an op that can be evaluated, but got '") << op.getName() << '\'';
    }
    if (results.size() != op.getNumResults())
      return op.emitError("expects ") << op.getNumResults() << " results, but the evaluator made " << results.size();
    for (auto [index, result] : llvm::enumerate(op.getResults())) {
      if (failed(checkType(&op, "result", index, results[index], result.getType())))
        return failure();
      values[result] = results[index];
    }
    if (observer && failed(observer(&op, results)))
      return failure();
  }
  return region.getParentOp()->emitError("expects a terminator at the end of the region");
}

FailureOr<EvalValues> Evaluator::evalFunction(Operation *user, StringRef name, ArrayRef<EvalValue> arguments) {
  Operation *at = user ? user : module.getOperation();
  auto function = symbols.lookup<func::FuncOp>(name);
  if (!function || function.isExternal())
    return at->emitError("expects @") << name << " to be a function with a body";
  if (calls.size() >= maxDepth)
    return at->emitError("expects calls to be at most ") << maxDepth << " deep";
  calls.push_back(user);
  FailureOr<EvalValues> results = evalRegion(function.getBody(), arguments);
  calls.pop_back();
  if (calls.empty())
    advance(function.getArgumentTypes(), arguments);
  return results;
}

void Evaluator::advance(ArrayRef<Type> types, ArrayRef<EvalValue> arguments) {
  // All dynamic dimensions of an entry are its number of positions.
  int64_t positions = 0;
  for (auto [type, argument] : llvm::zip(types, arguments))
    if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && argument.isTensor())
      for (int64_t dim = 0; dim < std::min(tensor.getRank(), argument.tensor().rank()); ++dim)
        if (tensor.isDynamicDim(dim))
          positions = argument.tensor().dim(dim);
  for (auto &entry : symbolValues)
    if (entry.second.isState() && std::exchange(entry.second.state().isReplaced, false))
      entry.second.state().length += positions;
}
