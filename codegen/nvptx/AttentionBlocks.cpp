//===- AttentionBlocks.cpp - blocks of 64 keys and values, for a warp ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/AttentionBlocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/nvptx/WarpMemory.h"
#include "tenon/dialects/cache/Cache.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

/// Elements of the keys of tensors that are in shared memory at a time, and the distance between them: odd, so that neither the lanes that
/// write elements of one key nor those that read keys of one element meet in a bank.
static constexpr int64_t stagedElements = 16, stagedStride = AttentionBlocks::keys + 1;
/// Elements whose keys are on their way to registers at once.
static constexpr int64_t elementsInFlight = 8;

static int64_t dimOf(Value tensor, int64_t dim) {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
}

AttentionBlocks::AttentionBlocks(GpuStage &stage, nn::AttentionOp op)
    : stage(stage), warp(stage), emitter(stage.emitter), b(stage.b), op(op), dim(dimOf(op.getKey(), 2)), valueDim(dimOf(op.getValue(), 2)),
      columnsTogether(1) {
  auto view = op.getKey().getDefiningOp<cache::ViewOp>();
  if (view && view == op.getValue().getDefiningOp()) {
    slotType = cast<cache::KvType>(view.getSlot().getType());
    slot = emitter.getArgument(view.getSlot());
  }
  if (slotType && !isLatent())
    for (int64_t width : {2, 4})
      if (valueDim % (width * warpThreads) == 0)
        columnsTogether = width;
  if (!slotType)
    columnsTogether = emitter.lanes;
  if (!slotType)
    staged = stage.shared({stage.shape.threads[0] / warpThreads, stagedElements * stagedStride}, b.builder.getF32Type());
}

LogicalResult AttentionBlocks::check() {
  if (slotType && !slot)
    return op.emitError("kernel for a GPU: expects a slot that is an argument");
  if (!slotType && (op.getKey().getDefiningOp<cache::ViewOp>() || op.getValue().getDefiningOp<cache::ViewOp>()))
    return op.emitError("kernel for a GPU: expects keys and values of the same view");
  return success();
}

int64_t AttentionBlocks::heads() {
  return dimOf(op.getKey(), 1);
}

Value AttentionBlocks::count() {
  return slotType ? b.add(emitter.position, emitter.rowCount(op.getQuery())) : emitter.rowCount(op.getKey());
}

void AttentionBlocks::begin(Value block) {
  firstKey = b.mul(block, keys);
  if (!slotType)
    return;
  tile::CacheBlock layout = tile::cacheBlock(slotType);
  address = b.add(b.mul(block, layout.bytes), b.mul(head, layout.headBytes));
}

Value AttentionBlocks::keyOfLane(int64_t i) {
  return slotType ? b.add(b.mul(stage.lane(), keysOfLane), i) : b.add(stage.lane(), i * warpThreads);
}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

static int64_t divisorUpTo(int64_t number, int64_t limit) {
  while (number % limit != 0)
    --limit;
  return limit;
}

Values AttentionBlocks::forElements(ValueRange carried,
                                    function_ref<Values(Value first, int64_t count, ValueRange keys, ValueRange carried)> body) {
  if (slotType) {
    int64_t step = divisorUpTo(dim, elementsInFlight);
    Value ofLane = b.add(address, b.mul(stage.lane(), keysOfLane * elementBytes()));
    return b.loop(b.index(0), b.index(dim), step, carried, [&](Value first, ValueRange before) {
      Values loaded;
      for (int64_t e = 0; e < step; ++e) {
        Value byte = b.add(ofLane, b.mul(b.add(first, e), keys * elementBytes()));
        Value pair = b.widen(loadWholeAs(b, VectorType::get({keysOfLane}, slotType.getElementType()), slot, byte));
        for (int64_t i = 0; i < keysOfLane; ++i)
          loaded.push_back(b.extract(pair, i));
      }
      return body(first, step, loaded, before);
    });
  }
  Values result(carried);
  auto takeStaged = [&](Value first, int64_t count, ValueRange before) {
    stageKeys(first, count);
    Values loaded;
    for (int64_t e = 0; e < count; ++e)
      for (int64_t i = 0; i < keysOfLane; ++i)
        loaded.push_back(b.load(staged, {stage.warp(), b.add(keyOfLane(i), e * stagedStride)}));
    return body(first, count, loaded, before);
  };
  int64_t whole = dim / stagedElements * stagedElements;
  if (whole > 0)
    result = b.loop(b.index(0), b.index(whole), stagedElements, result,
                    [&](Value first, ValueRange before) { return takeStaged(first, stagedElements, before); });
  return whole < dim ? takeStaged(b.index(whole), dim - whole, result) : result;
}

/// Copies elements of the block's keys to shared memory; lanes take neighbouring elements of a key. Places that hold no key get zeros.
void AttentionBlocks::stageKeys(Value firstElement, int64_t count) {
  int64_t lanes = emitter.lanes, vectors = count / lanes;
  warp.barrier();
  b.loop(stage.lane(), b.index(keys * vectors), warpThreads, [&](Value item) {
    Value key = b.div(item, vectors), element = b.mul(b.rem(item, vectors), lanes), row = b.add(firstKey, key);
    auto pull = [&] {
      emitter.prepare(op.getKey(), row);
      return emitter.pull(op.getKey(), {row, b.add(b.mul(head, dim), b.add(firstElement, element)), lanes});
    };
    Value loaded = b.either(b.less(row, this->count()), pull, [&] { return b.splat(0, lanes); });
    for (int64_t i = 0; i < lanes; ++i)
      b.store(b.extract(loaded, i), staged, {stage.warp(), b.add(b.mul(b.add(element, i), stagedStride), key)});
  });
  warp.barrier();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value AttentionBlocks::firstColumn(int64_t piece) {
  return b.mul(b.add(stage.lane(), piece * warpThreads), columnsTogether);
}

Values AttentionBlocks::values(Value key) {
  Values loaded;
  for (int64_t piece = 0; piece < pieces(); ++piece) {
    Value column = firstColumn(piece);
    Value vector = ifColumn(piece, columnsTogether, [&] { return slotType ? slotValues(key, column) : tensorValues(key, column); });
    for (int64_t i = 0; i < columnsTogether; ++i)
      loaded.push_back(b.extract(vector, i));
  }
  return loaded;
}

Value AttentionBlocks::slotValues(Value key, Value column) {
  Value element = b.add(b.mul(key, valueDim), column);
  Value byte = b.add(b.add(address, tile::cacheBlock(slotType).valueOffset), b.mul(element, elementBytes()));
  return b.widen(loadWholeAs(b, VectorType::get({columnsTogether}, slotType.getElementType()), slot, byte));
}

Value AttentionBlocks::tensorValues(Value key, Value column) {
  Value row = b.add(firstKey, key);
  emitter.prepare(op.getValue(), row);
  return emitter.pull(op.getValue(), {row, b.add(b.mul(head, valueDim), column), columnsTogether});
}

/// What `load` gives in lanes whose columns of a piece exist, and zeros in the others.
Value AttentionBlocks::ifColumn(int64_t piece, int64_t count, function_ref<Value()> load) {
  if ((piece + 1) * warpThreads * columnsTogether <= valueDim)
    return load();
  return b.either(b.less(firstColumn(piece), b.index(valueDim)), load, [&] { return b.splat(0, count); });
}

Values AttentionBlocks::latentValues(int64_t piece, Value key, int64_t count) {
  Value column = firstColumn(piece), byte = b.add(address, b.mul(b.add(b.mul(column, keys), key), elementBytes()));
  auto type = VectorType::get({count}, slotType.getElementType());
  Value vector = ifColumn(piece, count, [&] { return b.widen(loadWholeAs(b, type, slot, byte)); });
  Value exists = b.lanesBelow(b.add(firstKey, key), this->count(), count);
  vector = arith::SelectOp::create(b.builder, b.loc, exists, vector, b.splat(0, count));
  Values loaded;
  for (int64_t i = 0; i < count; ++i)
    loaded.push_back(b.extract(vector, i));
  return loaded;
}
