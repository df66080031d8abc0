//===- ContractionEmitter.cpp - linears and their epilogues ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The linears that one sink needs together form a group: gate and up of a gated product are one group, q, k and v are three. The panels of
// all groups are divided over the threads, so a thread keeps its channels' weights in its own caches. For a tile of rows and panels the
// sums of all the group's linears are computed into scratch memory of the thread, register tile by register tile; then the sinks pull
// their columns from there. While the rows stream by, a tile's weights stay in the first cache.
//
// A group whose sinks need whole heads at hand, for a norm of heads or a rotation of far pairs, takes the panels of a head at once and a
// block of rows: the sums of all of them are computed before the sinks pull.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/ContractionTile.h"
#include "tenon/codegen/cpu/KernelFrame.h"
#include "tenon/codegen/cpu/LinearGroups.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t channels = tile::panelChannels;

namespace {
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
  void emitGroup(LinearGroup &group, Value first, Value last);
  void forPanels(const LinearGroup &group, Value first, Value last, Shape shape, function_ref<void(Value, Shape)> body);
  void emitTileOf(LinearGroup &group, Value row, Value panel, Shape shape);
  void emitHeads(LinearGroup &group, Value first, Value last);
  void emitHeadRows(LinearGroup &group, Value firstRow, Value rows, Value panel, Shape shape, Value sums);
  void addSums(LinearGroup &group, ArrayRef<std::pair<int64_t, Stream>> streams, Value row, Shape shape, Value sums, Value sumsRow);
  void bindSums(LinearGroup &group, Value firstRow, Value panel, int64_t panels, Value sums);
  void writeRow(LinearGroup &group, Value row, Value panel, int64_t panels);
  std::vector<PanelReader> readersOf(LinearGroup &group);

  KernelFrame &frame;
  ElementEmitter &emitter;
  LoopBuilder &b;
  SmallVector<LinearGroup> groups;
};
} // namespace

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult Contraction::emit() {
  FailureOr<SmallVector<LinearGroup>> found = collectLinearGroups(frame.kernel, frame.sinks, emitter, frame.schedule.getPanels());
  if (failed(found))
    return failure();
  groups = std::move(*found);
  // The panels of all groups in one row, so that each thread takes an equal share of the whole, in granules.
  int64_t panels = 0;
  for (const LinearGroup &group : groups)
    panels += group.panels;
  auto [first, last] = b.share(b.index(panels), frame.thread, frame.threads);
  int64_t offset = 0;
  for (LinearGroup &group : groups) {
    auto local = [&](Value panel) {
      Value from = b.min(b.sub(b.max(panel, b.index(offset)), b.index(offset)), b.index(group.panels));
      Value granules = b.div(b.add(from, group.granule - 1), group.granule);
      return b.min(b.mul(granules, group.granule), b.index(group.panels));
    };
    if (group.atHand > 0)
      emitHeads(group, local(first), local(last));
    else
      emitGroup(group, local(first), local(last));
    offset += group.panels;
  }
  return success();
}

/// Walks panels by `shape.panels` at a time, and what is left by granules.
void Contraction::forPanels(const LinearGroup &group, Value first, Value last, Shape shape, function_ref<void(Value, Shape)> body) {
  Shape rest = shape;
  rest.panels = group.granule;
  if (shape.panels == group.granule)
    return b.loop(first, last, shape.panels, [&](Value panel) { body(panel, shape); });
  Value middle = b.add(first, b.mul(b.div(b.sub(last, first), shape.panels), shape.panels));
  b.loop(first, middle, shape.panels, [&](Value panel) { body(panel, shape); });
  b.loop(middle, last, rest.panels, [&](Value panel) { body(panel, rest); });
}

void Contraction::emitGroup(LinearGroup &group, Value first, Value last) {
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

std::vector<PanelReader> Contraction::readersOf(LinearGroup &group) {
  std::vector<PanelReader> readers;
  for (nn::LinearOp linear : group.linears)
    readers.emplace_back(b, cast<RankedTensorType>(linear.getWeight().getType()), emitter.getArgument(linear.getWeight()));
  return readers;
}

/// Computes the sums of `shape.rows` rows with all streams, each known with its linear's number. A register tile takes streams of one input
/// and one format, `shape.streams` at most.
void Contraction::addSums(LinearGroup &group, ArrayRef<std::pair<int64_t, Stream>> streams, Value row, Shape shape, Value sums,
                          Value sumsRow) {
  auto fitTogether = [&](const std::pair<int64_t, Stream> &a, const std::pair<int64_t, Stream> &c) {
    const PanelReader &x = *a.second.weight, &y = *c.second.weight;
    return inputArgument(group.linears[a.first]) == inputArgument(group.linears[c.first]) && x.form == y.form &&
           (x.form || x.element == y.element);
  };
  while (!streams.empty()) {
    SmallVector<Stream> together;
    for (const auto &stream : streams.take_front(shape.streams)) {
      if (!fitTogether(streams.front(), stream))
        break;
      together.push_back(stream.second);
    }
    nn::LinearOp linear = group.linears[streams.front().first];
    ContractionInput input{emitter.getArgument(inputArgument(linear)), cast<RankedTensorType>(linear.getInput().getType())};
    emitTile(b, input, row, shape.rows, together, sums, sumsRow);
    streams = streams.drop_front(together.size());
  }
}

void Contraction::emitTileOf(LinearGroup &group, Value row, Value panel, Shape shape) {
  int64_t linears = group.linears.size();
  Value sums = b.scratch({shape.rows, linears * shape.panels * channels}, b.builder.getF32Type());
  // Streams in the order of their panels, so that the linears of one panel share registers.
  std::vector<PanelReader> readers = readersOf(group);
  SmallVector<std::pair<int64_t, Stream>> streams;
  for (int64_t p = 0; p < shape.panels; ++p)
    for (int64_t l = 0; l < linears; ++l)
      streams.push_back({l, {&readers[l], b.add(panel, p), b.index((l * shape.panels + p) * channels)}});
  addSums(group, streams, row, shape, sums, b.index(0));
  bindSums(group, row, panel, shape.panels, sums);
  if (shape.rows == 1)
    return writeRow(group, row, panel, shape.panels);
  b.loop(row, b.add(row, shape.rows), 1, [&](Value row) { writeRow(group, row, panel, shape.panels); });
}

/// Makes the linears' results known in `panels` panels from `panel` on; the first row of `sums` is row `firstRow`.
void Contraction::bindSums(LinearGroup &group, Value firstRow, Value panel, int64_t panels, Value sums) {
  Value firstColumn = b.mul(panel, channels);
  for (auto [number, linear] : llvm::enumerate(group.linears)) {
    int64_t offset = number * panels * channels;
    emitter.bind(linear.getResult(), [&, linear = linear, offset, firstRow, firstColumn, sums](Place place) mutable {
      Value column = b.add(b.sub(place.column, firstColumn), offset);
      Value sum = b.loadFloats(sums, {b.sub(place.row, firstRow), column}, channels, channels);
      if (!linear.getBias())
        return sum;
      return b.fadd(sum, emitter.pull(linear.getBias(), {b.index(0), place.column, place.active}));
    });
  }
}

/// Lets the group's sinks take a row of some panels.
void Contraction::writeRow(LinearGroup &group, Value row, Value panel, int64_t panels) {
  constexpr int64_t mostUnrolled = 4;
  emitter.forgetRows();
  Value firstColumn = b.mul(panel, channels);
  int64_t ragged = group.columns % channels, width = panels * channels;
  for (const Sink *sink : group.sinks) {
    emitter.prepare(sink->value, row);
    auto writeAt = [&](Value column) {
      Value at = b.add(firstColumn, column);
      auto whole = [&] { sink->write(emitter, {row, at, channels}); };
      if (ragged == 0)
        whole();
      else
        b.choose(b.less(at, b.index(group.columns / channels * channels)), whole, [&] { sink->write(emitter, {row, at, ragged}); });
    };
    if (panels > mostUnrolled)
      b.loop(b.index(0), b.index(width), sink->step, writeAt);
    for (int64_t column = 0; panels <= mostUnrolled && column < width; column += sink->step)
      writeAt(b.index(column));
  }
}

//===----------------------------------------------------------------------===//
// Whole heads at hand
//===----------------------------------------------------------------------===//

/// The sums of `rows` rows from `firstRow` on with the granule's panels, `shape.streams` at a time.
void Contraction::emitHeadRows(LinearGroup &group, Value firstRow, Value rows, Value panel, Shape shape, Value sums) {
  std::vector<PanelReader> readers = readersOf(group);
  auto some = [&](int64_t l, Value first, int64_t count) {
    SmallVector<std::pair<int64_t, Stream>> streams;
    for (int64_t p = 0; p < count; ++p) {
      Value column = b.mul(b.add(first, p), channels);
      streams.push_back({l, {&readers[l], b.add(panel, b.add(first, p)), b.add(column, l * group.granule * channels)}});
    }
    Value done = b.index(0);
    SmallVector<int64_t> parts = {shape.rows};
    if (shape.rows > 2)
      parts.push_back(2);
    if (shape.rows > 1)
      parts.push_back(1);
    for (int64_t part : parts) {
      Value end = b.add(done, b.mul(b.div(b.sub(rows, done), b.index(part)), part));
      b.loop(done, end, part, [&](Value row) { addSums(group, streams, b.add(firstRow, row), {part, count, shape.streams}, sums, row); });
      done = end;
    }
  };
  for (int64_t l = 0; l < int64_t(group.linears.size()); ++l)
    b.cover(group.granule, std::min(shape.streams, group.granule), [&](Value first, int64_t count) { some(l, first, count); });
}

void Contraction::emitHeads(LinearGroup &group, Value first, Value last) {
  constexpr int64_t tilesOfBlock = 8;
  int64_t blockRows = tilesOfBlock * frame.schedule.getRows();
  // A vector of the last elements of a head may reach beyond them.
  int64_t width = int64_t(group.linears.size()) * group.granule * channels + channels;
  Value sums = b.scratch({blockRows, width}, b.builder.getF32Type());
  Value rows = emitter.rowCount(group.linears.front().getResult());
  Value firstPanel; // of the granule in work
  auto emitBlock = [&](Value firstRow, Value count, Shape shape) {
    emitHeadRows(group, firstRow, count, firstPanel, shape, sums);
    bindSums(group, firstRow, firstPanel, group.granule, sums);
    int64_t columns = std::min(group.granule * channels, group.columns);
    emitter.setSpan(Span{b.mul(firstPanel, channels), columns});
    b.loop(firstRow, b.add(firstRow, count), 1, [&](Value row) { writeRow(group, row, firstPanel, group.granule); });
    emitter.setSpan(std::nullopt);
  };
  auto oneRow = [&] { emitBlock(b.index(0), b.index(1), {1, group.granule, frame.schedule.getGemvPanels()}); };
  auto manyRows = [&] {
    b.loop(b.index(0), rows, blockRows, [&](Value firstRow) {
      Shape shape{frame.schedule.getRows(), group.granule, frame.schedule.getPanels()};
      emitBlock(firstRow, b.min(b.sub(rows, firstRow), b.index(blockRows)), shape);
    });
  };
  bool isRow = Matrix::of(group.linears.front().getType()).rows == 1;
  b.loop(first, last, group.granule, [&](Value panel) {
    firstPanel = panel;
    if (isRow)
      return oneRow();
    Value isOne = arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq, rows, b.index(1));
    b.choose(isOne, oneRow, manyRows);
  });
}

LogicalResult tenon::codegen::emitContraction(KernelFrame &frame, ElementEmitter &emitter) {
  if (!frame.schedule || frame.schedule.getRows() < 1 || frame.schedule.getPanels() < 1 || frame.schedule.getGemvPanels() < 1)
    return frame.kernel.emitError("kernel for a CPU: expects a schedule with rows, panels and gemv_panels");
  return Contraction(frame, emitter).emit();
}
