//===- MatrixScan.cpp - recurrences with a matrix for each head, on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block of threads takes some columns of a head's matrix through all rows. A thread has one column of some keys in registers, every
// `parts`-th, and neighbouring lanes have the other keys of the column: sums over keys are shuffles. Some rows at a time are brought to
// shared memory by the whole block, whatever they are computed from (MatrixRows).
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/nvptx/MatrixScan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tenon/codegen/cpu/MatrixScan.h"
#include "tenon/codegen/cpu/ScanFrame.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;
using namespace tenon::codegen::nvptx;

namespace {
/// Elements of the state that a thread has, at most, as long as a warp can hold a column.
constexpr int64_t mostKeys = 16;

/// How a head's matrix is divided.
struct Division {
  int64_t columns; ///< of a block, a divisor of V
  int64_t parts;   ///< threads of a column
  int64_t keys;    ///< of a thread, the last ones of which may not exist

  static Division of(const ssm::MatrixRecurrence &recurrence) {
    int64_t parts = 1, columns = warpThreads;
    while (parts < warpThreads && llvm::divideCeil(recurrence.keys, parts) > mostKeys)
      parts *= 2;
    while (recurrence.values % columns != 0)
      columns /= 2;
    return {columns, parts, int64_t(llvm::divideCeil(recurrence.keys, parts))};
  }
  int64_t threads() const { return llvm::alignTo(columns * parts, warpThreads); }
};

class MatrixSteps {
public:
  MatrixSteps(GpuStage &stage, ScanFrame &scan, const ssm::MatrixRecurrence &recurrence, const Division &division)
      : stage(stage), scan(scan), b(stage.b), recurrence(recurrence), division(division),
        rows(stage.emitter, recurrence, scan.frame.schedule.getChunk(), division.columns, /*forProducts=*/false) {}
  void emit();

private:
  void forPlaces(function_ref<void(Place)> body);
  Values walk(ValueRange state);
  Values takeRow(Value row, ValueRange state);
  /// The thread's key number `number`, and what `make` gives if there is one, else 0.
  Value key(int64_t number) { return b.add(part, number * division.parts); }
  Value ifKey(int64_t number, function_ref<Value(Value key)> make);
  Value ofKey(Value buffer, Value row, int64_t number) {
    return ifKey(number, [&](Value key) { return b.load(buffer, {row, key}); });
  }
  Value sum(Value scalar) {
    return stage.acrossLanes(scalar, division.parts, [&](Value x, Value y) { return b.fadd(x, y); });
  }
  Value both(Value first, Value second) { return arith::AndIOp::create(b.builder, b.loc, first, second); }
  SmallVector<Value, 2> placeOf(Value key) { return {head, b.add(b.mul(key, recurrence.values), b.add(firstColumn, column))}; }

  GpuStage &stage;
  ScanFrame &scan;
  LoopBuilder &b;
  const ssm::MatrixRecurrence &recurrence;
  const Division &division;
  MatrixRows rows;
  Value head, firstColumn; ///< of the block
  Value part, column;      ///< of the thread; the column is one of the block's
  Value hasColumn;         ///< whether the thread is one of the column's, and not a spare one
};
} // namespace

Value MatrixSteps::ifKey(int64_t number, function_ref<Value(Value key)> make) {
  if ((number + 1) * division.parts <= recurrence.keys)
    return make(key(number));
  return b.either(b.less(key(number), b.index(recurrence.keys)), [&] { return make(key(number)); }, [&] { return b.scalar(0); });
}

/// Calls `body` for the block's places of the state.
void MatrixSteps::forPlaces(function_ref<void(Place)> body) {
  b.loop(b.index(0), b.index(recurrence.keys), 1, [&](Value key) {
    scan.emitter.forColumns(head, b.add(b.mul(key, recurrence.values), firstColumn), division.columns, body);
  });
}

void MatrixSteps::emit() {
  int64_t blocksOfHead = recurrence.values / division.columns;
  head = b.div(stage.block(0), blocksOfHead);
  firstColumn = b.mul(b.rem(stage.block(0), blocksOfHead), division.columns);
  part = b.rem(stage.thread(), division.parts);
  Value place = b.div(stage.thread(), division.parts);
  column = b.min(place, b.index(division.columns - 1));
  hasColumn = b.less(place, b.index(division.columns));
  scan.moveState(0, [&](function_ref<void(Place)> move) { forPlaces(move); });
  scan.emitter.meet();
  Value memory = scan.movedState(0), all = scan.rows();
  int64_t chunk = scan.frame.schedule.getChunk();
  Values state;
  for (int64_t number = 0; number < division.keys; ++number)
    state.push_back(ifKey(number, [&](Value key) { return b.load(memory, placeOf(key)); }));
  state = b.loop(b.index(0), all, chunk, state, [&](Value first, ValueRange before) {
    Value count = b.min(b.sub(all, first), b.index(chunk));
    rows.loadGroup(b.div(head, recurrence.headsOfGroup()), first, count);
    rows.loadHead(head, firstColumn);
    Values after = walk(before);
    scan.emitter.meet();
    scan.writeColumns(first, count, b.add(b.mul(head, recurrence.values), firstColumn), division.columns, rows.outputs);
    return after;
  });
  scan.emitter.meet(); // spare threads have read the last column
  for (int64_t number = 0; number < division.keys; ++number) {
    Value exists = hasColumn;
    if ((number + 1) * division.parts > recurrence.keys)
      exists = both(exists, b.less(key(number), b.index(recurrence.keys)));
    b.when(exists, [&] { b.store(state[number], memory, placeOf(key(number))); });
  }
  if (!scan.hasOtherTargets(0))
    return;
  scan.emitter.meet();
  forPlaces([&](Place place) { scan.storeState(0, scan.loadState(0, place), place); });
}

/// Takes the thread's part of the state through the rows in shared memory.
Values MatrixSteps::walk(ValueRange state) {
  return b.loop(b.index(0), rows.count, 1, state, [&](Value row, ValueRange before) { return takeRow(row, before); });
}

Values MatrixSteps::takeRow(Value row, ValueRange state) {
  Value value = b.load(rows.values, {row, column}), read;
  if (recurrence.left) {
    read = b.scalar(0);
    for (int64_t number = 0; number < division.keys; ++number)
      read = b.fma(ofKey(rows.rights, row, number), state[number], read);
    read = sum(read);
  }
  Value shared = recurrence.decay && !recurrence.decaysByKey ? rows.decayOf(row, part) : Value();
  Value output = b.scalar(0);
  Values after;
  for (int64_t number = 0; number < division.keys; ++number) {
    Value old = state[number], now = old;
    if (recurrence.decaysByKey)
      now = b.fmul(old, ifKey(number, [&](Value key) { return rows.decayOf(row, key); }));
    else if (shared)
      now = b.fmul(old, shared);
    if (recurrence.left)
      now = b.fma(ofKey(rows.lefts, row, number), read, now);
    now = b.fma(ofKey(rows.keys, row, number), value, now);
    output = b.fma(ofKey(rows.queries, row, number), recurrence.readsBefore ? old : now, output);
    after.push_back(now);
  }
  output = sum(output);
  b.when(both(hasColumn, b.same(part, 0)), [&] {
    b.store(b.fadd(b.load(rows.outputs, {row, column}), output), rows.outputs, {row, column});
  });
  return after;
}

LogicalResult tenon::codegen::nvptx::emitMatrixScan(GpuKernelFrame &frame, const ssm::MatrixRecurrence &recurrence,
                                                    tile::ScheduleAttr schedule) {
  Division division = Division::of(recurrence);
  StageShape shape;
  shape.threads[0] = division.threads();
  shape.grid[0] = recurrence.heads * (recurrence.values / division.columns);
  return frame.stage(shape, /*lanes=*/1, [&](GpuStage &stage) -> LogicalResult {
    BlockTeam team(stage);
    stage.emitter.team = &team;
    KernelFrame inner{frame.kernel, frame.target, schedule, stage.block(0), stage.b.index(shape.grid[0]), stage.sinks};
    ScanFrame scan(inner, stage.emitter, cast<ssm::RecurrenceOpInterface>(recurrence.op));
    if (failed(scan.prepare()))
      return failure();
    for (const Sink &sink : stage.sinks)
      if (sink.step == tile::activationBlock && division.columns % sink.step != 0)
        return frame.kernel.emitError("kernel for a GPU: expects blocks of rounded activations within the columns of a head");
    MatrixSteps(stage, scan, recurrence, division).emit();
    stage.emitter.team = nullptr;
    return success();
  });
}
