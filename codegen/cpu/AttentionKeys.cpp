//===- AttentionKeys.cpp - where attention finds keys and values ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/cpu/AttentionKeys.h"
#include "tenon/dialects/cache/Cache.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;
static constexpr int64_t blockKeys = tile::cacheBlockPositions;

static int64_t dimOf(Value tensor, int64_t dim) {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
}

AttentionKeys::AttentionKeys(ElementEmitter &emitter, nn::AttentionOp op) : emitter(emitter), b(emitter.b), op(op) {
  auto view = op.getKey().getDefiningOp<cache::ViewOp>();
  if (view && view == op.getValue().getDefiningOp()) {
    slotType = cast<cache::KvType>(view.getSlot().getType());
    slot = emitter.getArgument(view.getSlot());
  }
}

LogicalResult AttentionKeys::check() {
  if (slotType && !slot)
    return op.emitError("kernel: expects a slot that is an argument");
  if (!slotType && (op.getKey().getDefiningOp<cache::ViewOp>() || op.getValue().getDefiningOp<cache::ViewOp>()))
    return op.emitError("kernel: expects keys and values of the same view");
  return success();
}

int64_t AttentionKeys::heads() {
  return dimOf(op.getKey(), 1);
}

Value AttentionKeys::count() {
  if (slotType)
    return b.add(emitter.position, emitter.rowCount(op.getQuery()));
  return emitter.rowCount(op.getKey());
}

void AttentionKeys::beginBlock(Value block) {
  if (slotType) {
    tile::CacheBlock layout = tile::cacheBlock(slotType);
    blockAddress = b.add(b.mul(block, layout.bytes), b.mul(head, layout.headBytes));
    return;
  }
  int64_t dim = dimOf(op.getKey(), 2);
  if (!transposed)
    transposed = b.scratch({dim, blockKeys}, b.builder.getF32Type());
  Value first = b.mul(block, blockKeys), column = b.mul(head, dim);
  Value present = b.min(b.sub(count(), first), b.index(blockKeys));
  b.loop(b.index(0), present, 1, [&](Value key) {
    Value row = b.add(first, key);
    emitter.prepare(op.getKey(), row);
    emitter.forColumns(row, column, dim, [&](Place place) {
      Value elements = emitter.pull(op.getKey(), place), d = b.sub(place.column, column);
      for (int64_t lane = 0; lane < place.active; ++lane)
        b.store(b.extract(elements, lane), transposed, {b.add(d, lane), key});
    });
  });
}

Value AttentionKeys::keys(Value d, int64_t v) {
  if (!slotType)
    return b.loadFloats(transposed, {d, b.index(v * lanes)}, lanes, lanes);
  int64_t bytes = slotType.getElementType().getIntOrFloatBitWidth() / 8;
  Value byte = b.add(b.add(blockAddress, v * lanes * bytes), b.mul(d, blockKeys * bytes));
  return b.widen(b.loadAs(VectorType::get({lanes}, slotType.getElementType()), slot, {byte}));
}

Value AttentionKeys::values(Value block, Value key, int64_t column, int64_t active) {
  if (!slotType) {
    Value row = b.add(b.mul(block, blockKeys), key);
    emitter.prepare(op.getValue(), row);
    return emitter.pull(op.getValue(), {row, b.add(b.mul(head, dimOf(op.getValue(), 2)), column), active});
  }
  int64_t dim = slotType.getDim(), bytes = slotType.getElementType().getIntOrFloatBitWidth() / 8;
  Value byte = b.add(b.add(blockAddress, tile::cacheBlock(slotType).valueOffset), b.mul(b.add(b.mul(key, dim), column), bytes));
  if (active == lanes)
    return b.widen(b.loadAs(VectorType::get({lanes}, slotType.getElementType()), slot, {byte}));
  // The last elements of a head are read one by one: a whole vector could reach beyond the slot.
  Value vector = b.splat(0, lanes);
  for (int64_t lane = 0; lane < active; ++lane)
    vector = b.insert(b.widen(b.loadAs(slotType.getElementType(), slot, {b.add(byte, lane * bytes)})), vector, lane);
  return vector;
}
