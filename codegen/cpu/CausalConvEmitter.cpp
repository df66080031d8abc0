//===- CausalConvEmitter.cpp - a few taps along the rows of each channel ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A vector of channels goes through the rows of a chunk with its taps and its last rows in registers. The taps lie channel by channel and
// are brought into vectors of channels by shuffles.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/ScanFrame.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Vectors of the taps of a place's channels: tap j of lane l is element l * taps + j of the memory from there on.
static Values loadTaps(ElementEmitter &emitter, Value weight, Place place) {
  LoopBuilder &b = emitter.b;
  int64_t taps = cast<RankedTensorType>(weight.getType()).getDimSize(1), lanes = emitter.lanes;
  Values loaded, vectors;
  for (int64_t v = 0; v < taps; ++v) {
    int64_t active = std::clamp<int64_t>(place.active * taps - v * lanes, 0, lanes);
    if (active > 0)
      loaded.push_back(b.loadFloats(emitter.getArgument(weight), {place.column, b.index(v * lanes)}, lanes, active));
  }
  for (int64_t tap = 0; tap < taps; ++tap) {
    Value vector = b.splat(0, lanes);
    for (auto [v, source] : llvm::enumerate(loaded)) {
      SmallVector<int64_t> from;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        int64_t element = lane * taps + tap;
        from.push_back(element / lanes == int64_t(v) ? lanes + element % lanes : lane);
      }
      vector = b.shuffle(vector, source, from);
    }
    vectors.push_back(vector);
  }
  return vectors;
}

void tenon::codegen::emitCausalConv(ScanFrame &scan, ssm::CausalConvOp op) {
  ElementEmitter &emitter = scan.emitter;
  LoopBuilder &b = scan.b;
  int64_t earlier = cast<RankedTensorType>(op.getState().getType()).getDimSize(0);
  Value output = scan.scratch();
  auto emitVector = [&](const ScanBlock &block, Place place, Value column) {
    Values taps = loadTaps(emitter, op.getW(), place), history;
    Value bias = op.getBias() ? emitter.pull(op.getBias(), {b.index(0), place.column, place.active}) : b.splat(0, emitter.lanes);
    auto placeOf = [&](int64_t i) { return Place{b.index(i), place.column, place.active}; };
    for (int64_t i = 0; i < earlier; ++i)
      history.push_back(scan.loadState(0, placeOf(i)));
    auto emitRow = [&](Value at, ValueRange before) {
      Value row = b.add(block.firstRow, at), sum = bias;
      emitter.prepare(op.getX(), row);
      Values rows(before);
      rows.push_back(emitter.pull(op.getX(), {row, place.column, place.active}));
      for (auto [tap, value] : llvm::zip_equal(taps, rows))
        sum = b.fma(tap, value, sum);
      b.storeFloats(sum, output, {at, column}, place.active);
      rows.erase(rows.begin());
      return rows;
    };
    history = b.loop(b.index(0), block.rows, 1, history, emitRow);
    for (int64_t i = 0; i < earlier; ++i)
      scan.storeState(0, history[i], placeOf(i));
  };
  scan.moveStates();
  scan.forChunks([&](Value firstRow, Value rows) {
    scan.forBlocks(firstRow, rows, [&](const ScanBlock &block) {
      scan.forVectors(block, [&](Place place, Value column) { emitVector(block, place, column); });
      scan.writeOutputs(block, output);
    });
  });
}
