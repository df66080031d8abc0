//===- Sinks.cpp - where a kernel's values go ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/Sinks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/tile/KernelPart.h"
#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static Sink storeSink(Value value, Value buffer) {
  int64_t columns = Matrix::of(value.getType()).columns;
  bool isVector = cast<MemRefType>(buffer.getType()).getRank() == 1;
  bool isColumn =
      isVector && cast<RankedTensorType>(value.getType()).getRank() == 1 && cast<RankedTensorType>(value.getType()).isDynamicDim(0);
  auto write = [=](ElementEmitter &emitter, Place place) {
    Value vector = emitter.pull(value, place);
    if (isColumn)
      emitter.b.storeFloats(vector, buffer, {place.row}, 1);
    else if (isVector)
      emitter.b.storeFloats(vector, buffer, {place.column}, place.active);
    else
      emitter.b.storeFloats(vector, buffer, {place.row, place.column}, place.active);
  };
  return {value, columns, 16, write, buffer};
}

static Sink quantizeSink(nn::QuantizeOp op, Value buffer) {
  Value value = op.getInput();
  auto type = cast<RankedTensorType>(op.getType());
  return {value, Matrix::of(type).columns, tile::activationBlock, [=](ElementEmitter &emitter, Place place) {
            if (emitter.team)
              return quantizeTogether(emitter, value, type, buffer, place);
            Value low = emitter.pullWide(value, {place.row, place.column, 16});
            Value high = emitter.pullWide(value, {place.row, emitter.b.add(place.column, 16), 16});
            quantizeBlock(emitter.b, low, high, type, buffer, place.row, place.column);
          }};
}

//===----------------------------------------------------------------------===//
// Appending to a key/value slot
//===----------------------------------------------------------------------===//

/// Writes keys (`isKey`) or values of one row at the slot's position of that row.
static Sink appendSink(cache::AppendOp op, bool isKey) {
  Value value = isKey ? op.getKey() : op.getValue();
  auto type = cast<cache::KvType>(op.getSlot().getType());
  tile::CacheBlock block = tile::cacheBlock(type);
  Value slotValue = op.getSlot();
  return {value, type.getHeads() * type.getDim(), 16, [=](ElementEmitter &emitter, Place place) {
            LoopBuilder &b = emitter.b;
            Value slot = emitter.getArgument(slotValue);
            int64_t dim = type.getDim(), bytes = type.getElementType().getIntOrFloatBitWidth() / 8;
            Value position = b.add(emitter.position, place.row);
            Value within = b.rem(position, tile::cacheBlockPositions);
            Value base = b.mul(b.div(position, tile::cacheBlockPositions), block.bytes);
            // The byte of one element: keys lie as [dim][64 positions], values as [64 positions][dim].
            auto byteOf = [&](Value column) {
              Value head = b.add(base, b.mul(b.div(column, dim), block.headBytes)), element = b.rem(column, dim);
              if (isKey)
                return b.add(head, b.mul(b.add(b.mul(element, tile::cacheBlockPositions), within), bytes));
              return b.add(b.add(head, block.valueOffset), b.mul(b.add(b.mul(within, dim), element), bytes));
            };
            Value vector = b.narrow(emitter.pull(value, place), type.getElementType());
            bool isTogether = dim % emitter.lanes == 0;
            if (isTogether && !isKey && emitter.lanes > 1)
              return b.storeAs(vector, slot, {byteOf(place.column)});
            for (int64_t lane = 0; lane < place.active; ++lane) {
              Value byte =
                  isTogether ? b.add(byteOf(place.column), lane * tile::cacheBlockPositions * bytes) : byteOf(b.add(place.column, lane));
              b.storeAs(b.broadcast(b.extract(vector, lane), 1), slot, {byte});
            }
          }};
}

//===----------------------------------------------------------------------===//
// All sinks of a kernel
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Sink>> tenon::codegen::collectSinks(tile::KernelOp kernel, ElementEmitter &emitter, ValueRange buffers) {
  SmallVector<Sink> sinks;
  for (auto [value, buffer] : llvm::zip_equal(kernel.getYielded(), buffers)) {
    if (auto quantize = value.getDefiningOp<nn::QuantizeOp>())
      sinks.push_back(quantizeSink(quantize, buffer));
    else if (auto route = value.getDefiningOp<moe::RouteOp>())
      sinks.push_back(routeSink(route, buffer));
    else if (isa<FloatType>(getElementTypeOrSelf(value.getType())))
      sinks.push_back(storeSink(value, buffer));
    else
      return kernel.emitError("kernel: expects results of floats or rounded activations, but got ") << value.getType();
  }
  for (auto append : kernel.getBlock().getOps<cache::AppendOp>()) {
    if (!emitter.getArgument(append.getSlot()))
      return append.emitError("kernel: expects a slot that is an argument");
    sinks.push_back(appendSink(append, /*isKey=*/true));
    if (append.getValue())
      sinks.push_back(appendSink(append, /*isKey=*/false));
  }
  for (auto write : kernel.getBlock().getOps<cache::WriteOp>()) {
    if (!emitter.getArgument(write.getSlot()))
      return write.emitError("kernel: expects a slot that is an argument");
    sinks.push_back(storeSink(write.getValue(), emitter.getArgument(write.getSlot())));
  }
  return sinks;
}

void tenon::codegen::writeRow(ElementEmitter &emitter, const Sink &sink, Value row) {
  writeColumns(emitter, sink, row, emitter.b.index(0), sink.columns);
}

void tenon::codegen::writeColumns(ElementEmitter &emitter, const Sink &sink, Value row, Value first, int64_t columns) {
  LoopBuilder &b = emitter.b;
  if (emitter.team)
    return emitter.forColumns(row, first, columns, [&](Place place) { sink.write(emitter, place); });
  // A sink that writes blocks pulls whole vectors however many lanes the emitter has.
  int64_t step = sink.step > 16 ? sink.step : emitter.lanes;
  b.cover(columns, step, [&](Value column, int64_t count) {
    int64_t active = count == step ? std::min(step, emitter.lanes) : count;
    sink.write(emitter, {row, b.add(first, column), active});
  });
}

/// The panels that an op behind an anchor needs at hand; nothing if no panels are enough.
static std::optional<int64_t> panelsAtHand(Operation *op) {
  if (keepsPlace(op))
    return 0;
  if (tile::headAtHand(op) == 0)
    return std::nullopt;
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  int64_t panels = tile::panelsOfHeads(type.getDimSize(1), type.getDimSize(2));
  return panels > 0 ? std::optional<int64_t>(panels) : std::nullopt;
}

FailureOr<Anchors> tenon::codegen::collectAnchors(Value value, TypeID anchor) {
  Anchors anchors;
  Operation *op = value.getDefiningOp();
  if (!op)
    return anchors;
  if (op->getName().getTypeID() == anchor) {
    anchors.ops.insert(op);
    return anchors;
  }
  for (Value operand : op->getOperands()) {
    if (!isa<RankedTensorType>(operand.getType()))
      continue;
    FailureOr<Anchors> behind = collectAnchors(operand, anchor);
    if (failed(behind))
      return failure();
    anchors.ops.insert(behind->ops.begin(), behind->ops.end());
    anchors.panels = std::max(anchors.panels, behind->panels);
  }
  if (anchors.ops.empty())
    return anchors;
  std::optional<int64_t> panels = panelsAtHand(op);
  if (!panels)
    return op->emitError("kernel: moves columns of a result of which a tile is known at a time");
  // Ops behind one result have the same number of columns; heads of one size are multiples of those of another, or all are taken.
  if (anchors.panels > 0 && *panels > 0)
    anchors.panels = std::lcm(anchors.panels, *panels);
  else
    anchors.panels = std::max(anchors.panels, *panels);
  return anchors;
}
