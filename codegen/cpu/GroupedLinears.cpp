//===- GroupedLinears.cpp - the linears of a grouped kernel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/GroupedLinears.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Adds the grouped linears that a value is made of; every op behind them must keep to its place.
static LogicalResult addLinears(Value value, SetVector<Operation *> &linears) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return success();
  if (isa<moe::GroupedLinearOp>(op)) {
    linears.insert(op);
    return success();
  }
  size_t known = linears.size();
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()) && failed(addLinears(operand, linears)))
      return failure();
  if (linears.size() > known && !keepsPlace(op))
    return op->emitError("kernel: moves columns of a result of which a tile is known at a time");
  return success();
}

static LogicalResult checkLinear(ElementEmitter &emitter, const GroupedLinears &all, moe::GroupedLinearOp linear) {
  auto weight = cast<RankedTensorType>(linear.getWeight().getType());
  if (!emitter.getArgument(linear.getWeight()) || !tile::panelLayout(weight))
    return linear.emitError("kernel: expects weights that are an argument packed in panels, but got ") << weight;
  if (linear.getEffectiveActivation() != nn::Activation::f32)
    return linear.emitError("kernel: expects the rounding of activations to be an op of its own");
  if (linear.getBias() && !emitter.getArgument(linear.getBias()))
    return linear.emitError("kernel: expects a bias that is an argument");
  if (linear.getInput() != all.at(0).getInput() || linear.getRouting() != all.routing || weight.getDimSize(1) != all.columns)
    return linear.emitError("kernel: expects linears of one input, one routing and the same number of channels");
  return success();
}

FailureOr<GroupedLinears> tenon::codegen::collectGroupedLinears(tile::KernelOp kernel, ArrayRef<Sink> sinks, ElementEmitter &emitter) {
  GroupedLinears all;
  for (const Sink &sink : sinks)
    if (failed(addLinears(sink.value, all.linears)))
      return failure();
  if (all.linears.empty())
    return kernel.emitError("kernel: expects results that grouped linears make");
  moe::GroupedLinearOp first = all.at(0);
  all.routing = first.getRouting();
  all.routingType = first.getRouting().getType();
  all.used = all.routingType.getUsed();
  all.input = first.getInput();
  if (auto dispatch = all.input.getDefiningOp<moe::DispatchOp>();
      dispatch && !dispatch.getWeighted() && dispatch.getRouting() == all.routing) {
    all.input = dispatch.getInput();
    all.isDispatched = true;
  }
  all.inputType = cast<RankedTensorType>(all.input.getType());
  if (!emitter.getArgument(all.input) || !emitter.getArgument(all.routing))
    return first.emitError("kernel: expects an input and a routing that are arguments");
  if (nn::getBlockType(all.inputType) && !tile::activationRow(all.inputType))
    return first.emitError("kernel: expects an input of floats or rounded activations, but got ") << all.inputType;
  all.depth = all.inputType.getShape().back();
  auto weight = cast<RankedTensorType>(first.getWeight().getType());
  all.columns = weight.getDimSize(1);
  all.panels = llvm::divideCeil(all.columns, tile::panelChannels);
  for (Operation *linear : all.linears)
    if (failed(checkLinear(emitter, all, cast<moe::GroupedLinearOp>(linear))))
      return failure();
  for (const Sink &sink : sinks)
    if (sink.columns != all.used * all.columns)
      return kernel.emitError("kernel: expects results as wide as their linears");
  return all;
}
