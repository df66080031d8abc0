//===- MatrixScanSteps.cpp - a head's chunk row by row ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Without a delta term, rows of the state do not meet: a few of them, some vectors wide, stay in registers while they walk the chunk, and
// each adds its part to the outputs. So the state is read and written once a chunk.
//
// With one, a row of the sequence first reads the whole state, w = rightᵀ S. That sum is made for the next row while the state is changed
// for this one, so that a row still is one pass over the state.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/cpu/MatrixProduct.h"
#include "tenon/codegen/cpu/MatrixScan.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::codegen;

static constexpr int64_t lanes = 16;

namespace {
class MatrixSteps {
public:
  MatrixSteps(LoopBuilder &b, const MatrixRecurrence &recurrence, const MatrixBlocks &blocks, MatrixRows &rows, const MatrixState &state)
      : b(b), recurrence(recurrence), blocks(blocks), rows(rows), state(state) {}
  void emit();

private:
  /// Vectors of neighbouring columns, and how many lanes of each there are.
  struct Columns {
    Value first;
    SmallVector<int64_t> active;
  };
  void emitColumns(const Columns &columns);
  void walk(const Columns &columns, Value firstKey, int64_t keys);
  Values walkRow(const Columns &columns, Value firstKey, int64_t keys, Value row, ValueRange before);
  void changeByRank(const Columns &columns);
  Values readState(const Columns &columns, Value row);
  Values changeRow(const Columns &columns, Value row, Value next, ValueRange read);

  Values load(Value buffer, Value row, const Columns &columns);
  void store(ValueRange vectors, Value buffer, Value row, const Columns &columns);
  Values loadState(Value key, const Columns &columns);
  void storeState(ValueRange vectors, Value key, const Columns &columns);
  Value number(Value buffer, Value row, Value key) { return b.broadcast(b.load(buffer, {row, key}), lanes); }

  LoopBuilder &b;
  const MatrixRecurrence &recurrence;
  const MatrixBlocks &blocks;
  MatrixRows &rows;
  const MatrixState &state;
};
} // namespace

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Values MatrixSteps::load(Value buffer, Value row, const Columns &columns) {
  Values vectors;
  for (int64_t v = 0; v < int64_t(columns.active.size()); ++v)
    vectors.push_back(b.loadFloats(buffer, {row, b.add(columns.first, v * lanes)}, lanes, lanes));
  return vectors;
}

void MatrixSteps::store(ValueRange vectors, Value buffer, Value row, const Columns &columns) {
  for (auto [v, vector] : llvm::enumerate(vectors))
    b.storeFloats(vector, buffer, {row, b.add(columns.first, int64_t(v) * lanes)}, lanes);
}

Values MatrixSteps::loadState(Value key, const Columns &columns) {
  Values vectors;
  for (auto [v, active] : llvm::enumerate(columns.active))
    vectors.push_back(b.loadFloats(state.buffer, state.at(b, key, b.add(columns.first, int64_t(v) * lanes)), lanes, active));
  return vectors;
}

void MatrixSteps::storeState(ValueRange vectors, Value key, const Columns &columns) {
  for (auto [v, active] : llvm::enumerate(columns.active))
    b.storeFloats(vectors[v], state.buffer, state.at(b, key, b.add(columns.first, int64_t(v) * lanes)), active);
}

//===----------------------------------------------------------------------===//
// Rows of the state apart
//===----------------------------------------------------------------------===//

void MatrixSteps::emit() {
  b.cover(rows.columns, blocks.vectors * lanes, [&](Value first, int64_t count) { emitColumns({first, activeLanes(count)}); });
}

void MatrixSteps::emitColumns(const Columns &columns) {
  if (recurrence.left)
    return changeByRank(columns);
  b.cover(recurrence.keys, blocks.rows, [&](Value key, int64_t count) { walk(columns, key, count); });
}

/// Takes some rows of the state through the chunk.
void MatrixSteps::walk(const Columns &columns, Value firstKey, int64_t keys) {
  Values carried;
  for (int64_t k = 0; k < keys; ++k)
    carried.append(loadState(b.add(firstKey, k), columns));
  carried = b.loop(b.index(0), rows.count, 1, carried,
                   [&](Value row, ValueRange before) { return walkRow(columns, firstKey, keys, row, before); });
  for (int64_t k = 0; k < keys; ++k)
    storeState(ValueRange(carried).slice(k * columns.active.size(), columns.active.size()), b.add(firstKey, k), columns);
}

Values MatrixSteps::walkRow(const Columns &columns, Value firstKey, int64_t keys, Value row, ValueRange before) {
  Values values = load(rows.values, row, columns), outputs = load(rows.outputs, row, columns), after;
  Value shared = recurrence.decay && !recurrence.decaysByKey ? b.broadcast(rows.decayOf(row, firstKey), lanes) : Value();
  for (int64_t k = 0; k < keys; ++k) {
    Value key = b.add(firstKey, k), added = number(rows.keys, row, key), read = number(rows.queries, row, key);
    Value decay = recurrence.decaysByKey ? b.broadcast(rows.decayOf(row, key), lanes) : shared;
    for (auto [v, value] : llvm::enumerate(values)) {
      Value old = before[k * values.size() + v];
      Value now = b.fma(added, value, decay ? b.fmul(old, decay) : old);
      outputs[v] = b.fma(read, recurrence.readsBefore ? old : now, outputs[v]);
      after.push_back(now);
    }
  }
  store(outputs, rows.outputs, row, columns);
  return after;
}

//===----------------------------------------------------------------------===//
// Changes of rank one
//===----------------------------------------------------------------------===//

void MatrixSteps::changeByRank(const Columns &columns) {
  Values read = readState(columns, b.index(0));
  b.loop(b.index(0), rows.count, 1, read, [&](Value row, ValueRange carried) {
    // The last row makes a sum that nothing needs, of terms that are there.
    Value next = b.min(b.add(row, 1), b.sub(rows.count, b.index(1)));
    return changeRow(columns, row, next, carried);
  });
}

/// w = rightᵀ S of a row.
Values MatrixSteps::readState(const Columns &columns, Value row) {
  Values zeros(columns.active.size(), b.splat(0, lanes));
  return b.loop(b.index(0), b.index(recurrence.keys), 1, zeros, [&](Value key, ValueRange sums) {
    Value right = number(rows.rights, row, key);
    Values old = loadState(key, columns), next;
    for (auto [v, vector] : llvm::enumerate(old))
      next.push_back(b.fma(right, vector, sums[v]));
    return next;
  });
}

/// One pass over the state for a row; gives what the next row reads.
Values MatrixSteps::changeRow(const Columns &columns, Value row, Value next, ValueRange read) {
  size_t count = columns.active.size();
  Values values = load(rows.values, row, columns), carried = load(rows.outputs, row, columns);
  carried.append(count, b.splat(0, lanes));
  Value shared = recurrence.decay && !recurrence.decaysByKey ? b.broadcast(rows.decayOf(row, b.index(0)), lanes) : Value();
  carried = b.loop(b.index(0), b.index(recurrence.keys), 1, carried, [&](Value key, ValueRange sums) {
    Value added = number(rows.keys, row, key), left = number(rows.lefts, row, key), query = number(rows.queries, row, key);
    Value right = number(rows.rights, next, key);
    Value decay = recurrence.decaysByKey ? b.broadcast(rows.decayOf(row, key), lanes) : shared;
    Values states = loadState(key, columns), made(sums);
    for (auto [v, old] : llvm::enumerate(states)) {
      Value now = b.fma(left, read[v], decay ? b.fmul(old, decay) : old);
      states[v] = b.fma(added, values[v], now);
      made[v] = b.fma(query, states[v], sums[v]);
      made[count + v] = b.fma(right, states[v], sums[count + v]);
    }
    storeState(states, key, columns);
    return made;
  });
  store(ValueRange(carried).take_front(count), rows.outputs, row, columns);
  return Values(ValueRange(carried).drop_front(count));
}

void tenon::codegen::emitMatrixSteps(LoopBuilder &b, const MatrixRecurrence &recurrence, const MatrixBlocks &blocks, MatrixRows &rows,
                                     const MatrixState &state) {
  MatrixSteps(b, recurrence, blocks, rows, state).emit();
}
