//===- ChannelGraph.cpp - graphs of ops that keep to channels, in registers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/ChannelGraph.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static ArrayRef<int64_t> sizesOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

bool ChannelGraph::mayHaveChannels(Value value) const {
  ArrayRef<int64_t> shape = sizesOf(value);
  return !shape.empty() && shape.back() == channels;
}

/// The shape in which the channels count as one element.
SmallVector<int64_t> ChannelGraph::shapeOf(Value value, bool hasChannels) const {
  SmallVector<int64_t> shape(sizesOf(value));
  if (hasChannels)
    shape.back() = 1;
  return shape;
}

/// The element of a place, which may have more leading dimensions than the value.
Value ChannelGraph::at(Value value, Place place) const {
  const Tensor &tensor = get(value);
  if (tensor.elements.size() == 1)
    return tensor.elements.front();
  SmallVector<int64_t> shape = shapeOf(value, tensor.hasChannels);
  int64_t element = 0;
  for (auto [size, i] : llvm::zip_equal(shape, place.take_back(shape.size())))
    element = element * size + i;
  return tensor.elements[element];
}

/// Makes the op's result, element by element.
void ChannelGraph::make(Operation *op, bool hasChannels, function_ref<Value(Place)> element) {
  Value result = op->getResult(0);
  SmallVector<int64_t> shape = shapeOf(result, hasChannels), place(shape.size(), 0);
  Type type = cast<RankedTensorType>(result.getType()).getElementType();
  Tensor tensor{hasChannels, {}};
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  for (int64_t i = 0; i < count; ++i) {
    // A result of f16 or bf16 is rounded when the op has computed it.
    Value made = element(place);
    tensor.elements.push_back(type.isF32() ? made : b.widen(b.narrow(made, type)));
    for (int64_t dim = int64_t(shape.size()) - 1; dim >= 0 && ++place[dim] == shape[dim]; --dim)
      place[dim] = 0;
  }
  set(result, std::move(tensor));
}

/// Whether a dimension of the op's first operand is not the channels.
bool ChannelGraph::keepsChannels(Operation *op, int64_t dim) const {
  Value input = op->getOperand(0);
  return !get(input).hasChannels || dim + 1 != int64_t(sizesOf(input).size());
}

bool ChannelGraph::haveChannels(Operation *op) const {
  return llvm::any_of(op->getOperands(), [&](Value value) { return get(value).hasChannels; });
}

/// Without channels beside those that have them, an operand is one number.
bool ChannelGraph::emitElementwise(ElementwiseOpInterface op) {
  bool any = haveChannels(op);
  if (any && llvm::any_of(op->getOperands(), [&](Value v) { return !get(v).hasChannels && get(v).elements.size() > 1; }))
    return false;
  make(op, any, [&](Place place) {
    Values operands = llvm::map_to_vector(op->getOperands(), [&](Value operand) { return at(operand, place); });
    return op.emitElement(b.builder, op.getLoc(), operands);
  });
  return true;
}

bool ChannelGraph::emitConstant(nn::ConstantOp op) {
  auto value = dyn_cast<SplatElementsAttr>(op.getValue());
  if (!value || !isa<FloatType>(value.getElementType()))
    return false;
  set(op.getResult(), {false, {b.splat(value.getSplatValue<APFloat>().convertToDouble(), emitter.lanes)}});
  return true;
}

bool ChannelGraph::emitReshape(nn::ReshapeOp op) {
  if (haveChannels(op) && !mayHaveChannels(op.getResult()))
    return false;
  set(op.getResult(), get(op.getInput()));
  return true;
}

bool ChannelGraph::emitSlice(nn::SliceOp op) {
  int64_t dim = op.getDim(), size = sizesOf(op.getInput())[dim], start = op.getStart();
  if (!keepsChannels(op, dim))
    return false;
  make(op, haveChannels(op), [&](Place place) {
    SmallVector<int64_t> from(place);
    from[dim] += start < 0 ? start + size : start;
    return at(op.getInput(), from);
  });
  return true;
}

bool ChannelGraph::emitConcat(nn::ConcatOp op) {
  int64_t dim = op.getDim();
  bool any = haveChannels(op);
  if (llvm::any_of(op.getInputs(), [&](Value v) { return get(v).hasChannels != any; }) || !keepsChannels(op, dim))
    return false;
  make(op, any, [&](Place place) {
    SmallVector<int64_t> from(place);
    unsigned number = 0;
    for (; from[dim] >= sizesOf(op.getInputs()[number])[dim]; ++number)
      from[dim] -= sizesOf(op.getInputs()[number])[dim];
    return at(op.getInputs()[number], from);
  });
  return true;
}

bool ChannelGraph::emitBroadcast(nn::BroadcastOp op) {
  ArrayRef<int64_t> dims = op.getDims();
  int64_t last = int64_t(sizesOf(op.getResult()).size()) - 1;
  bool isLastNew = dims.empty() || dims.back() != last, isOfChannels = get(op.getInput()).hasChannels; // `rows` only counts
  if (isOfChannels && isLastNew)
    return false;
  make(op, isOfChannels || (isLastNew && mayHaveChannels(op.getResult())),
       [&](Place place) { return at(op.getInput(), llvm::map_to_vector(dims, [&](int64_t dim) { return place[dim]; })); });
  return true;
}

bool ChannelGraph::emitReduce(nn::ReduceOp op) {
  int64_t dim = op.getDim(), size = sizesOf(op.getInput())[dim];
  if (!keepsChannels(op, dim) || (op.getKind() != nn::Reduction::sum && op.getKind() != nn::Reduction::mean))
    return false;
  make(op, haveChannels(op), [&](Place place) {
    Value sum;
    for (int64_t i = 0; i < size; ++i) {
      SmallVector<int64_t> from(place);
      from.insert(from.begin() + dim, i);
      Value element = at(op.getInput(), from);
      sum = sum ? b.fadd(sum, element) : element;
    }
    return op.getKind() == nn::Reduction::mean ? b.fmul(sum, b.splat(1.0 / size, emitter.lanes)) : sum;
  });
  return true;
}

bool ChannelGraph::emitMatmul(nn::MatmulOp op) {
  int64_t depth = sizesOf(op.getLhs()).back();
  if (get(op.getLhs()).hasChannels)
    return false;
  make(op, get(op.getRhs()).hasChannels, [&](Place place) {
    SmallVector<int64_t> left(place), right(place);
    Value sum = b.splat(0, emitter.lanes);
    for (int64_t k = 0; k < depth; ++k) {
      left.back() = k;
      right[right.size() - 2] = k;
      sum = b.fma(at(op.getLhs(), left), at(op.getRhs(), right), sum);
    }
    return sum;
  });
  return true;
}

LogicalResult ChannelGraph::emit(Operation *op) {
  bool isEmitted = TypeSwitch<Operation *, bool>(op)
                       .Case([&](ElementwiseOpInterface op) { return emitElementwise(op); })
                       .Case([&](nn::ConstantOp op) { return emitConstant(op); })
                       .Case([&](nn::ReshapeOp op) { return emitReshape(op); })
                       .Case([&](nn::SliceOp op) { return emitSlice(op); })
                       .Case([&](nn::ConcatOp op) { return emitConcat(op); })
                       .Case([&](nn::BroadcastOp op) { return emitBroadcast(op); })
                       .Case([&](nn::ReduceOp op) { return emitReduce(op); })
                       .Case([&](nn::MatmulOp op) { return emitMatmul(op); })
                       .Default(false);
  if (isEmitted)
    return success();
  return op->emitError("kernel: the step of a scan mixes channels, or moves them to another dimension, in ") << op->getName();
}
