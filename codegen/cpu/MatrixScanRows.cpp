//===- MatrixScanRows.cpp - a chunk's rows in scratch memory ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a kernel computes in front of its recurrence is pulled here, once for each row and group, and for each row and block of a head.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tenon/codegen/cpu/MatrixScan.h"
#include "tenon/codegen/cpu/RowGroups.h"
#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

/// Rows in scratch memory are whole vectors of as many floats.
static constexpr int64_t wholeVector = 16;
/// 2^leastLog is less than any float: what decays more is gone. Sums of such logarithms keep their low bits, and none is infinite.
static constexpr double leastLog = -150;

MatrixBlocks MatrixBlocks::of(const MatrixRecurrence &recurrence, const Target &target) {
  MatrixBlocks blocks{recurrence.values, 4, 4};
  for (int64_t columns : {64, 32})
    if (recurrence.values > 64 && recurrence.values % columns == 0) {
      blocks.columns = columns;
      break;
    }
  // With 16 registers of 8 lanes four rows of 16 columns are all that fits beside a row's terms.
  if (target.vectorRegisters < 32)
    blocks.vectors = 1;
  return blocks;
}

//===----------------------------------------------------------------------===//
// Copying
//===----------------------------------------------------------------------===//

MatrixRows::MatrixRows(ElementEmitter &emitter, const MatrixRecurrence &recurrence, int64_t chunk, int64_t columns, bool forProducts)
    : chunk(chunk), columns(columns), emitter(emitter), b(emitter.b), recurrence(recurrence), forProducts(forProducts),
      lanes(emitter.team ? emitter.lanes : wholeVector) {
  queries = memory(recurrence.keys), keys = memory(recurrence.keys);
  values = memory(columns), outputs = memory(columns);
  if (recurrence.left)
    lefts = memory(recurrence.keys), rights = memory(recurrence.keys);
  if (recurrence.step)
    steps = memory(recurrence.headsOfGroup());
  if (recurrence.decay)
    decays = memory(recurrence.decaysByKey ? recurrence.keys : recurrence.headsOfGroup());
}

Value MatrixRows::memory(int64_t columns) {
  return emitter.scratch({chunk, int64_t(llvm::alignTo(columns, wholeVector))}, b.builder.getF32Type());
}

/// `vector` with zeros in the lanes that are not active.
static Value zeroInactive(LoopBuilder &b, Value vector, int64_t active) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (active == lanes)
    return vector;
  return arith::SelectOp::create(b.builder, b.loc, b.lanesBelow(b.index(0), b.index(active), lanes), vector, b.splat(0, lanes));
}

/// Calls `body` for the vectors of a row, in a team for those of the thread.
void MatrixRows::forVectors(int64_t columns, function_ref<void(Value offset, int64_t active)> body) {
  if (!emitter.team)
    return b.cover(columns, lanes, body);
  emitter.forColumns({}, b.index(0), columns, [&](Place place) { body(place.column, place.active); });
}

/// Copies columns of a row to row `at` of the scratch memory, with zeros up to a whole vector. The next group or head of the row is asked
/// for: rows lie far apart, so the processor does not see what comes.
void MatrixRows::copyRow(Value value, Value row, Value column, int64_t columns, Value scratch, Value at, Map map) {
  forVectors(columns, [&](Value offset, int64_t active) {
    Place place{row, b.add(column, offset), active};
    Value vector = map(pull(value, place), offset);
    emitter.prefetch(value, {row, b.add(place.column, columns), active});
    b.storeFloats(zeroInactive(b, vector, active), scratch, {at, offset}, lanes);
  });
}

void MatrixRows::copyRows(Value value, Value column, int64_t columns, Value scratch) {
  b.loop(b.index(0), count, 1, [&](Value at) {
    Value row = b.add(first, at);
    emitter.prepare(value, row);
    copyRow(value, row, column, columns, scratch, at, [](Value vector, Value) { return vector; });
  });
  clearRest(scratch);
}

/// Zeros in the rows that the chunk lacks.
void MatrixRows::clearRest(Value scratch) {
  if (!forProducts)
    return;
  int64_t width = cast<MemRefType>(scratch.getType()).getDimSize(1);
  b.loop(count, b.index(chunk), 1, [&](Value at) {
    b.loop(b.index(0), b.index(width), lanes, [&](Value offset) { b.storeFloats(b.splat(0, lanes), scratch, {at, offset}, lanes); });
  });
}

//===----------------------------------------------------------------------===//
// Groups and heads
//===----------------------------------------------------------------------===//

void MatrixRows::loadGroup(Value group, Value first, Value count) {
  this->first = first;
  this->count = count;
  emitter.meet(); // the rows before have been read
  Value column = b.mul(group, recurrence.keys), head = b.mul(group, recurrence.headsOfGroup());
  copyRows(recurrence.query, column, recurrence.keys, queries);
  copyRows(recurrence.key, column, recurrence.keys, keys);
  if (recurrence.left) {
    copyRows(recurrence.left, column, recurrence.keys, lefts);
    copyRows(recurrence.right, column, recurrence.keys, rights);
  }
  if (recurrence.step)
    copyRows(recurrence.step, head, recurrence.headsOfGroup(), steps);
  if (recurrence.decay && !recurrence.decaysByKey)
    loadDecays(b.index(0), head, recurrence.headsOfGroup());
  emitter.meet();
}

/// The decays of the chunk's rows, at `row` and `column` if they are fixed.
void MatrixRows::loadDecays(Value row, Value column, int64_t columns) {
  auto load = [&](Value at, Value row) {
    copyRow(recurrence.decay, row, column, columns, decays, at, [&](Value vector, Value offset) -> Value {
      Value log = b.fmul(vector, b.splat(1 / std::log(2.0), lanes));
      if (recurrence.step)
        log = b.fmul(log, b.loadFloats(steps, {at, offset}, lanes, lanes));
      if (forProducts)
        return b.fmax(log, b.splat(leastLog, lanes));
      return math::Exp2Op::create(b.builder, b.loc, log);
    });
  };
  if (recurrence.hasFixedDecay)
    emitter.prepare(recurrence.decay, row);
  b.loop(b.index(0), count, 1, [&](Value at) {
    if (recurrence.hasFixedDecay)
      return load(at, row);
    Value sequenceRow = b.add(first, at);
    emitter.prepare(recurrence.decay, sequenceRow);
    load(at, sequenceRow);
  });
}

void MatrixRows::loadHead(Value head, Value column) {
  headInGroup = b.rem(head, recurrence.headsOfGroup());
  if (recurrence.decaysByKey)
    recurrence.hasFixedDecay ? loadDecays(head, b.index(0), recurrence.keys)
                             : loadDecays({}, b.mul(head, recurrence.keys), recurrence.keys);
  Value valueColumn = b.add(b.mul(head, recurrence.values), column);
  Value skip;
  if (recurrence.skip)
    skip = b.broadcast(b.extract(pull(recurrence.skip, {b.index(0), head, 1}), 0), lanes);
  b.loop(b.index(0), count, 1, [&](Value at) {
    Value row = b.add(first, at);
    emitter.prepare(recurrence.value, row);
    Value step = recurrence.step ? b.broadcast(b.load(steps, {at, headInGroup}), lanes) : Value();
    Value bonus = recurrence.bonus ? b.broadcast(bonusOf(head, at), lanes) : Value();
    copyRow(recurrence.value, row, valueColumn, columns, values, at, [&](Value vector, Value offset) {
      Value scaled = step ? b.fmul(vector, step) : vector;
      Value output = skip ? b.fmul(vector, skip) : b.splat(0, lanes);
      b.storeFloats(bonus ? b.fma(scaled, bonus, output) : output, outputs, {at, offset}, lanes);
      return scaled;
    });
  });
  clearRest(values);
  emitter.meet();
}

/// A row's own part of an output that reads the state before: the sum of query * bonus * key.
Value MatrixRows::bonusOf(Value head, Value at) {
  int64_t lanes = emitter.lanes;
  return RowGroups(emitter, recurrence.bonus).sum(head, b.index(0), [&](Value sum, Place place) {
    Value bonus = zeroInactive(b, emitter.pull(recurrence.bonus, place), place.active);
    auto load = [&](Value scratch) { return b.loadFloats(scratch, {at, place.column}, lanes, lanes); };
    return b.fma(b.fmul(load(queries), load(keys)), bonus, sum);
  });
}

Value MatrixRows::decayOf(Value row, Value key) {
  return b.load(decays, {row, recurrence.decaysByKey ? key : headInGroup});
}
