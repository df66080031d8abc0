//===- ChannelGraph.h - graphs of ops that keep to channels, in registers ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The step of a recurrence works on small tensors whose last dimension is the channels, such as [1, C] and [3, C], and on some without
// channels. Here a tensor is a vector of some neighbouring channels for each element of its other dimensions; of a tensor without channels
// every element is a vector of equal lanes. So elementwise ops are arith ops, and ops that move elements of the other dimensions cost
// nothing.
//
//===----------------------------------------------------------------------===//

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/dialects/nn/NN.h"

namespace tenon::codegen {

class ChannelGraph {
public:
  struct Tensor {
    bool hasChannels;
    Values elements; ///< of all dimensions but the channels, row-major; one if all are equal
  };

  ChannelGraph(ElementEmitter &emitter, int64_t channels) : emitter(emitter), b(emitter.b), channels(channels) {}

  /// Whether the last dimension of a tensor can be the channels.
  bool mayHaveChannels(Value value) const;
  void set(Value value, Tensor tensor) { tensors[value] = std::move(tensor); }
  const Tensor &get(Value value) const { return tensors.find(value)->second; }
  /// Writes an op whose operands are known; one that mixes channels is reported.
  mlir::LogicalResult emit(mlir::Operation *op);

private:
  using Place = llvm::ArrayRef<int64_t>;
  llvm::SmallVector<int64_t> shapeOf(Value value, bool hasChannels) const;
  Value at(Value value, Place place) const;
  void make(mlir::Operation *op, bool hasChannels, llvm::function_ref<Value(Place)> element);
  bool keepsChannels(mlir::Operation *op, int64_t dim) const;
  bool haveChannels(mlir::Operation *op) const;

  // What each kind of op becomes; false if the op mixes channels.
  bool emitElementwise(ElementwiseOpInterface op);
  bool emitConstant(nn::ConstantOp op);
  bool emitReshape(nn::ReshapeOp op);
  bool emitSlice(nn::SliceOp op);
  bool emitConcat(nn::ConcatOp op);
  bool emitBroadcast(nn::BroadcastOp op);
  bool emitReduce(nn::ReduceOp op);
  bool emitMatmul(nn::MatmulOp op);

  ElementEmitter &emitter;
  LoopBuilder &b;
  int64_t channels;
  llvm::DenseMap<Value, Tensor> tensors;
};

} // namespace tenon::codegen
