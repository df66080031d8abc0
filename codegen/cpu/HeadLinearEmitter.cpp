//===- HeadLinearEmitter.cpp - a matrix for each head, and epilogues ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The columns of a row, head after head, are cut into units: a few panels of one head, or whole heads where a head does not fill the
// vectors and blocks that the sinks write. The units are divided over the threads; rows stream by a unit in tiles.
//
// A matrix [out, in] is a contraction of the head's columns. Of a transposed one, [in, out], a panel holds 16 inputs: the products of an
// output are summed lane by lane over the panels, and the lanes at the end.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ContractionTile.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/dialects/nn/NN.h"
#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;

namespace {
/// Linears of as many columns, and the sinks that read them.
struct Group {
  SetVector<Operation *> linears;
  SmallVector<const Sink *> sinks;
  int64_t atHand = 0; ///< panels of whole heads that the sinks need; 0 if they keep to their places
};

class HeadLinears {
public:
  HeadLinears(KernelFrame &frame, ElementEmitter &emitter) : frame(frame), emitter(emitter), b(emitter.b) {}
  LogicalResult emit();

private:
  LogicalResult collect();
  LogicalResult check(nn::HeadLinearOp linear);
  void chooseUnit();
  void emitUnit(Value unit);
  void emitRows(Value unit, Value row, int64_t rows);
  void addSums(nn::HeadLinearOp linear, Value head, Value first, Value row, int64_t rows, Value place);
  void addTransposed(nn::HeadLinearOp linear, Value head, Value first, Value row, int64_t rows, Value place);
  Values loadInputs(nn::HeadLinearOp linear, Value head, Value panel, Value row, int64_t rows);
  void storeSums(ValueRange vectors, int64_t rows, Value column);
  void writeRow(Value unit, Value row);

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;
  llvm::MapVector<int64_t, Group> groups; ///< by the columns of a head
  // Of the group in work.
  Group *group = nullptr;
  int64_t heads = 0, columns = 0; ///< of a row; of a head
  int64_t unit = 0;               ///< columns taken together
  int64_t stride = 0;             ///< columns of `sums` for each linear
  Value sums;
};
} // namespace

//===----------------------------------------------------------------------===//
// What there is
//===----------------------------------------------------------------------===//

LogicalResult HeadLinears::check(nn::HeadLinearOp linear) {
  auto input = cast<RankedTensorType>(linear.getInput().getType());
  bool isFloat = isa<FloatType>(input.getElementType());
  if (!emitter.getArgument(linear.getInput()) || (!isFloat && !tile::activationRow(input)) || (!isFloat && linear.getTransposed()))
    return linear.emitError("kernel for a CPU: expects an input that is an argument of floats or rounded activations, but got ") << input;
  if (linear.getEffectiveActivation() != nn::Activation::f32)
    return linear.emitError("kernel for a CPU: expects the rounding of activations to be an op of its own");
  auto weight = cast<RankedTensorType>(linear.getWeight().getType());
  if (!emitter.getArgument(linear.getWeight()) || !tile::panelLayout(weight))
    return linear.emitError("kernel for a CPU: expects a weight that is an argument packed in panels, but got ") << weight;
  return success();
}

LogicalResult HeadLinears::collect() {
  for (const Sink &sink : frame.sinks) {
    FailureOr<Anchors> anchors = collectAnchors(sink.value, TypeID::get<nn::HeadLinearOp>());
    if (failed(anchors))
      return failure();
    if (anchors->ops.empty())
      return frame.kernel.emitError("kernel for a CPU: a contraction has a result that no linear makes");
    auto first = cast<RankedTensorType>(anchors->ops.front()->getResult(0).getType());
    for (Operation *op : anchors->ops)
      if (failed(check(cast<nn::HeadLinearOp>(op))))
        return failure();
      else if (cast<RankedTensorType>(op->getResult(0).getType()).getShape() != first.getShape())
        return op->emitError("kernel for a CPU: expects linears of one result to have the same number of columns");
    if (sink.columns != first.getDimSize(1) * first.getDimSize(2))
      return frame.kernel.emitError("kernel for a CPU: expects results as wide as their linears");
    Group &group = groups[first.getDimSize(2)];
    group.linears.insert(anchors->ops.begin(), anchors->ops.end());
    group.sinks.push_back(&sink);
    group.atHand = group.atHand && anchors->panels ? std::lcm(group.atHand, anchors->panels) : std::max(group.atHand, anchors->panels);
  }
  return success();
}

/// As many panels of a head as go into registers at once; else what sinks write at once, of one head or of several.
void HeadLinears::chooseUnit() {
  bool isQuantized = llvm::any_of(
      group->linears, [](Operation *op) { return bool(nn::getBlockType(cast<nn::HeadLinearOp>(op).getWeight().getType())); });
  unit = channels * std::max<int64_t>(1, group->atHand);
  for (const Sink *sink : group->sinks)
    unit = std::lcm(unit, sink->step);
  unit = std::lcm(unit, isQuantized ? tile::blockPart : channels);
  int64_t wide = std::lcm(unit, channels * std::max(frame.schedule.getPanels(), frame.schedule.getGemvPanels()));
  if (columns % wide == 0)
    unit = wide;
  if (columns % unit != 0)
    unit = std::lcm(unit, columns);
  if (heads * columns % unit != 0)
    unit = heads * columns;
}

LogicalResult HeadLinears::emit() {
  if (failed(collect()))
    return failure();
  for (auto &[size, members] : groups) {
    group = &members;
    columns = size;
    heads = cast<RankedTensorType>(members.linears.front()->getResult(0).getType()).getDimSize(1);
    if (heads * columns == 0)
      continue;
    chooseUnit();
    auto [first, last] = b.share(b.index(heads * columns / unit), frame.thread, frame.threads);
    b.loop(first, last, 1, [&](Value unit) { emitUnit(unit); });
  }
  return success();
}

//===----------------------------------------------------------------------===//
// A unit
//===----------------------------------------------------------------------===//

/// All rows: whole tiles, and what they leave one by one.
void HeadLinears::emitUnit(Value unit) {
  constexpr int64_t mostSums = 1 << 14;
  // The last panel of a head may reach beyond its columns.
  stride = llvm::alignTo(this->unit, channels) + channels;
  int64_t width = stride * group->linears.size();
  int64_t tileRows = std::clamp<int64_t>(mostSums / width, 1, frame.schedule.getRows());
  sums = b.scratch({tileRows, width}, b.builder.getF32Type());
  Value rows = emitter.rowCount(group->linears.front()->getResult(0)), done = b.mul(b.div(rows, tileRows), tileRows);
  b.loop(b.index(0), done, tileRows, [&](Value row) { emitRows(unit, row, tileRows); });
  if (tileRows > 1)
    b.loop(done, rows, 1, [&](Value row) { emitRows(unit, row, 1); });
}

void HeadLinears::emitRows(Value unit, Value row, int64_t rows) {
  Value firstColumn = b.mul(unit, this->unit);
  for (auto [number, op] : llvm::enumerate(group->linears)) {
    auto linear = cast<nn::HeadLinearOp>(op);
    int64_t offset = number * stride;
    auto addHead = [&](Value head, Value first, Value place) {
      linear.getTransposed() ? addTransposed(linear, head, first, row, rows, place) : addSums(linear, head, first, row, rows, place);
    };
    Value head = b.div(firstColumn, columns);
    if (this->unit <= columns)
      addHead(head, b.rem(firstColumn, columns), b.index(offset));
    else
      b.loop(b.index(0), b.index(this->unit / columns), 1,
             [&](Value next) { addHead(b.add(head, next), b.index(0), b.add(b.mul(next, columns), offset)); });
    emitter.bind(linear.getResult(), [=, this](Place place) {
      Value column = b.add(b.sub(place.column, firstColumn), offset);
      return b.loadFloats(sums, {b.sub(place.row, row), column}, emitter.lanes, emitter.lanes);
    });
  }
  if (rows == 1)
    return writeRow(unit, row);
  b.loop(row, b.add(row, rows), 1, [&](Value each) { writeRow(unit, each); });
}

/// The sums of a head's columns, from `first` on, at columns of `sums` from `place` on.
void HeadLinears::addSums(nn::HeadLinearOp linear, Value head, Value first, Value row, int64_t rows, Value place) {
  auto inputType = cast<RankedTensorType>(linear.getInput().getType());
  PanelReader reader(b, cast<RankedTensorType>(linear.getWeight().getType()), emitter.getArgument(linear.getWeight()));
  ContractionInput input{emitter.getArgument(linear.getInput()), inputType};
  SmallVector<InputRow> inputRows;
  for (int64_t r = 0; r < rows; ++r)
    inputRows.push_back({b.add(row, r), b.mul(head, inputType.getDimSize(2))});
  Value firstPanel = b.add(b.mul(head, reader.layout.panels), b.div(first, channels));
  int64_t panels = llvm::divideCeil(std::min(unit, columns), channels);
  int64_t together = std::max<int64_t>(1, rows == 1 ? frame.schedule.getGemvPanels() : frame.schedule.getPanels());
  auto some = [&](Value panel, int64_t count) {
    SmallVector<Stream> streams;
    for (int64_t p = 0; p < count; ++p)
      streams.push_back({&reader, b.add(firstPanel, b.add(panel, p)), b.add(place, b.mul(b.add(panel, p), channels))});
    emitTile(b, input, inputRows, streams, sums, b.index(0));
  };
  b.cover(panels, together, some);
}

//===----------------------------------------------------------------------===//
// Transposed matrices
//===----------------------------------------------------------------------===//

/// Sixteen inputs of each row; those beyond a head's last are 0, as are their weights.
Values HeadLinears::loadInputs(nn::HeadLinearOp linear, Value head, Value panel, Value row, int64_t rows) {
  int64_t depth = cast<RankedTensorType>(linear.getInput().getType()).getDimSize(2);
  Value buffer = emitter.getArgument(linear.getInput()), within = b.mul(panel, channels), column = b.add(b.mul(head, depth), within);
  Values inputs;
  for (int64_t r = 0; r < rows; ++r)
    if (depth % channels == 0)
      inputs.push_back(b.loadFloats(buffer, {b.add(row, r), column}, channels, channels));
    else
      inputs.push_back(b.loadFloats(buffer, {b.add(row, r), column}, channels, b.lanesBelow(within, b.index(depth), channels)));
  return inputs;
}

/// Stores the sums of lanes: of each row as many neighbours as there are vectors for it.
void HeadLinears::storeSums(ValueRange vectors, int64_t rows, Value column) {
  int64_t count = vectors.size() / rows;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t k = 0; k < count; ++k)
      b.store(b.reduceAdd(vectors[r * count + k]), sums, {b.index(r), b.add(column, k)});
}

void HeadLinears::addTransposed(nn::HeadLinearOp linear, Value head, Value first, Value row, int64_t rows, Value place) {
  PanelReader reader(b, cast<RankedTensorType>(linear.getWeight().getType()), emitter.getArgument(linear.getWeight()));
  Value firstPanel = b.mul(head, reader.layout.panels);
  int64_t count = std::min(unit, columns);
  /// `together` neighbours from `column` on, whose weights in a panel `weightsOf` gives.
  auto addColumns = [&](int64_t together, Value column, function_ref<Values(Value panel)> weightsOf) {
    Values products(rows * together, b.splat(0, channels));
    products = b.loop(b.index(0), b.index(reader.layout.panels), 1, products, [&](Value panel, ValueRange carried) {
      Values next, weights = weightsOf(b.add(firstPanel, panel)), inputs = loadInputs(linear, head, panel, row, rows);
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < together; ++k)
          next.push_back(b.fma(weights[k], inputs[r], carried[r * together + k]));
      return next;
    });
    storeSums(products, rows, b.add(place, column));
  };
  if (!reader.form) {
    int64_t together = count % 4 == 0 ? 4 : 1;
    b.loop(b.index(0), b.index(count), together, [&](Value column) {
      addColumns(together, column, [&](Value panel) {
        Values weights;
        for (int64_t k = 0; k < together; ++k)
          weights.push_back(reader.floats(reader.address(panel, b.add(b.add(first, column), k))));
        return weights;
      });
    });
    return;
  }
  int64_t elements = reader.layout.blockElements, stepsOfSpan = PanelReader::steps / reader.spans();
  b.loop(b.index(0), b.index(count), tile::blockPart, [&](Value column) {
    Value at = b.add(first, column), block = b.div(at, elements), part = b.div(b.rem(at, elements), tile::blockPart);
    for (int64_t step = 0; step < PanelReader::steps; ++step)
      addColumns(4, b.add(column, step * 4), [&](Value panel) {
        Value address = reader.address(panel, block);
        ScaleAndMinimum scale = reader.ofSpan(address, reader.ofBlock(address), part, step / stepsOfSpan);
        return reader.dequantize(PanelReader::Integers(reader, address, part).step(step), scale);
      });
  });
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Lets the sinks take a row of the unit.
void HeadLinears::writeRow(Value unit, Value row) {
  Value firstColumn = b.mul(unit, this->unit);
  emitter.forgetRows();
  if (group->atHand > 0)
    emitter.setSpan(Span{firstColumn, this->unit});
  for (const Sink *sink : group->sinks) {
    emitter.prepare(sink->value, row);
    writeColumns(emitter, *sink, row, firstColumn, this->unit);
  }
  emitter.setSpan(std::nullopt);
}

LogicalResult tenon::codegen::emitHeadLinears(KernelFrame &frame, ElementEmitter &emitter) {
  if (!frame.schedule || frame.schedule.getRows() < 1 || frame.schedule.getPanels() < 1 || frame.schedule.getGemvPanels() < 1)
    return frame.kernel.emitError("kernel for a CPU: expects a schedule with rows, panels and gemv_panels");
  return HeadLinears(frame, emitter).emit();
}
