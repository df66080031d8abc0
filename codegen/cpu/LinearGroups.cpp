//===- LinearGroups.cpp - linears and the sinks that read them ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/LinearGroups.h"
#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;

Value tenon::codegen::inputArgument(nn::LinearOp linear) {
  Value input = linear.getInput();
  while (auto reshape = input.getDefiningOp<nn::ReshapeOp>()) {
    if (!keepsPlace(reshape))
      break;
    input = reshape.getInput();
  }
  return input;
}

static LogicalResult checkLinear(ElementEmitter &emitter, nn::LinearOp linear) {
  auto input = cast<RankedTensorType>(linear.getInput().getType());
  if (!emitter.getArgument(inputArgument(linear)) || input.getRank() != 2 || input.isDynamicDim(1))
    return linear.emitError("kernel: expects an input that is an argument of two dimensions");
  if (nn::getBlockType(input) && !tile::activationRow(input))
    return linear.emitError("kernel: expects an input of floats or rounded activations, but got ") << input;
  if (linear.getEffectiveActivation() != nn::Activation::f32)
    return linear.emitError("kernel: expects the rounding of activations to be an op of its own");
  auto weight = cast<RankedTensorType>(linear.getWeight().getType());
  if (!emitter.getArgument(linear.getWeight()) || !tile::panelLayout(weight))
    return linear.emitError("kernel: expects a weight that is an argument packed in panels, but got ") << weight;
  return success();
}

/// Adds a group, or joins it to the one that has a linear in common.
static void merge(SmallVectorImpl<LinearGroup> &groups, LinearGroup group) {
  for (LinearGroup &known : groups) {
    bool isShared = llvm::any_of(group.linears, [&](nn::LinearOp linear) { return llvm::is_contained(known.linears, linear); });
    if (!isShared)
      continue;
    known.sinks.append(group.sinks);
    known.atHand = known.atHand && group.atHand ? std::lcm(known.atHand, group.atHand) : std::max(known.atHand, group.atHand);
    for (nn::LinearOp linear : group.linears)
      if (!llvm::is_contained(known.linears, linear))
        known.linears.push_back(linear);
    return;
  }
  groups.push_back(std::move(group));
}

static void chooseGranule(LinearGroup &group, int64_t wantedPanels) {
  group.columns = cast<RankedTensorType>(group.linears.front().getWeight().getType()).getDimSize(0);
  group.panels = llvm::divideCeil(group.columns, channels);
  bool writesBlocks = llvm::any_of(group.sinks, [](const Sink *sink) { return sink->step > channels; });
  int64_t wanted = std::max<int64_t>(1, wantedPanels / int64_t(group.linears.size()));
  group.granule = writesBlocks ? tile::activationBlock / channels : group.panels % wanted == 0 ? wanted : 1;
  if (group.atHand == 0)
    return;
  group.granule = std::lcm(group.atHand, writesBlocks ? tile::activationBlock / channels : 1);
  if (group.panels % group.granule != 0)
    group.granule = group.panels;
}

FailureOr<SmallVector<LinearGroup>> tenon::codegen::collectLinearGroups(tile::KernelOp kernel, ArrayRef<Sink> sinks,
                                                                        ElementEmitter &emitter, int64_t wantedPanels) {
  SmallVector<LinearGroup> groups;
  for (const Sink &sink : sinks) {
    LinearGroup group;
    group.sinks.push_back(&sink);
    FailureOr<Anchors> anchors = collectAnchors(sink.value, TypeID::get<nn::LinearOp>());
    if (failed(anchors))
      return failure();
    if (anchors->ops.empty())
      return kernel.emitError("kernel: a contraction has a result that no linear makes");
    group.atHand = anchors->panels;
    for (Operation *anchor : anchors->ops) {
      group.linears.push_back(cast<nn::LinearOp>(anchor));
      if (failed(checkLinear(emitter, group.linears.back())))
        return failure();
    }
    merge(groups, std::move(group));
  }
  for (LinearGroup &group : groups) {
    chooseGranule(group, wantedPanels);
    for (nn::LinearOp linear : group.linears)
      if (cast<RankedTensorType>(linear.getWeight().getType()).getDimSize(0) != group.columns)
        return linear.emitError("kernel: expects linears of one result to have the same number of channels");
    for (const Sink *sink : group.sinks)
      if (sink->columns != group.columns)
        return kernel.emitError("kernel: expects results as wide as their linears");
  }
  return groups;
}
