//===- ContractionEmitter.cpp - linears and their epilogues, on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block of threads takes a granule of a group's panels (LinearGroups.h) and a tile of rows. Its warps share out the panels, or where
// there are fewer panels than warps, k as well; their sums meet in shared memory, from where the sinks pull them, each row by a warp.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/LinearGroups.h"
#include "tenon/codegen/nvptx/GpuTeam.h"
#include "tenon/codegen/nvptx/PanelSums.h"
#include "tenon/codegen/nvptx/WarpMemory.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

static constexpr int64_t panelChannels = tile::panelChannels;
static constexpr int64_t blockWarps = 4;
/// Panels of a granule where nothing else decides, one a warp.
static constexpr int64_t wantedPanels = blockWarps;

namespace {
/// A warp's lanes take a row together, each warp in memory of its own.
class RowWarp : public WarpTeam {
public:
  explicit RowWarp(GpuStage &stage) : WarpTeam(stage), stage(stage) {}
  Value scratch(ArrayRef<int64_t> shape, Type element) override {
    SmallVector<int64_t> ofAll{blockWarps};
    llvm::append_range(ofAll, shape);
    Value all = stage.shared(ofAll, element);
    Values place(ofAll.size(), stage.b.index(0));
    place.front() = stage.warp();
    auto type = MemRefType::get(shape, element, MemRefLayoutAttrInterface(), cast<MemRefType>(all.getType()).getMemorySpace());
    return bufferAt(stage.b, stage.pointer(all, place), type, {});
  }

private:
  GpuStage &stage;
};

/// The granule of a group that a block computes, for some rows.
struct Tile {
  LinearGroup &group;
  Value granule;
  Value firstRow;
  Value count;  ///< rows
  int64_t rows; ///< at most
  int64_t width() const { return group.granule * panelChannels; }
};

class Contraction {
public:
  Contraction(GpuKernelFrame &frame, GpuStage &stage) : frame(frame), stage(stage), emitter(stage.emitter), b(stage.b) {}
  LogicalResult emit();

private:
  int64_t rowsOfTile();
  void emitGroup(LinearGroup &group, Value granule);
  void emitTile(Tile tile);
  void addLinear(Tile tile, size_t number, const PanelLanes &lanes, Value warpOfSlice, ValueRange rows, Value sums);
  void bindSums(Tile tile, Value sums, int64_t slices);
  void writeTile(Tile tile);

  GpuKernelFrame &frame;
  GpuStage &stage;
  ElementEmitter &emitter;
  LoopBuilder &b;
  SmallVector<LinearGroup> groups;
  int64_t tileRows = 1;
};
} // namespace

/// As many as leave registers for several blocks at once.
int64_t Contraction::rowsOfTile() {
  int64_t rows = 4;
  for (LinearGroup &group : groups)
    for (nn::LinearOp linear : group.linears) {
      auto result = cast<RankedTensorType>(linear.getType());
      if (!result.isDynamicDim(0))
        rows = std::min(rows, std::max<int64_t>(result.getDimSize(0), 1));
    }
  return rows;
}

LogicalResult Contraction::emit() {
  FailureOr<SmallVector<LinearGroup>> found = collectLinearGroups(frame.kernel, stage.sinks, emitter, wantedPanels);
  if (failed(found))
    return failure();
  groups = std::move(*found);
  tileRows = rowsOfTile();
  int64_t allRows = Matrix::of(groups.front().linears.front().getType()).rows, granules = 0;
  bool isDynamic = ShapedType::isDynamic(allRows);
  // The groups' granules one after another; a block finds its own.
  for (LinearGroup &group : groups) {
    int64_t first = granules;
    granules += llvm::divideCeil(group.panels, group.granule);
    if (groups.size() == 1) {
      emitGroup(group, stage.block(0));
      break;
    }
    Value isHere = b.less(stage.block(0), b.index(granules));
    if (first > 0)
      isHere = arith::AndIOp::create(b.builder, b.loc, isHere, b.less(b.index(first - 1), stage.block(0)));
    b.when(isHere, [&] { emitGroup(group, b.sub(stage.block(0), b.index(first))); });
  }
  stage.shape.grid = {granules, isDynamic ? 1 : int64_t(llvm::divideCeil(allRows, tileRows)), 1};
  stage.shape.rows = {0, isDynamic ? tileRows : 0, 0};
  return success();
}

void Contraction::emitGroup(LinearGroup &group, Value granule) {
  Value rows = emitter.rowCount(group.linears.front().getResult());
  Value firstRow = b.mul(stage.block(1), tileRows);
  auto one = [&] { emitTile({group, granule, firstRow, b.index(1), 1}); };
  auto many = [&] { emitTile({group, granule, firstRow, b.min(b.sub(rows, firstRow), b.index(tileRows)), tileRows}); };
  if (tileRows == 1)
    return one();
  b.choose(b.same(rows, 1), one, many);
}

/// A linear's panels of the granule, those that are the warp's.
void Contraction::addLinear(Tile tile, size_t number, const PanelLanes &lanes, Value warpOfSlice, ValueRange rows, Value sums) {
  nn::LinearOp linear = tile.group.linears[number];
  PanelReader weight(b, cast<RankedTensorType>(linear.getWeight().getType()), emitter.getArgument(linear.getWeight()));
  ContractionInput input{emitter.getArgument(inputArgument(linear)), cast<RankedTensorType>(linear.getInput().getType())};
  int64_t step = blockWarps / lanes.warpSlices, shift = (step - int64_t(number) * tile.group.granule % step) % step;
  // Panels of all linears in a row are the warps' in turn.
  b.loop(b.rem(b.add(warpOfSlice, shift), step), b.index(tile.group.granule), step, [&](Value inGranule) {
    Value panel = b.min(b.add(b.mul(tile.granule, tile.group.granule), inGranule), b.index(tile.group.panels - 1));
    Values ofLane = panelSums(b, lanes, input, rows, weight, panel);
    Value column = b.add(b.mul(b.add(inGranule, int64_t(number) * tile.group.granule), panelChannels), lanes.firstChannel);
    for (auto [r, vector] : llvm::enumerate(ofLane)) {
      Value sum = vector;
      // Over the lanes with the same channels.
      for (int64_t distance = PanelLanes::groups; distance < warpThreads; distance *= 2) {
        Value other = sum;
        for (int64_t c = 0; c < PanelLanes::channels; ++c)
          other = b.insert(stage.shuffleXor(b.extract(sum, c), distance), other, c);
        sum = b.fadd(sum, other);
      }
      b.when(b.same(lanes.slice, 0), [&] { storeWhole(b, sum, sums, {lanes.warpSlice, b.index(r), column}); });
    }
  });
}

void Contraction::emitTile(Tile tile) {
  int64_t streams = int64_t(tile.group.linears.size()) * tile.group.granule;
  int64_t slices = streams >= 4 || streams == 3 ? 1 : blockWarps / streams;
  int64_t warpsOfSlice = blockWarps / slices;
  PanelLanes lanes;
  lanes.firstChannel = b.mul(b.rem(stage.lane(), PanelLanes::groups), PanelLanes::channels);
  lanes.slice = b.div(stage.lane(), PanelLanes::groups);
  lanes.warpSlice = b.div(stage.warp(), warpsOfSlice);
  lanes.warpSlices = slices;
  Value warpOfSlice = b.rem(stage.warp(), warpsOfSlice);
  // Rows behind the last repeat it.
  Values rows;
  for (int64_t r = 0; r < tile.rows; ++r)
    rows.push_back(tile.rows == 1 ? tile.firstRow : b.add(tile.firstRow, b.min(b.index(r), b.sub(tile.count, b.index(1)))));
  Value sums = stage.shared({slices, tile.rows, streams * panelChannels}, b.builder.getF32Type());
  for (size_t number = 0; number < tile.group.linears.size(); ++number)
    addLinear(tile, number, lanes, warpOfSlice, rows, sums);
  stage.barrier();
  bindSums(tile, sums, slices);
  writeTile(tile);
}

/// Makes the linears' results known in the tile.
void Contraction::bindSums(Tile tile, Value sums, int64_t slices) {
  Value firstColumn = b.mul(tile.granule, tile.width()), firstRow = tile.firstRow;
  for (auto [number, linear] : llvm::enumerate(tile.group.linears)) {
    int64_t offset = int64_t(number) * tile.width();
    emitter.bind(linear.getResult(), [this, linear = linear, offset, firstColumn, firstRow, sums, slices](Place place) mutable {
      Value column = b.add(b.sub(place.column, firstColumn), offset), sum;
      for (int64_t slice = 0; slice < slices; ++slice) {
        Value part = loadWhole(b, b.floats(emitter.lanes), sums, {b.index(slice), b.sub(place.row, firstRow), column});
        sum = sum ? b.fadd(sum, part) : part;
      }
      return linear.getBias() ? b.fadd(sum, emitter.pull(linear.getBias(), {b.index(0), place.column, place.active})) : sum;
    });
  }
}

void Contraction::writeTile(Tile tile) {
  RowWarp team(stage);
  emitter.team = &team;
  Value firstColumn = b.mul(tile.granule, tile.width());
  if (tile.group.atHand > 0)
    emitter.setSpan(Span{firstColumn, std::min(tile.width(), tile.group.columns)});
  auto writeRow = [&](Value row) {
    emitter.forgetRows();
    for (const Sink *sink : tile.group.sinks) {
      emitter.prepare(sink->value, row);
      auto write = [&](int64_t columns) { writeColumns(emitter, *sink, row, firstColumn, columns); };
      int64_t ragged = tile.group.columns % tile.width();
      if (ragged == 0)
        write(tile.width());
      else
        b.choose(b.less(tile.granule, b.index(tile.group.columns / tile.width())), [&] { write(tile.width()); }, [&] { write(ragged); });
    }
  };
  b.loop(stage.warp(), tile.count, blockWarps, [&](Value r) { writeRow(b.add(tile.firstRow, r)); });
  emitter.setSpan(std::nullopt);
  emitter.team = nullptr;
}

LogicalResult nvptx::emitContraction(GpuKernelFrame &frame) {
  for (auto linear : frame.kernel.getBlock().getOps<nn::HeadLinearOp>())
    return linear.emitError("kernel for a GPU: products of each head with a matrix of its own are not supported yet");
  StageShape shape;
  shape.threads = {blockWarps * warpThreads, 1, 1};
  return frame.stage(shape, /*lanes=*/4, [&](GpuStage &stage) { return Contraction(frame, stage).emit(); });
}
