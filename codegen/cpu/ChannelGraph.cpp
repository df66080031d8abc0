//===- ChannelGraph.cpp - graphs of ops that keep to channels, in registers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/ChannelGraph.h"
#include "tenon/dialects/nn/NN.h"
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

LogicalResult ChannelGraph::emit(Operation *op) {
  auto hasChannels = [&](Value value) { return get(value).hasChannels; };
  bool any = llvm::any_of(op->getOperands(), hasChannels);
  auto decline = [&]() -> LogicalResult {
    return op->emitError("kernel for a CPU: the step of a scan mixes channels, or moves them to another dimension, in ") << op->getName();
  };
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op)) {
    // Without channels beside those that have them, an operand is one number.
    if (any && llvm::any_of(op->getOperands(), [&](Value v) { return !hasChannels(v) && get(v).elements.size() > 1; }))
      return decline();
    make(op, any, [&](Place place) {
      Values operands = llvm::map_to_vector(op->getOperands(), [&](Value operand) { return at(operand, place); });
      return elementwise.emitElement(b.builder, op->getLoc(), operands);
    });
    return success();
  }
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<nn::ConstantOp>([&](nn::ConstantOp constant) -> LogicalResult {
        auto value = dyn_cast<SplatElementsAttr>(constant.getValue());
        if (!value || !isa<FloatType>(value.getElementType()))
          return op->emitError("kernel for a CPU: expects constants in a step of a scan to be one number");
        Value number = b.splat(value.getSplatValue<APFloat>().convertToDouble(), emitter.lanes);
        set(constant.getResult(), {false, {number}});
        return success();
      })
      .Case<nn::ReshapeOp>([&](nn::ReshapeOp reshape) -> LogicalResult {
        if (any && !mayHaveChannels(reshape.getResult()))
          return decline();
        set(reshape.getResult(), get(reshape.getInput()));
        return success();
      })
      .Case<nn::SliceOp>([&](nn::SliceOp slice) -> LogicalResult {
        int64_t dim = slice.getDim(), size = sizesOf(slice.getInput())[dim];
        int64_t start = int64_t(slice.getStart()) < 0 ? int64_t(slice.getStart()) + size : int64_t(slice.getStart());
        if (!keepsChannels(op, dim))
          return decline();
        make(op, any, [&](Place place) {
          SmallVector<int64_t> from(place);
          from[dim] += start;
          return at(slice.getInput(), from);
        });
        return success();
      })
      .Case<nn::ConcatOp>([&](nn::ConcatOp concat) -> LogicalResult {
        int64_t dim = concat.getDim();
        if (llvm::any_of(concat.getInputs(), [&](Value v) { return hasChannels(v) != any; }) || !keepsChannels(op, dim))
          return decline();
        make(op, any, [&](Place place) {
          SmallVector<int64_t> from(place);
          unsigned number = 0;
          for (; from[dim] >= sizesOf(concat.getInputs()[number])[dim]; ++number)
            from[dim] -= sizesOf(concat.getInputs()[number])[dim];
          return at(concat.getInputs()[number], from);
        });
        return success();
      })
      .Case<nn::BroadcastOp>([&](nn::BroadcastOp broadcast) -> LogicalResult {
        ArrayRef<int64_t> dims = broadcast.getDims();
        int64_t last = int64_t(sizesOf(broadcast.getResult()).size()) - 1;
        bool isLastNew = dims.empty() || dims.back() != last, isOfChannels = hasChannels(broadcast.getInput());
        if (isOfChannels && isLastNew)
          return decline();
        bool spreads = isLastNew && mayHaveChannels(broadcast.getResult());
        make(op, isOfChannels || spreads,
             [&](Place place) { return at(broadcast.getInput(), llvm::map_to_vector(dims, [&](int64_t dim) { return place[dim]; })); });
        return success();
      })
      .Case<nn::ReduceOp>([&](nn::ReduceOp reduce) -> LogicalResult {
        int64_t dim = reduce.getDim(), size = sizesOf(reduce.getInput())[dim];
        if (!keepsChannels(op, dim) || (reduce.getKind() != nn::Reduction::sum && reduce.getKind() != nn::Reduction::mean))
          return decline();
        make(op, any, [&](Place place) {
          Value sum;
          for (int64_t i = 0; i < size; ++i) {
            SmallVector<int64_t> from(place);
            from.insert(from.begin() + dim, i);
            Value element = at(reduce.getInput(), from);
            sum = sum ? b.fadd(sum, element) : element;
          }
          return reduce.getKind() == nn::Reduction::mean ? b.fmul(sum, b.splat(1.0 / size, emitter.lanes)) : sum;
        });
        return success();
      })
      .Case<nn::MatmulOp>([&](nn::MatmulOp matmul) -> LogicalResult {
        int64_t depth = sizesOf(matmul.getLhs()).back();
        if (hasChannels(matmul.getLhs()))
          return decline();
        make(op, hasChannels(matmul.getRhs()), [&](Place place) {
          SmallVector<int64_t> left(place), right(place);
          Value sum = b.splat(0, emitter.lanes);
          for (int64_t k = 0; k < depth; ++k) {
            left.back() = k;
            right[right.size() - 2] = k;
            sum = b.fma(at(matmul.getLhs(), left), at(matmul.getRhs(), right), sum);
          }
          return sum;
        });
        return success();
      })
      .Default([&](Operation *) { return decline(); });
}
