//===- SelectiveScanEmitter.cpp - a decay for each channel and state ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows go in chunks, channels in blocks. What a chunk needs of its rows lies in scratch memory: b and c, made once for all channels, and of
// a block dt, dt x and the outputs so far. A vector of channels then takes some states at a time through the rows of the chunk, in
// registers with their decays' bases; for each it adds to the outputs. A decay is exp2(dt (a log2 e)), which is finite, and may be wrong by
// 1e-7. A chunk's end leaves nothing behind but the state in memory, so the size of chunks changes no bit.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/ScanFrame.h"
#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

namespace {
class SelectiveScan {
public:
  SelectiveScan(ScanFrame &scan, ssm::SelectiveScanOp op)
      : scan(scan), emitter(scan.emitter), b(scan.b), op(op), states(cast<RankedTensorType>(op.getA().getType()).getDimSize(0)) {}
  void emit();

private:
  void makeRows(Value firstRow, Value rows);
  void emitBlock(const ScanBlock &block);
  void makeInputs(const ScanBlock &block);
  Values exponentials(ValueRange arguments);
  void scanStates(const ScanBlock &block, Place place, Value column, Value firstState, int64_t count);

  ScanFrame &scan;
  ElementEmitter &emitter;
  LoopBuilder &b;
  ssm::SelectiveScanOp op;
  int64_t states;
  // Scratch memory, a row for each row of a chunk.
  Value ofState[2]; ///< [states]: b and c
  Value dt;         ///< [channels of a block]
  Value input;      ///< likewise: dt x
  Value output;     ///< likewise
};
} // namespace

void SelectiveScan::emit() {
  for (Value &buffer : ofState)
    buffer = emitter.scratch({scan.frame.schedule.getChunk(), int64_t(llvm::alignTo(states, emitter.lanes))}, b.builder.getF32Type());
  for (Value *buffer : {&dt, &input, &output})
    *buffer = scan.scratch();
  scan.moveStates();
  scan.forChunks([&](Value firstRow, Value rows) {
    emitter.meet(); // the chunk before is done with its rows
    makeRows(firstRow, rows);
    emitter.meet();
    scan.forBlocks(firstRow, rows, [&](const ScanBlock &block) { emitBlock(block); });
  });
}

/// What of the rows is the same for all channels.
void SelectiveScan::makeRows(Value firstRow, Value rows) {
  Value sequences[] = {op.getB(), op.getC()};
  scan.forRows({firstRow, rows, b.index(0), states}, [&](Value row, Value at) {
    for (auto [value, buffer] : llvm::zip_equal(sequences, ofState)) {
      emitter.prepare(value, row);
      emitter.forColumns(row, b.index(0), states, [&, value = value, buffer = buffer](Place place) {
        b.storeFloats(emitter.pull(value, place), buffer, {at, place.column}, place.active);
      });
    }
  });
}

void SelectiveScan::emitBlock(const ScanBlock &block) {
  makeInputs(block);
  scan.forVectors(block, [&](Place place, Value column) {
    b.cover(states, scan.frame.schedule.getStates(),
            [&](Value first, int64_t count) { scanStates(block, place, column, first, count); });
  });
  scan.writeOutputs(block, output);
}

/// dt, dt x, and the outputs without the states' part.
void SelectiveScan::makeInputs(const ScanBlock &block) {
  scan.forRows(block, [&](Value row, Value at) {
    for (Value value : {op.getX(), op.getDt()})
      emitter.prepare(value, row);
    scan.forVectors(block, [&](Place place, Value column) {
      Place here{row, place.column, place.active};
      Value x = emitter.pull(op.getX(), here), step = emitter.pull(op.getDt(), here);
      Value skipped = b.splat(0, emitter.lanes);
      if (Value skip = op.getSkip())
        skipped = b.fmul(emitter.pull(skip, {b.index(0), place.column, place.active}), x);
      b.storeFloats(step, dt, {at, column}, place.active);
      b.storeFloats(b.fmul(step, x), input, {at, column}, place.active);
      b.storeFloats(skipped, output, {at, column}, place.active);
    });
  });
}

/// Approximate exp2 of finite numbers, two vectors at a time so that the steps of their polynomials alternate.
Values SelectiveScan::exponentials(ValueRange arguments) {
  auto exp2 = [&](Value x) -> Value {
    return math::Exp2Op::create(b.builder, b.loc, x, arith::FastMathFlags::afn | arith::FastMathFlags::ninf);
  };
  int64_t lanes = emitter.lanes;
  auto part = [&](Value x, Value y, int64_t first, int64_t count) {
    return b.shuffle(x, y, llvm::to_vector(llvm::seq(first, first + count)));
  };
  Values results;
  for (; arguments.size() > 1; arguments = arguments.drop_front(2)) {
    Value both = exp2(part(arguments[0], arguments[1], 0, 2 * lanes));
    results.append({part(both, both, 0, lanes), part(both, both, lanes, lanes)});
  }
  if (!arguments.empty())
    results.push_back(exp2(arguments[0]));
  return results;
}

/// `count` states of a vector of channels, through all rows of the chunk.
void SelectiveScan::scanStates(const ScanBlock &block, Place place, Value column, Value firstState, int64_t count) {
  Values carried, rates;
  auto placeOf = [&](int64_t i) { return Place{b.add(firstState, i), place.column, place.active}; };
  for (int64_t i = 0; i < count; ++i) {
    rates.push_back(b.fmul(emitter.pull(op.getA(), placeOf(i)), b.splat(1 / std::log(2.0), emitter.lanes)));
    carried.push_back(scan.loadState(0, placeOf(i)));
  }
  carried = b.loop(b.index(0), block.rows, 1, carried, [&](Value at, ValueRange before) {
    auto load = [&](Value buffer) { return b.loadFloats(buffer, {at, column}, emitter.lanes, place.active); };
    auto loadOfState = [&](Value buffer, int64_t i) { return b.broadcast(b.load(buffer, {at, b.add(firstState, i)}), emitter.lanes); };
    Value step = load(dt), in = load(input), sum = load(output);
    // Rows are far apart, so that the processor does not see what comes next.
    Place next{b.add(block.firstRow, at), b.add(place.column, scan.blockChannels()), place.active};
    for (Value value : {op.getX(), op.getDt()})
      emitter.prefetch(value, next);
    Values decays = exponentials(llvm::map_to_vector(rates, [&](Value rate) { return b.fmul(step, rate); })), after;
    for (int64_t i = 0; i < count; ++i) {
      after.push_back(b.fma(decays[i], before[i], b.fmul(in, loadOfState(ofState[0], i))));
      sum = b.fma(loadOfState(ofState[1], i), after.back(), sum);
    }
    b.storeFloats(sum, output, {at, column}, place.active);
    return after;
  });
  for (int64_t i = 0; i < count; ++i)
    scan.storeState(0, carried[i], placeOf(i));
}

void tenon::codegen::emitSelectiveScan(ScanFrame &scan, ssm::SelectiveScanOp op) {
  SelectiveScan(scan, op).emit();
}
