//===- ContractionEmitter.cpp - linears and their epilogues ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The linears that one sink needs together form a group: gate and up of a gated product are one group, q, k and v are three. The panels of
// all groups are divided over the threads, so a thread keeps its channels' weights in its own caches. For a tile of rows and panels the
// sums of all the group's linears are computed into scratch memory of the thread, register tile by register tile; then the sinks pull
// their columns from there. While the rows stream by, a tile's weights stay in the first cache.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/ContractionTile.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/dialects/nn/NN.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;

namespace {
/// Linears whose results some sinks need at the same columns.
struct Group {
  SmallVector<nn::LinearOp> linears;
  SmallVector<const Sink *> sinks;
  int64_t columns = 0; ///< output channels of each linear
  int64_t panels = 0;
  int64_t granule = 1; ///< panels that are taken together
};

/// The shape of a tile: rows, panels of each linear, and streams in registers at once.
struct Shape {
  int64_t rows;
  int64_t panels;
  int64_t streams;
};

class Contraction {
public:
  Contraction(KernelFrame &frame, ElementEmitter &emitter) : frame(frame), emitter(emitter), b(emitter.b) {}
  LogicalResult emit();

private:
  LogicalResult collectGroups();
  LogicalResult checkLinear(nn::LinearOp linear);
  void merge(Group group);
  void chooseGranule(Group &group);
  void emitGroup(Group &group, Value first, Value last);
  void forPanels(const Group &group, Value first, Value last, Shape shape, function_ref<void(Value, Shape)> body);
  void emitTileOf(Group &group, Value row, Value panel, Shape shape);
  void emitEpilogue(Group &group, Value row, Value panel, Shape shape, Value sums);

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;
  SmallVector<Group> groups;
};
} // namespace

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// The argument that a linear reads, through reshapes that keep its rows.
static Value inputArgument(nn::LinearOp linear) {
  Value input = linear.getInput();
  while (auto reshape = input.getDefiningOp<nn::ReshapeOp>()) {
    if (!keepsPlace(reshape))
      break;
    input = reshape.getInput();
  }
  return input;
}

LogicalResult Contraction::checkLinear(nn::LinearOp linear) {
  auto input = cast<RankedTensorType>(linear.getInput().getType());
  if (!emitter.getArgument(inputArgument(linear)) || input.getRank() != 2 || input.isDynamicDim(1))
    return linear.emitError("kernel for a CPU: expects an input that is an argument of two dimensions");
  if (nn::getBlockType(input) && !tile::activationRow(input))
    return linear.emitError("kernel for a CPU: expects an input of floats or rounded activations, but got ") << input;
  if (linear.getEffectiveActivation() != nn::Activation::f32)
    return linear.emitError("kernel for a CPU: expects the rounding of activations to be an op of its own");
  auto weight = cast<RankedTensorType>(linear.getWeight().getType());
  if (!emitter.getArgument(linear.getWeight()) || !tile::panelLayout(weight))
    return linear.emitError("kernel for a CPU: expects a weight that is an argument packed in panels, but got ") << weight;
  return success();
}

/// Adds a group, or joins it to the one that has a linear in common.
void Contraction::merge(Group group) {
  for (Group &known : groups) {
    bool isShared = llvm::any_of(group.linears, [&](nn::LinearOp linear) { return llvm::is_contained(known.linears, linear); });
    if (!isShared)
      continue;
    known.sinks.append(group.sinks);
    for (nn::LinearOp linear : group.linears)
      if (!llvm::is_contained(known.linears, linear))
        known.linears.push_back(linear);
    return;
  }
  groups.push_back(std::move(group));
}

void Contraction::chooseGranule(Group &group) {
  group.columns = cast<RankedTensorType>(group.linears.front().getWeight().getType()).getDimSize(0);
  group.panels = llvm::divideCeil(group.columns, channels);
  bool writesBlocks = llvm::any_of(group.sinks, [](const Sink *sink) { return sink->step > channels; });
  int64_t wanted = std::max<int64_t>(1, frame.schedule.getPanels() / int64_t(group.linears.size()));
  group.granule = writesBlocks ? tile::activationBlock / channels : group.panels % wanted == 0 ? wanted : 1;
}

LogicalResult Contraction::collectGroups() {
  for (const Sink &sink : frame.sinks) {
    Group group;
    group.sinks.push_back(&sink);
    SetVector<Operation *> anchors;
    if (failed(collectAnchors(sink.value, TypeID::get<nn::LinearOp>(), anchors)))
      return failure();
    if (anchors.empty())
      return frame.kernel.emitError("kernel for a CPU: a contraction has a result that no linear makes");
    for (Operation *anchor : anchors) {
      group.linears.push_back(cast<nn::LinearOp>(anchor));
      if (failed(checkLinear(group.linears.back())))
        return failure();
    }
    merge(std::move(group));
  }
  for (Group &group : groups) {
    chooseGranule(group);
    for (nn::LinearOp linear : group.linears)
      if (cast<RankedTensorType>(linear.getWeight().getType()).getDimSize(0) != group.columns)
        return linear.emitError("kernel for a CPU: expects linears of one result to have the same number of channels");
    for (const Sink *sink : group.sinks)
      if (sink->columns != group.columns)
        return frame.kernel.emitError("kernel for a CPU: expects results as wide as their linears");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult Contraction::emit() {
  if (failed(collectGroups()))
    return failure();
  // Granules of all groups in one row, so that each thread takes an equal share of the whole.
  int64_t granules = 0;
  for (const Group &group : groups)
    granules += llvm::divideCeil(group.panels, group.granule);
  auto [first, last] = b.share(b.index(granules), frame.thread, frame.threads);
  int64_t offset = 0;
  for (Group &group : groups) {
    int64_t count = llvm::divideCeil(group.panels, group.granule);
    auto local = [&](Value granule) {
      Value from = b.sub(b.max(granule, b.index(offset)), b.index(offset));
      return b.min(b.mul(b.min(from, b.index(count)), group.granule), b.index(group.panels));
    };
    emitGroup(group, local(first), local(last));
    offset += count;
  }
  return success();
}

/// Walks panels by `shape.panels` at a time, and what is left by granules.
void Contraction::forPanels(const Group &group, Value first, Value last, Shape shape, function_ref<void(Value, Shape)> body) {
  Shape rest = shape;
  rest.panels = group.granule;
  if (shape.panels == group.granule)
    return b.loop(first, last, shape.panels, [&](Value panel) { body(panel, shape); });
  Value middle = b.add(first, b.mul(b.div(b.sub(last, first), shape.panels), shape.panels));
  b.loop(first, middle, shape.panels, [&](Value panel) { body(panel, shape); });
  b.loop(middle, last, rest.panels, [&](Value panel) { body(panel, rest); });
}

void Contraction::emitGroup(Group &group, Value first, Value last) {
  Value rows = emitter.rowCount(group.linears.front().getResult());
  int64_t linears = group.linears.size();
  int64_t singlePanels = llvm::alignTo(std::max<int64_t>(1, frame.schedule.getGemvPanels() / linears), group.granule);
  Shape single{1, singlePanels, frame.schedule.getGemvPanels()};
  Shape many{frame.schedule.getRows(), group.granule, frame.schedule.getPanels()};
  auto oneRow = [&] {
    forPanels(group, first, last, single, [&](Value panel, Shape shape) { emitTileOf(group, b.index(0), panel, shape); });
  };
  // What whole tiles leave goes in pairs and then one by one.
  auto manyRows = [&] {
    forPanels(group, first, last, many, [&](Value panel, Shape shape) {
      SmallVector<Shape> parts = {shape};
      if (shape.rows > 2)
        parts.push_back({2, shape.panels, many.streams});
      if (shape.rows > 1)
        parts.push_back({1, shape.panels, single.streams});
      Value done = b.index(0);
      for (Shape part : parts) {
        Value end = b.add(done, b.mul(b.div(b.sub(rows, done), part.rows), part.rows));
        b.loop(done, end, part.rows, [&](Value row) { emitTileOf(group, row, panel, part); });
        done = end;
      }
    });
  };
  if (Matrix::of(group.linears.front().getType()).rows == 1)
    return oneRow();
  Value isOne = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, rows, b.index(1));
  b.choose(isOne, oneRow, manyRows);
}

//===----------------------------------------------------------------------===//
// A tile
//===----------------------------------------------------------------------===//

void Contraction::emitTileOf(Group &group, Value row, Value panel, Shape shape) {
  int64_t linears = group.linears.size();
  Value sums = b.scratch({shape.rows, linears * shape.panels * channels}, b.builder.getF32Type());
  // Streams in the order of their panels, so that the linears of one panel share registers; a register tile takes streams of one
  // input and one format.
  SmallVector<PanelReader> readers;
  for (nn::LinearOp linear : group.linears)
    readers.emplace_back(b, cast<RankedTensorType>(linear.getWeight().getType()), emitter.getArgument(linear.getWeight()));
  SmallVector<std::pair<int64_t, Stream>> streams;
  for (int64_t p = 0; p < shape.panels; ++p)
    for (int64_t l = 0; l < linears; ++l)
      streams.push_back({l, {&readers[l], b.add(panel, p), (l * shape.panels + p) * channels}});
  auto fitTogether = [&](int64_t l, int64_t m) {
    return inputArgument(group.linears[l]) == inputArgument(group.linears[m]) && readers[l].form == readers[m].form &&
           (readers[l].form || readers[l].element == readers[m].element);
  };
  for (size_t done = 0; done < streams.size();) {
    int64_t l = streams[done].first;
    SmallVector<Stream> together;
    while (done < streams.size() && int64_t(together.size()) < shape.streams && fitTogether(l, streams[done].first))
      together.push_back(streams[done++].second);
    ContractionInput input{emitter.getArgument(inputArgument(group.linears[l])),
                           cast<RankedTensorType>(group.linears[l].getInput().getType())};
    emitTile(b, input, row, shape.rows, together, sums);
  }
  emitEpilogue(group, row, panel, shape, sums);
}

void Contraction::emitEpilogue(Group &group, Value firstRow, Value panel, Shape shape, Value sums) {
  Value firstColumn = b.mul(panel, channels);
  for (auto [number, linear] : llvm::enumerate(group.linears)) {
    int64_t offset = number * shape.panels * channels;
    emitter.bind(linear.getResult(), [&, linear = linear, offset, firstRow, firstColumn, sums](Place place) mutable {
      Value column = b.add(b.sub(place.column, firstColumn), offset);
      Value sum = b.loadFloats(sums, {b.sub(place.row, firstRow), column}, channels, channels);
      if (!linear.getBias())
        return sum;
      return b.fadd(sum, emitter.pull(linear.getBias(), {b.index(0), place.column, place.active}));
    });
  }
  auto writeRow = [&](Value row) {
    for (const Sink *sink : group.sinks) {
      emitter.prepare(sink->value, row);
      for (int64_t column = 0; column < shape.panels * channels; column += sink->step) {
        Value at = b.add(firstColumn, column);
        int64_t ragged = group.columns % channels;
        auto whole = [&] { sink->write(emitter, {row, at, channels}); };
        if (ragged == 0)
          whole();
        else
          b.choose(b.less(at, b.index(group.columns / channels * channels)), whole, [&] { sink->write(emitter, {row, at, ragged}); });
      }
    }
  };
  if (shape.rows == 1)
    return writeRow(firstRow);
  b.loop(firstRow, b.add(firstRow, shape.rows), 1, writeRow);
}

LogicalResult tenon::codegen::emitContraction(KernelFrame &frame, ElementEmitter &emitter) {
  if (!frame.schedule || frame.schedule.getRows() < 1 || frame.schedule.getPanels() < 1 || frame.schedule.getGemvPanels() < 1)
    return frame.kernel.emitError("kernel for a CPU: expects a schedule with rows, panels and gemv_panels");
  return Contraction(frame, emitter).emit();
}
